// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// LSQ: levels, both gradients by the formula, and a step that learns.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/quantizer/lsq.hpp>
#include <detent/training/positive.hpp>
#include <limits>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;

TEST_CASE("lsq: levels are s times the rounded, clipped quotient") {
  auto const q = lsq::weights(bits{3}, step_size{0.25});
  CHECK(q(0.3) == 0.25);
  CHECK(q(-5.0) == -1.0);
  CHECK(q(5.0) == 0.75);
  auto const a = lsq::activations(bits{2}, step_size{0.5});
  CHECK(a(-1.0) == 0.0);
  CHECK(a(9.0) == 1.5);
}

TEST_CASE("lsq: the step's gradient is the paper's, inside and beyond either end") {
  for (int b = 1; b <= 8; ++b) {
    double const s = 0.11;
    auto const q = lsq::weights(bits{b}, step_size{s});
    double const lowest = q.grid().lowest_code(), highest = q.grid().highest_code();
    int inside = 0, beyond = 0;
    for (double const w : tensors::random<double>(3000, 4, 0.11 * 1.5 * (highest + 2))) {
      double const u = w / s;
      if (std::fabs(u - std::floor(u) - 0.5) < 1e-9) continue;
      auto const p = q.backward(w, 2.0);
      bool const clipped = u < lowest || u > highest;
      double const expected = clipped ? std::clamp(u, lowest, highest) : std::nearbyint(u) - u;
      CHECK(std::fabs(p.theta[0] - 2 * expected) < 1e-11);
      CHECK(p.gradient == (clipped ? 0 : 2));
      ++(clipped ? beyond : inside);
    }
    CHECK(beyond > 100);
    CHECK((b == 1 || inside > 100));
  }
}

TEST_CASE("lsq: beyond the ends the gradient is the exact derivative of the level") {
  double const s = 0.3, h = 1e-6;
  for (double const w : {-7.0, 6.0}) {
    auto const at = [&](double step) { return lsq::weights(bits{4}, step_size{step})(w); };
    double const difference = (at(s + h) - at(s - h)) / (2 * h);
    CHECK(std::fabs(lsq::weights(bits{4}, step_size{s}).backward(w, 1.0).theta[0] - difference) <
          1e-8);
  }
}

TEST_CASE("lsq: backward sums the step's gradient over a tensor in one pass") {
  auto const w = tensors::random<float>(5000, 9), up = tensors::random<float>(5000, 10);
  auto const q = lsq::weights(bits{3}, step_size{0.4});
  std::vector<float> g(w.size());
  auto const r = backward(q, w, up, g);
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i)
    sum += static_cast<double>(q.backward(w[i], up[i]).theta[0]);
  CHECK(std::fabs(r.theta[0] - sum) < 1e-4 * (1 + std::fabs(sum)));
}

TEST_CASE("lsq: a step learned from the error of rounding finds a good one") {
  auto const w = tensors::random<float>(4000, 2, 1.0);
  auto const error_of = [&](step_size s) {
    auto const q = lsq::weights(bits{3}, s);
    double sum = 0;
    for (float const x : w)
      sum += std::pow(static_cast<double>(q(x) - x), 2);
    return sum;
  };
  positive s(lsq::start(3, reduce(magnitude{}, w)).value());
  double const before = error_of(step_size{s.value()});
  std::vector<float> levels(w.size()), up(w.size()), g(w.size());
  for (int i = 0; i < 300; ++i) {
    auto const q = lsq::weights(bits{3}, step_size{s.value()});
    quantize(q, w, levels);
    for (std::size_t k = 0; k < w.size(); ++k)
      up[k] = 2 * (levels[k] - w[k]);
    s.descend(backward(q, w, up, g).theta[0] * q.gradient_scale(w.size()), 0.05);
  }
  double const after = error_of(step_size{s.value()});
  CHECK(after < 0.5 * before);
  CHECK(after < 1.05 * error_of(step_size{0.26}));  // near the best for even weights in [-1, 1]
}

TEST_CASE("lsq: NaN passes through, grids with another phase and empty statistics are refused") {
  auto const q = lsq::weights(bits{2}, step_size{1});
  float const not_a_number = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(q(not_a_number)));
  CHECK(std::isnan(q.backward(0.25f, not_a_number).theta[0]));
  CHECK(tensors::message_of([] { (void)lsq(dorefa_grid(bits{2})); }) ==
        "detent: grid of lsq: has phase 0.5; 0 is needed");
  CHECK(tensors::message_of([] {
          (void)lsq::start(1, magnitude{});
        }).starts_with("detent: step: is 0"));
}

TEST_CASE("lsq: the scale of the step's gradient is 1/√(N·Qp)") {
  CHECK(lsq::weights(bits{4}, step_size{0.1}).gradient_scale(28) == 1.0 / 14);     // √(28·7)
  CHECK(lsq::activations(bits{2}, step_size{0.1}).gradient_scale(12) == 1.0 / 6);  // √(12·3)
  CHECK(lsq::weights(bits{1}, step_size{0.1}).gradient_scale(16) == 1.0 / 4);
  CHECK(lsq::weights(bits{1}, step_size{0.1}).gradient_scale(0) == 1.0);
}
