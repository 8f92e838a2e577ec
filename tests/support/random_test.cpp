// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <support/random.hpp>

using detent_test::random_numbers;

TEST_CASE("random: known answers of SplitMix64") {
  random_numbers r(1234567);
  CHECK(r.bits() == 6457827717110365317u);
  CHECK(r.bits() == 3203168211198807973u);
  CHECK(r.bits() == 9817491932198370423u);
}

TEST_CASE("random: the unit interval is half open and filled evenly") {
  random_numbers r(1);
  int below_half = 0;
  for (int i = 0; i < 10000; ++i) {
    double const x = r.unit();
    REQUIRE((x >= 0 && x < 1));
    below_half += x < 0.5;
  }
  // Four standard deviations of 50.
  CHECK(below_half > 4800);
  CHECK(below_half < 5200);
}

TEST_CASE("random: integers reach both ends and no further") {
  random_numbers r(2);
  bool low = false, high = false;
  for (int i = 0; i < 1000; ++i) {
    int const n = r.integer(-3, 4);
    REQUIRE((n >= -3 && n <= 4));
    low = low || n == -3;
    high = high || n == 4;
  }
  CHECK(low);
  CHECK(high);
}

TEST_CASE("random: numbers have the exponent that was asked for") {
  random_numbers r(3);
  bool negative = false, positive = false;
  for (int exponent = -126; exponent <= 127; ++exponent) {
    float const x = r.with_exponent<float>(exponent);
    REQUIRE(std::ilogb(x) == exponent);
    negative = negative || x < 0;
    positive = positive || x > 0;
  }
  CHECK(negative);
  CHECK(positive);
  for (int exponent : {-1022, -30, 0, 1023}) {
    CHECK(std::ilogb(r.with_exponent<double>(exponent)) == exponent);
  }
}
