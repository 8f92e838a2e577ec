// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <support/fast_math.hpp>
#include <support/ulp.hpp>

using namespace detent_test;

TEST_CASE("ulp: the unit in the last place is the spacing of neighbours") {
  for (float x : {1.0f, 1.5f, 1.9999999f, 2.0f, 0.1f, 3e38f, 1.17549435e-38f}) {
    float const next = std::nextafter(x, std::numeric_limits<float>::infinity());
    CHECK(unit_in_last_place<float>(x) == static_cast<long double>(next) - x);
  }
  for (double x : {1.0, 0.1, 1e300, -7.0}) {
    double const next = std::nextafter(std::fabs(x), 1e308);
    CHECK(unit_in_last_place<double>(x) == static_cast<long double>(next) - std::fabs(x));
  }
}

TEST_CASE("ulp: near zero the unit is the smallest denormal") {
  CHECK(unit_in_last_place<float>(0) == 0x1p-149L);
  CHECK(unit_in_last_place<float>(1e-42L) == 0x1p-149L);
  CHECK(unit_in_last_place<float>(1e-100L) == 0x1p-149L);
  CHECK(unit_in_last_place<double>(0) == 0x1p-1074L);
}

TEST_CASE("ulp: an error of one unit counts as one, of either sign") {
  CHECK(ulp_error(1.0f + 0x1p-23f, 1.0L) == 1.0);
  CHECK(ulp_error(1.0f, 1.0L) == 0.0);
  CHECK(ulp_error(1.0f, 1.0L + 0x1p-24L) == 0.5);
  CHECK(ulp_error(-1.0, -1.0L - 0x1p-52L) == 1.0);
  CHECK(ulp_error(0.0f, 0x1p-150L) == 0.5);
}

TEST_CASE("ulp: relative error") {
  CHECK(relative_error(1.5L, 1.0L) == 0.5);
  CHECK(relative_error(-0.5L, -1.0L) == 0.5);
  CHECK(relative_error(0, 0) == 0.0);
}

TEST_CASE("ulp: the worst of many errors and its place") {
  worst w;
  CHECK(w.error() == 0.0);
  w.observe(1, 10);
  w.observe(3, 30);
  w.observe(2, 20);
  CHECK(w.error() == 3.0);
  CHECK(w.at() == 30.0);
}

TEST_CASE("ulp: a NaN is worse than any error" * doctest::skip(fast_math)) {
  worst w;
  w.observe(5, 1);
  w.observe(std::numeric_limits<double>::quiet_NaN(), 2);
  w.observe(7, 3);
  CHECK(is_nan(w.error()));
  CHECK(w.at() == 2.0);
}

TEST_CASE("fast_math: NaN and sign are told by the bits") {
  CHECK(is_nan(std::bit_cast<float>(0x7fc00000u)));
  CHECK(is_nan(std::bit_cast<double>(0xfff8000000000000u)));
  CHECK_FALSE(is_nan(std::bit_cast<float>(0x7f800000u)));
  CHECK_FALSE(is_nan(1.0));
  CHECK_FALSE(same_bits(0.0f, -0.0f));
  CHECK(same_bits(-0.0, -0.0));
}
