// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/math/rounding.hpp>
#include <initializer_list>
#include <limits>
#include <support/fast_math.hpp>
#include <support/random.hpp>

using namespace detent_test;

TEST_CASE("round_half_even: ties go to the even integer") {
  float const from[] = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 0.49999997f, 8388607.5f, 3.0f};
  float const to[] = {0.0f, 2.0f, 2.0f, 0.0f, -2.0f, -2.0f, 0.0f, 8388608.0f, 3.0f};
  for (int i = 0; i < 9; ++i) {
    CHECK(detent::round_half_even(from[i]) == to[i]);
    CHECK(detent::round_half_even(static_cast<double>(from[i])) == static_cast<double>(to[i]));
  }
  CHECK(detent::round_half_even(1e30f) == 1e30f);
  CHECK(detent::round_half_even(4503599627370495.5) == 4503599627370496.0);
}

TEST_CASE("round_half_even: within one half of the argument") {
  random_numbers r(1);
  for (int i = 0; i < 10000; ++i) {
    double const x = r.between(-1000, 1000);
    double const n = detent::round_half_even(x);
    REQUIRE(n == std::floor(n));
    REQUIRE(std::fabs(n - x) <= 0.5);
  }
}

TEST_CASE("fma: one rounding, where a product and a sum would lose everything") {
  float const x = 1.0f + 0x1p-12f;
  CHECK(detent::fma(x, x, -(1.0f + 0x1p-11f)) == 0x1p-24f);
  double const y = 1.0 + 0x1p-30;
  CHECK(detent::fma(y, y, -(1.0 + 0x1p-29)) == 0x1p-60);
}

TEST_CASE("absolute, with_sign and flip_sign look at the sign bit alone") {
  CHECK(detent::absolute(-3.5f) == 3.5f);
  CHECK(same_bits(detent::absolute(-0.0), 0.0));
  CHECK(detent::with_sign(-2.0f, 5.0f) == 2.0f);
  CHECK(detent::with_sign(2.0, -5.0) == -2.0);
  CHECK(detent::flip_sign(-2.0f, 5.0f) == -2.0f);
  CHECK(detent::flip_sign(-2.0f, -5.0f) == 2.0f);
  CHECK(detent::flip_sign(2.0, -5.0) == -2.0);
  CHECK(same_bits(detent::with_sign(1.0f, -0.0f), -1.0f));
  CHECK(same_bits(detent::flip_sign(0.0, -0.0), -0.0));
}

TEST_CASE("clip: limits to the closed interval") {
  CHECK(detent::clip(0.5f, -1.0f, 1.0f) == 0.5f);
  CHECK(detent::clip(-1.5f, -1.0f, 1.0f) == -1.0f);
  CHECK(detent::clip(7.0, -1.0, 1.0) == 1.0);
  CHECK(detent::clip(1.0, 1.0, 1.0) == 1.0);
  static_assert(detent::clip(3.0, 0.0, 2.0) == 2.0);
}

TEST_CASE("clip: NaN stays NaN, infinity is limited" * doctest::skip(fast_math)) {
  CHECK(is_nan(detent::clip(std::numeric_limits<float>::quiet_NaN(), 0.0f, 1.0f)));
  CHECK(detent::clip(std::numeric_limits<double>::infinity(), 0.0, 1.0) == 1.0);
  CHECK(detent::clip(-std::numeric_limits<double>::infinity(), 0.0, 1.0) == 0.0);
}

TEST_CASE("keep_if: the number or zero") {
  CHECK(detent::keep_if(true, -2.5f) == -2.5f);
  CHECK(same_bits(detent::keep_if(false, -2.5f), 0.0f));
  CHECK(detent::keep_if(true, 1e300) == 1e300);
  CHECK(same_bits(detent::keep_if(false, -1e300), 0.0));
}

TEST_CASE("keep_if: drops a NaN where the condition fails" * doctest::skip(fast_math)) {
  CHECK(same_bits(detent::keep_if(false, std::numeric_limits<float>::quiet_NaN()), 0.0f));
  CHECK(is_nan(detent::keep_if(true, std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("rounding: the larger and the smaller of two") {
  CHECK(detent::larger(1.0f, 2.0f) == 2.0f);
  CHECK(detent::larger(2.0f, 1.0f) == 2.0f);
  CHECK(detent::larger(1.0, 2.0) == 2.0);
  CHECK(detent::larger(2.0, 1.0) == 2.0);
  CHECK(detent::smaller(1.0f, 2.0f) == 1.0f);
  CHECK(detent::smaller(2.0f, 1.0f) == 1.0f);
  CHECK(detent::smaller(1.0, 2.0) == 1.0);
  CHECK(detent::smaller(2.0, 1.0) == 1.0);
}
