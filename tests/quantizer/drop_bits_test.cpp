// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// DropBits: masked levels, gradients of every parameter against differences, limits.

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <detent/algorithm/backward.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/drop_bits.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/quantizer/semi_relaxed.hpp>
#include <detent/regularizer/bit_gates.hpp>
#include <limits>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;

namespace {

using gates = std::array<double, 2>;

/// α n_m π_m by the definition, for a held level m.
long double output(double step, double noise, gates const& masks, double x, int m) {
  bit_gates const nested(bits{4});
  auto const logistic = [&](long double c) { return 1 / (1 + std::exp(-(c - x) / noise)); };
  long double sum = 0, chosen = 0;
  for (int n = -8; n < 8; ++n) {
    int const k = nested.gate_of(n);
    long double const below = step * (n - 0.5L), above = step * (n + 0.5L);
    long double const share = below > x ? logistic(2 * x - below) - logistic(2 * x - above)
                                        : logistic(above) - logistic(below);
    long double const z = k < 0 ? 1 : masks[static_cast<std::size_t>(k)];
    sum += z * share;
    if (n == m) chosen = z * share;
  }
  return step * m * chosen / sum;
}

}  // namespace

TEST_CASE("drop_bits: with open gates it is semi-relaxed quantization") {
  drop_bits<2> const q(bits{4}, step_size{0.2}, 0.07, {1, 1});
  semi_relaxed<> const plain(twos_complement_grid(bits{4}, step_size{0.2}), 0.07);
  for (double const x : tensors::random<double>(500, 3, 2.0)) {
    auto const a = q.backward(x, 1.5);
    auto const b = plain.backward(x, 1.5);
    CHECK(q(x) == plain(x));
    CHECK(std::fabs(a.gradient - b.gradient) < 1e-10);
    CHECK(std::fabs(a.theta[0] - b.theta[0]) < 1e-10);
    CHECK(std::fabs(a.theta[1] - b.theta[1]) < 1e-9);
  }
}

TEST_CASE("drop_bits: with shut gates it is quantization with the bits that are left") {
  drop_bits<2> const none(bits{4}, step_size{0.2}, 0.07, {0, 0});
  drop_bits<2> const lower(bits{4}, step_size{0.2}, 0.07, {1, 0});
  rounding const two(twos_complement_grid(bits{2}, step_size{0.2}));
  rounding const three(twos_complement_grid(bits{3}, step_size{0.2}));
  for (double const x : tensors::random<double>(500, 4, 4.0)) {
    double const u = x / 0.2;
    if (std::fabs(u - std::floor(u) - 0.5) < 1e-3) continue;
    CHECK(none(x) == two(x));
    CHECK(lower(x) == three(x));
    CHECK(none.code(x) == two.code(x));
  }
}

TEST_CASE("drop_bits: every gradient is the derivative for the held level") {
  double const h = 1e-6;
  for (gates const& masks : {gates{1, 1}, gates{0.7, 0.3}, gates{0.2, 0.9}, gates{0.5, 0.02}}) {
    for (double const noise : {0.05, 0.2}) {
      double const step = 0.25;
      drop_bits<2> const q(bits{4}, step_size{step}, noise, masks);
      for (double x = -2.3; x < 2.3; x += 0.171) {
        CAPTURE(x);
        CAPTURE(noise);
        int const m = q.code(x);
        auto const p = q.backward(x, 2.0);
        auto const slope = [&](double dx, double da, double ds, gates const& dz) {
          auto const at = [&](double t) {
            return output(step + t * da, noise + t * ds,
                          {masks[0] + t * dz[0], masks[1] + t * dz[1]}, x + t * dx, m);
          };
          return static_cast<double>((at(h) - at(-h)) / h);  // twice: of upstream 2
        };
        double const straight =
            2 * m *
            static_cast<double>(1 - (m == 0 ? 1
                                            : output(step, noise, masks, x, m) /
                                                  (static_cast<long double>(step) * m)));
        auto const close = [](double a, double b) {
          return std::fabs(a - b) <= 2e-6 * (1 + std::fabs(a));
        };
        CHECK(close(p.gradient, slope(1, 0, 0, {0, 0})));
        CHECK(close(p.theta[0], slope(0, 1, 0, {0, 0}) + straight));
        CHECK(close(p.theta[1], slope(0, 0, 1, {0, 0})));
        CHECK(close(p.theta[2], slope(0, 0, 0, {1, 0})));
        CHECK(close(p.theta[3], slope(0, 0, 0, {0, 1})));
      }
    }
  }
}

TEST_CASE("drop_bits: sound far outside, with shut gates and any noise") {
  for (double const noise : {1e-6, 0.01, 1.0, 100.0}) {
    for (gates const& masks : {gates{1, 1}, gates{0, 0}, gates{0.001, 0}, gates{0, 0.5}}) {
      drop_bits<2> const q(bits{4}, step_size{1}, noise, masks);
      for (float const x : {-1e30f, -300.0f, -8.5f, -2.5f, 0.0f, 1.5f, 7.5f, 300.0f, 1e30f}) {
        CAPTURE(noise);
        CAPTURE(x);
        auto const p = q.backward(x, 1.0f);
        CHECK(std::isfinite(p.gradient));
        for (float const t : p.theta)
          CHECK(std::isfinite(t));
      }
    }
  }
  drop_bits<2> const q(bits{4}, step_size{1}, 0.3, {1, 1});
  CHECK(std::isnan(q(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("drop_bits: backward sums the masks' gradients over a tensor; it goes to the logits") {
  auto const w = tensors::random<float>(2000, 1), up = tensors::random<float>(2000, 2);
  bit_gates nested(bits{4}, bits{2}, 0.6);
  auto const draws = nested.sample(philox_draws{1, 2, 3});
  drop_bits<2> const q(bits{4}, step_size{0.2}, 0.07, {draws[0].mask, draws[1].mask});
  std::vector<float> g(w.size());
  auto const r = backward(q, w, up, g);
  double by_mask = 0;
  for (std::size_t i = 0; i < w.size(); ++i)
    by_mask += static_cast<double>(q.backward(w[i], up[i]).theta[3]);
  CHECK(std::fabs(r.theta[3] - by_mask) < 1e-3 * (1 + std::fabs(by_mask)));
  nested.descend(std::vector<double>{r.theta[2] * draws[0].slope, r.theta[3] * draws[1].slope},
                 0.01);
  CHECK(std::isfinite(nested.expected_bits()));
}

TEST_CASE("drop_bits: nonsense is refused") {
  auto const message = [](int b, double noise, gates const& masks) {
    return tensors::message_of([&] { (void)drop_bits<2>(bits{b}, step_size{1}, noise, masks); });
  };
  CHECK(message(4, 0.3, {1, 1}).empty());
  CHECK(message(4, 0, {1, 1}).starts_with("detent: noise"));
  CHECK(message(4, 0.3, {1, 1.5}) == "detent: mask: is 1.5; it lies in [0, 1]");
  CHECK(message(4, 0.3, {std::numeric_limits<double>::quiet_NaN(), 1}).starts_with("detent: mask"));
  CHECK(message(2, 0.3, {1, 1}).starts_with("detent: bits of drop_bits: is 2"));
  CHECK(message(11, 0.3, {1, 1}).starts_with("detent: bits of drop_bits: is 11"));
}
