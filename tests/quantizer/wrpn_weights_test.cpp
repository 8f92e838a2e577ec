// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// WRPN weights against the paper's formula, zero as a level, and bad inputs.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <detent/quantizer/wrpn_weights.hpp>
#include <limits>
#include <set>
#include <support/tensors.hpp>

using detent::bits;
using detent::wrpn_weights;

namespace {

template <class T>
void check(int b, double range) {
  wrpn_weights const q{bits{b}, range};
  double const highest = std::exp2(b - 1) - 1.0;
  double const epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  int compared = 0;
  for (T const x : tensors::random<T>(3000, 4, 2.0 * range)) {
    double const w = static_cast<double>(x);
    double const steps = highest * std::clamp(w / range, -1.0, 1.0);
    bool const inside = std::abs(w) < range;
    if (inside && std::abs(steps - std::floor(steps) - 0.5) < 4.0 * epsilon * highest) continue;
    ++compared;
    double const want = std::nearbyint(steps) / highest * range;
    CHECK(std::abs(static_cast<double>(q(x)) - want) <= 1.5 * epsilon * std::abs(want));
    CHECK(static_cast<double>(q.code(x)) == std::nearbyint(steps));
    CHECK(q.backward(x, T(1.5)).gradient == (inside ? T(1.5) : T(0)));
  }
  CHECK(compared > 2900);
}

}  // namespace

TEST_CASE("wrpn_weights: agrees with the formula for 2 to 8 bits") {
  for (int b = 2; b <= 8; ++b) {
    for (double const range : {1.0, 0.13, 2.5}) {
      check<float>(b, range);
      check<double>(b, range);
    }
  }
}

TEST_CASE("wrpn_weights: all 2^b - 1 levels are reached, zero among them") {
  for (int b = 2; b <= 8; ++b) {
    wrpn_weights const q{bits{b}, 0.9};
    std::set<float> levels;
    for (int i = -20000; i <= 20000; ++i)
      levels.insert(q(static_cast<float>(i) * 5e-5f));
    CHECK(levels.size() == (std::size_t{1} << b) - 1);
    CHECK(levels.count(0.0f) == 1);
    CHECK(*levels.rbegin() == 0.9f);
    CHECK(*levels.begin() == -0.9f);
  }
}

TEST_CASE("wrpn_weights: rejects one bit and a range that is not above 0") {
  CHECK(tensors::message_of([] { wrpn_weights(bits{1}); }) ==
        "detent: bits of a WRPN grid: is 1; allowed are 2 to 16");
  CHECK(tensors::message_of([] { wrpn_weights(bits{2}, -2.0); }) ==
        "detent: range: is -2; a finite number above 0 is needed");
  CHECK(tensors::message_of([] {
          wrpn_weights(bits{2}, std::numeric_limits<double>::quiet_NaN());
        }) == "detent: range: is not finite; a finite number above 0 is needed");
}
