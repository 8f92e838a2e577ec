// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <detent/detent.hpp>
#include <detent/math/scalar.hpp>
#include <initializer_list>
#include <limits>
#include <support/fast_math.hpp>

using namespace detent::detail;
using detent_test::same_bits, detent_test::fast_math;

namespace {

/// Error in units of the last place of the exact value, by long double.
double ulps(double value, long double exact) {
  if (static_cast<double>(exact) == value) return 0;
  int exponent = 0;
  std::frexp(static_cast<double>(exact), &exponent);
  double const unit = std::ldexp(1.0, std::max(exponent - 53, -1074));
  return static_cast<double>(std::fabs(static_cast<long double>(value) - exact)) / unit;
}

}  // namespace

TEST_CASE("scalar: e^x within twice the bound from the least subnormal to the largest number") {
  for (double x = fast_math ? -660 : -745; x < 709.7; x += 0.37)
    CHECK(ulps(natural_exponential(x), std::exp(static_cast<long double>(x))) <=
          2 * detent::elementary_ulp_bound);
  CHECK(natural_exponential(0.0) == 1);
  CHECK(natural_exponential(-1e9) == 0);
  CHECK_FALSE(is_finite(natural_exponential(710.0)));
  CHECK_FALSE(is_finite(natural_exponential(1e9)));
  if (!fast_math)
    CHECK(detent_test::is_nan(natural_exponential(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("scalar: ln x within the bound, subnormals included") {
  for (double x = fast_math ? 1e-290 : 5e-324; x < 1e308; x *= 1.7)
    CHECK(ulps(natural_logarithm(x), std::log(static_cast<long double>(x))) <=
          detent::elementary_ulp_bound);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(natural_logarithm(1.0) == 0);
  CHECK(same_bits(natural_logarithm(0.0), -infinity));
  CHECK(same_bits(natural_logarithm(-0.0), -infinity));
  CHECK(same_bits(natural_logarithm(infinity), infinity));
  if (!fast_math) CHECK(detent_test::is_nan(natural_logarithm(-1.0)));
  if (!fast_math) CHECK(detent_test::is_nan(natural_logarithm(-infinity)));
  if (!fast_math)
    CHECK(detent_test::is_nan(natural_logarithm(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("scalar: e^x - 1 and 1 - e^-x keep their digits near 0") {
  for (double x = 1e-12; x < 700; x *= 1.3) {
    auto const exact = static_cast<long double>(x);
    CHECK(ulps(exponential_minus_one(x), std::expm1(exact)) <= 2 * detent::elementary_ulp_bound);
    CHECK(ulps(one_minus_exponential(x), -std::expm1(-exact)) <= 3 * detent::elementary_ulp_bound);
  }
  CHECK(exponential_minus_one(0.0) == 0);
  CHECK_FALSE(is_finite(exponential_minus_one(1e6)));
  CHECK(one_minus_exponential(1e6) == 1);
}

TEST_CASE("scalar: a rounded product is not fused with the subtraction of the same product") {
  volatile double a = 0.1, b = 3;
  double const product = a * b, kept = product;
  volatile double stored = kept;
  CHECK(rounded_product(a, b) - stored == 0);
  static_assert(rounded_product(0.5, 3.0) == 1.5);
}

TEST_CASE("scalar: a grid stretched in double has no tail that contraction made") {
  for (double range = 0.1; range < 3; range += 0.013) {
    detent::uniform<double> const grid = detent::wrpn_grid(detent::bits{4}).scaled(range);
    volatile double stored = (1.0 / 7) * range;
    double const step = stored;
    detent::uniform<double> const same(detent::step_size(step), 0, -7, 7);
    for (int code = -7; code <= 7; ++code)
      CHECK(grid.level(code) == same.level(code));
    CHECK(grid.turns(0.77) == same.turns(0.77));
    CHECK(grid.position(0.77).offset == same.position(0.77).offset);
  }
}

TEST_CASE("scalar: a root of squares neither overflows nor loses small numbers") {
  auto const root = [](std::initializer_list<double> numbers) {
    square_sum sum;
    for (double const x : numbers)
      sum.add(x);
    return sum.root();
  };
  CHECK(root({}) == 0);
  CHECK(root({0, 0}) == 0);
  CHECK(root({3, -4}) == 5);
  for (double const scale : {0x1p1000, 0x1p-900, 0x1p600}) {
    CHECK(root({3 * scale, 4 * scale}) == 5 * scale);
    CHECK(root({4 * scale, -3 * scale}) == 5 * scale);
  }
  CHECK(root({1e-200, 1e200}) == 1e200);
  CHECK(root({0.1, 0.7, 0.3}) == std::sqrt(std::fma(0.3, 0.3, std::fma(0.7, 0.7, 0.1 * 0.1))));
  CHECK(detent_test::is_nan(root({1, std::numeric_limits<double>::infinity()})));
}

TEST_CASE("scalar: the logistic function rises") {
  CHECK(std::fabs(logistic_function(2.0) - 1 / (1 + std::exp(-2.0))) < 1e-15);
  CHECK(logistic_function(0.0) == 0.5);
}
