// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The range that relaxed quantizers start from: the formula, and what has no range.

#include <doctest/doctest.h>

#include <cmath>
#include <detent/algorithm/reduce.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/noisy_range.hpp>
#include <detent/quantizer/semi_relaxed.hpp>
#include <limits>
#include <string>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;

namespace {

magnitude of(std::vector<double> const& w) {
  return reduce(magnitude{}, w);
}

bool close(double a, double b) {
  return std::fabs(a - b) <= 1e-15 * std::fabs(b);
}

}  // namespace

TEST_CASE("noisy_range: step and noise are the formula's") {
  for (int b = 1; b <= 8; ++b) {
    CAPTURE(b);
    double const codes = std::pow(2.0, b), t = 1.25 + 0.75;
    auto const r = noisy_range::weights(bits{b}, of({0.5, -1.25, 0.75, 0.1}));
    CHECK(close(r.step.value(), t / codes + 3 * t / (codes * codes)));
    CHECK(close(r.noise, r.step.value() / 3));
    auto const a = noisy_range::activations(bits{b}, of({0.5, 0.25, 0.75, 0.1}));
    CHECK(close(a.step.value(), 0.75 / codes + 3 * 0.75 / (codes * codes)));
    CHECK(close(a.noise, a.step.value() / 3));
  }
  // Two bits of the range 2, by hand: 2/4 + 6/16.
  CHECK(noisy_range::weights(bits{2}, of({-1, 1})).step.value() == 0.875);
}

TEST_CASE("noisy_range: the cells of the levels cover the range and 3/2^b of it more") {
  auto const w = tensors::random<float>(4000, 9, 0.5);
  auto const m = reduce(magnitude{}, w);
  for (int b = 2; b <= 8; ++b) {
    auto const r = noisy_range::weights(bits{b}, m);
    semi_relaxed<> const q(twos_complement_grid(bits{b}, r.step), r.noise);
    double const covered = q.grid().size() * q.grid().step();
    CHECK(close(covered, (m.largest() - m.smallest()) * (1 + 3.0 / (1 << b))));
  }
}

TEST_CASE("noisy_range: a tensor without a range is refused, naming what is wrong") {
  double const infinite = std::numeric_limits<double>::infinity();
  auto const message = [](auto make, std::vector<double> const& w) -> std::string {
    return tensors::message_of([&] { (void)make(bits{3}, of(w)); });
  };
  for (auto const make : {noisy_range::weights, noisy_range::activations}) {
    CHECK(message(make, {}) == "detent: magnitude of a range: has observed nothing");
    for (double const x : {infinite, -infinite, std::numeric_limits<double>::quiet_NaN()})
      CHECK(message(make, {1, x, -1}).starts_with("detent: largest magnitude of a range: is not"));
    CHECK(message(make, {1e-33, 0, 2e-33}).starts_with("detent: step: is below"));
    CHECK(message(make, {0, 0}).ends_with(": is 0; a finite number above 0 is needed"));
    CHECK(message(make, {0, 1}).empty());
  }
  CHECK(message(noisy_range::weights, {0.3, 0.3}).starts_with("detent: max w - min w: is 0"));
  CHECK(message(noisy_range::weights, {-1.7e308, 1.7e308})
            .starts_with("detent: max w - min w: is not finite"));
  CHECK(message(noisy_range::activations, {0.3, 0.3}).empty());
  CHECK(message(noisy_range::activations, {-0.3, -0.2}).starts_with("detent: max x: is -0.2"));
}
