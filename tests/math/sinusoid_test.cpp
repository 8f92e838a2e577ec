// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <detent/math/sinusoid.hpp>
#include <goldens/sinusoid.hpp>
#include <limits>
#include <numbers>
#include <support/fast_math.hpp>
#include <support/random.hpp>
#include <support/ulp.hpp>

using namespace detent;
using namespace detent_test;

namespace {

struct reference {
  long double square, sine;
};

/// sin²(πu) and sin(2πu) in long double: the reduction is exact, and the zeros at ½ are reached by
/// an exact subtraction.
reference exact_sinusoid(long double u) {
  long double const r = u - std::nearbyint(u);
  long double const a = std::fabs(r);
  long double const t = a < 0.25L ? a : 0.5L - a;
  long double const pi = std::numbers::pi_v<long double>;
  long double const s = std::sin(pi * t), c = std::cos(pi * t);
  long double const sine = 2 * s * c;
  return {a < 0.25L ? s * s : c * c, std::signbit(r) ? -sine : sine};
}

struct worst_pair {
  worst square, sine;

  template <class T>
  void observe(T u) {
    auto const x = sinusoid(u);
    auto const exact = exact_sinusoid(u);
    square.observe(ulp_error(x.square, exact.square), static_cast<double>(u));
    sine.observe(ulp_error(x.sine, exact.sine), static_cast<double>(u));
  }
};

void check(worst_pair const& found) {
  CAPTURE(found.square.at());
  CHECK(found.square.error() <= sinusoid_ulp_bound);
  CAPTURE(found.sine.at());
  CHECK(found.sine.error() <= sinusoid_ulp_bound);
}

/// With -ffast-math denormals may be flushed; the square of 2^-60 is well above them.
constexpr int lowest_exponent_float = fast_math ? -55 : -149;
constexpr int lowest_exponent_double = fast_math ? -500 : -1074;

template <class T>
worst_pair sweep_exponents(int lowest, int highest, int samples, std::uint64_t seed) {
  random_numbers r(seed);
  worst_pair found;
  for (int exponent = lowest; exponent <= highest; ++exponent) {
    for (int i = 0; i < samples; ++i)
      found.observe(r.with_exponent<T>(exponent));
  }
  return found;
}

}  // namespace

TEST_CASE("sinusoid: the error bound is not above what the contract allows") {
  CHECK(sinusoid_ulp_bound <= 2.0);
}

TEST_CASE("sinusoid: within the bound in float over all exponents up to 2^20") {
  check(sweep_exponents<float>(lowest_exponent_float, 19, 6000, 1));
}

TEST_CASE("sinusoid: within the bound in double over all exponents up to 2^20") {
  check(sweep_exponents<double>(lowest_exponent_double, 19, 400, 2));
}

TEST_CASE("sinusoid: within the bound on a dense walk over one period in float") {
  worst_pair found;
  // Every 29th float of [2^-4, 1], where the polynomials are used to their ends.
  for (auto bits = std::bit_cast<std::uint32_t>(0x1p-4f); bits <= 0x3f800000u; bits += 29) {
    found.observe(std::bit_cast<float>(bits));
  }
  check(found);
}

TEST_CASE("sinusoid: within the bound on a dense walk over one period in double") {
  worst_pair found;
  random_numbers r(3);
  for (int i = 0; i < 400000; ++i)
    found.observe(r.between(-0.5, 0.5));
  check(found);
}

TEST_CASE("sinusoid: within the bound beside the quarters, zeros and integers") {
  worst_pair in_float, in_double;
  for (float quarter : {0.125f, 0.25f, 0.375f, 0.5f, 0.625f, 0.75f, 1.0f, 7.0f, 1000.25f, 65536.5f,
                        1048575.5f, 1048576.0f}) {
    float above = quarter, below = quarter;
    double above_double = quarter, below_double = quarter;
    for (int i = 0; i < 2000; ++i) {
      for (float u : {above, below, -above, -below})
        in_float.observe(u);
      for (double u : {above_double, below_double, -above_double, -below_double})
        in_double.observe(u);
      above = std::nextafter(above, 2e6f);
      below = std::nextafter(below, 0.0f);
      above_double = std::nextafter(above_double, 2e6);
      below_double = std::nextafter(below_double, 0.0);
    }
  }
  check(in_float);
  check(in_double);
}

TEST_CASE("sinusoid: closed-form points") {
  for (float n : {0.0f, 1.0f, -3.0f, 1048576.0f, 8388608.0f, 1e30f}) {
    CHECK(sinusoid(n).square == 0.0f);
    CHECK(sinusoid(n).sine == 0.0f);
    CHECK(sinusoid(static_cast<double>(n)).square == 0.0);
  }
  for (float n : {0.5f, -0.5f, 1.5f, 2.5f, -1000.5f}) {
    CHECK(sinusoid(n).square == 1.0f);
    CHECK(sinusoid(n).sine == 0.0f);
    CHECK(sinusoid(static_cast<double>(n)).square == 1.0);
  }
  CHECK(ulp_error(sinusoid(0.25f).square, 0.5L) <= sinusoid_ulp_bound);
  CHECK(ulp_error(sinusoid(0.25f).sine, 1.0L) <= sinusoid_ulp_bound);
  CHECK(ulp_error(sinusoid(-0.25).sine, -1.0L) <= sinusoid_ulp_bound);
  CHECK(ulp_error(sinusoid(1.0 / 3).square, exact_sinusoid(1.0 / 3).square) <= sinusoid_ulp_bound);
}

TEST_CASE("sinusoid: goldens of 40 digits") {
  worst_pair found;
  for (auto const& golden : goldens::sinusoid_float) {
    auto const x = sinusoid(golden.u);
    found.square.observe(ulp_error(x.square, golden.square), static_cast<double>(golden.u));
    found.sine.observe(ulp_error(x.sine, golden.sine), static_cast<double>(golden.u));
  }
  for (auto const& golden : goldens::sinusoid_double) {
    auto const x = sinusoid(golden.u);
    found.square.observe(ulp_error(x.square, golden.square), golden.u);
    found.sine.observe(ulp_error(x.sine, golden.sine), golden.u);
  }
  check(found);
}

TEST_CASE("sinusoid: the references of this test agree with the goldens") {
  // long double has 11 bits more than double: 2^-9 of a unit is left for its own errors.
  for (auto const& golden : goldens::sinusoid_double) {
    auto const exact = exact_sinusoid(golden.u);
    CHECK(ulp_error(static_cast<double>(golden.square), exact.square) <= 0.5 + 0x1p-9);
    CHECK(relative_error(exact.square, golden.square) < 0x1p-61);
    CHECK(relative_error(exact.sine, golden.sine) < 0x1p-61);
  }
}

TEST_CASE("sinusoid: the square is even, the sine odd, bit for bit") {
  random_numbers r(4);
  for (int i = 0; i < 20000; ++i) {
    float const u = static_cast<float>(r.between(-8, 8));
    auto const plus = sinusoid(u), minus = sinusoid(-u);
    REQUIRE(same_bits(plus.square, minus.square));
    REQUIRE(plus.sine == -minus.sine);
  }
}

TEST_CASE("sinusoid: the period is 1 where the argument plus 1 is exact") {
  random_numbers r(5);
  for (int i = 0; i < 20000; ++i) {
    double const u = static_cast<double>(static_cast<float>(r.between(-0.5, 0.5)));
    int const n = r.integer(-1000, 1000);
    REQUIRE(same_bits(sinusoid(u).square, sinusoid(u + n).square));
    REQUIRE(sinusoid(u).sine == sinusoid(u + n).sine);
  }
}

TEST_CASE("sinusoid: values stay in their ranges, and never beyond by a rounding") {
  random_numbers r(6);
  bool inside = true;
  for (int i = 0; i < 200000; ++i) {
    // Half of the samples next to the maxima of the sine, where a rounding could exceed 1.
    double const u = i % 2 == 0 ? r.between(-2, 2) : r.between(0.2499, 0.2501);
    auto const x = sinusoid(static_cast<float>(u));
    auto const y = sinusoid(u);
    inside = inside && x.square >= 0 && x.square <= 1 && x.sine >= -1 && x.sine <= 1;
    inside = inside && y.square >= 0 && y.square <= 1 && y.sine >= -1 && y.sine <= 1;
  }
  CHECK(inside);
}

TEST_CASE("sinusoid: the sine rises from level to quarter and the square to the half") {
  for (int i = 1; i <= 1024; ++i) {
    float const before = static_cast<float>(i - 1) / 2048, u = static_cast<float>(i) / 2048;
    REQUIRE(sinusoid(before).square < sinusoid(u).square);
    if (i <= 512) REQUIRE(sinusoid(before).sine < sinusoid(u).sine);
    if (i > 512) REQUIRE(sinusoid(before).sine > sinusoid(u).sine);
  }
}

TEST_CASE("sinusoid: square and sine belong together: sine² = 4 square (1 - square)") {
  random_numbers r(7);
  for (int i = 0; i < 20000; ++i) {
    auto const x = sinusoid(r.between(-1, 1));
    double const difference = x.sine * x.sine - 4 * x.square * (1 - x.square);
    REQUIRE(std::fabs(difference) < 16 * std::numeric_limits<double>::epsilon());
  }
}

TEST_CASE("sinusoid_reduced: as good a little beyond one half, with the sign of the sine") {
  for (float r : {0.5001f, 0.51f, 0.6f, 0.7f, 0.75f, -0.5001f, -0.6f, -0.75f}) {
    auto const x = sinusoid_reduced(r);
    auto const exact = exact_sinusoid(r);
    CHECK(ulp_error(x.square, exact.square) <= sinusoid_ulp_bound);
    CHECK(ulp_error(x.sine, exact.sine) <= sinusoid_ulp_bound);
  }
}

TEST_CASE("sinusoid: the square of zero is +0, the sine keeps its sign" *
          doctest::skip(fast_math)) {
  CHECK(same_bits(sinusoid_reduced(0.0f).sine, 0.0f));
  CHECK(same_bits(sinusoid_reduced(-0.0f).sine, -0.0f));
  CHECK(same_bits(sinusoid_reduced(-0.0f).square, 0.0f));
  CHECK(same_bits(sinusoid_reduced(-0.0).sine, -0.0));
}

TEST_CASE("sinusoid: NaN and infinity give NaN" * doctest::skip(fast_math)) {
  constexpr float infinite = std::numeric_limits<float>::infinity();
  for (float u : {infinite, -infinite, std::numeric_limits<float>::quiet_NaN()}) {
    CHECK(is_nan(sinusoid(u).square));
    CHECK(is_nan(sinusoid(u).sine));
    CHECK(is_nan(sinusoid(static_cast<double>(u)).square));
    CHECK(is_nan(sinusoid(static_cast<double>(u)).sine));
  }
}

TEST_CASE("sinusoid: the largest finite numbers are integers") {
  CHECK(sinusoid(std::numeric_limits<float>::max()).square == 0.0f);
  CHECK(sinusoid(-std::numeric_limits<double>::max()).sine == 0.0);
}

TEST_CASE("sinusoid_or_parabola: within its bound over one hump, in float and double") {
  worst in_float, in_double;
  long double const pi = std::numbers::pi_v<long double>;
  auto const observe = [&](auto x, worst& found) {
    auto const got = sinusoid_or_parabola(x, x);
    auto const exact = exact_sinusoid(0.5L * static_cast<long double>(x));
    found.observe(ulp_error(got.square, exact.square * 4 / (pi * pi)), static_cast<double>(x));
    found.observe(ulp_error(got.sine, exact.sine / pi), static_cast<double>(x));
  };
  for (auto bits = std::bit_cast<std::uint32_t>(0x1p-6f); bits <= 0x3f800000u; bits += 29) {
    observe(std::bit_cast<float>(bits), in_float);
  }
  random_numbers r(8);
  for (int i = 0; i < 400000; ++i) {
    observe(r.between(-1, 1), in_double);
    observe(r.with_exponent<float>(r.integer(-50, -1)), in_float);
  }
  CAPTURE(in_float.at());
  CHECK(in_float.error() <= penalty_ulp_bound);
  CAPTURE(in_double.at());
  CHECK(in_double.error() <= penalty_ulp_bound);
}

TEST_CASE("sinusoid_or_parabola: without a bend the square and its argument, to the bit") {
  for (float x : {0.0f, 0.3f, -1.0f, 1.7f, -1e10f, 3e18f}) {
    auto const parabola = sinusoid_or_parabola(x, 0.0f);
    CHECK(same_bits(parabola.square, x * x));
    CHECK(same_bits(parabola.sine, x));
  }
}

TEST_CASE("sinusoid_or_parabola: the square is even, the slope odd, and exactly 0 at the humps") {
  random_numbers r(9);
  for (int i = 0; i < 20000; ++i) {
    float const x = static_cast<float>(r.between(-1, 1));
    auto const plus = sinusoid_or_parabola(x, x), minus = sinusoid_or_parabola(-x, -x);
    REQUIRE(same_bits(plus.square, minus.square));
    REQUIRE(plus.sine == -minus.sine);
    REQUIRE(plus.sine * x >= 0);
  }
  CHECK(sinusoid_or_parabola(1.0f, 1.0f).sine == 0.0f);
  CHECK(sinusoid_or_parabola(-1.0, -1.0).sine == 0.0);
}
