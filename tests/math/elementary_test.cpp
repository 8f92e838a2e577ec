// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/math/elementary.hpp>
#include <goldens/elementary.hpp>
#include <initializer_list>
#include <limits>
#include <support/fast_math.hpp>
#include <support/random.hpp>
#include <support/ulp.hpp>

using detent::elementary_ulp_bound;
using detent::exponential;
using detent::hyperbolic_tangent;
using detent::logarithm;
using namespace detent_test;

namespace {

/// -ffast-math lets GCC divide floats by a reciprocal approximation and one Newton step, which is
/// good to two units.
constexpr double ulp_bound = elementary_ulp_bound + (fast_math ? 2 : 0);

void check(worst const& found) {
  CAPTURE(found.at());
  CHECK(found.error() <= ulp_bound);
}

template <class T>
void observe_exponential(T x, worst& found) {
  found.observe(ulp_error(exponential(x), std::exp(static_cast<long double>(x))),
                static_cast<double>(x));
}

template <class T>
void observe_tangent(T x, worst& found) {
  found.observe(ulp_error(hyperbolic_tangent(x), std::tanh(static_cast<long double>(x))),
                static_cast<double>(x));
}

}  // namespace

TEST_CASE("exponential: within the bound in its whole range") {
  worst in_float, in_double;
  random_numbers r(1);
  for (int i = 0; i < 300000; ++i) {
    observe_exponential(static_cast<float>(r.between(-87, 87)), in_float);
    observe_exponential(r.between(-708, 708), in_double);
    observe_exponential(static_cast<float>(r.between(-2, 2)), in_float);
    observe_exponential(r.between(-2, 2), in_double);
  }
  for (int exponent = -120; exponent <= 5; ++exponent) {
    observe_exponential(r.with_exponent<float>(exponent), in_float);
    observe_exponential(r.with_exponent<double>(exponent), in_double);
  }
  check(in_float);
  check(in_double);
}

TEST_CASE("powers_of_two: within the bound in their whole range, and exact at integers") {
  worst in_float, in_double;
  random_numbers r(3);
  for (int i = 0; i < 200000; ++i) {
    auto const x = static_cast<float>(r.between(-125, 125));
    double const y = r.between(-1021, 1021);
    auto const p = detent::powers_of_two(x);
    auto const q = detent::powers_of_two(y);
    in_float.observe(ulp_error(p.up, std::exp2(static_cast<long double>(x))),
                     static_cast<double>(x));
    in_float.observe(ulp_error(p.down, std::exp2(-static_cast<long double>(x))),
                     static_cast<double>(x));
    in_double.observe(ulp_error(q.up, std::exp2(static_cast<long double>(y))), y);
    in_double.observe(ulp_error(q.down, std::exp2(-static_cast<long double>(y))), y);
  }
  check(in_float);
  check(in_double);
  for (int k = -125; k <= 125; ++k) {
    CHECK(detent::powers_of_two(static_cast<float>(k)).up == std::ldexp(1.0f, k));
    CHECK(detent::powers_of_two(static_cast<double>(k)).down == std::ldexp(1.0, -k));
  }
}

TEST_CASE("binary_logarithm: within the bound, also near 1") {
  worst in_float, in_double;
  random_numbers r(5);
  auto const observe = [&](double x) {
    auto const y = static_cast<float>(x);
    in_float.observe(ulp_error(detent::binary_logarithm(y), std::log2(static_cast<long double>(y))),
                     x);
    in_double.observe(
        ulp_error(detent::binary_logarithm(x), std::log2(static_cast<long double>(x))), x);
  };
  for (int i = 0; i < 200000; ++i) {
    observe(r.between(0x1p-24, 1));
    observe(r.between(0.99, 1.01));
    observe(r.between(1, 1e6));
  }
  for (int k = 1; k <= 24; ++k)
    observe(1 - std::ldexp(1.0, -k));
  check(in_float);
  check(in_double);
  CHECK(detent::binary_logarithm(1.0f) == 0.0f);
  CHECK(detent::binary_logarithm(0x1p-20f) == -20.0f);
}

TEST_CASE("exponential: goldens of 40 digits") {
  worst found;
  for (auto const& golden : detent_test::goldens::exponential_float) {
    found.observe(ulp_error(exponential(golden.x), golden.value), static_cast<double>(golden.x));
  }
  for (auto const& golden : detent_test::goldens::exponential_double) {
    found.observe(ulp_error(exponential(golden.x), golden.value), golden.x);
  }
  check(found);
}

TEST_CASE("exponential: closed-form points and the smallest arguments") {
  CHECK(exponential(0.0f) == 1.0f);
  CHECK(exponential(-0.0f) == 1.0f);
  CHECK(exponential(0.0) == 1.0);
  CHECK(exponential(1e-30f) == 1.0f);
  if (!fast_math) {
    CHECK(exponential(std::numeric_limits<float>::denorm_min()) == 1.0f);
    CHECK(exponential(-std::numeric_limits<double>::denorm_min()) == 1.0);
  }
}

TEST_CASE("logarithm: within the bound in its whole range, and near 1") {
  worst in_float, in_double;
  random_numbers r(4);
  auto const observe = [&](double x) {
    float const narrow = static_cast<float>(x);
    in_float.observe(ulp_error(logarithm(narrow), std::log(static_cast<long double>(narrow))),
                     static_cast<double>(narrow));
    in_double.observe(ulp_error(logarithm(x), std::log(static_cast<long double>(x))), x);
  };
  for (int i = 0; i < 200000; ++i) {
    observe(r.between(0, 1) + 1e-12);
    observe(r.between(0.5, 2));
    observe(std::exp(r.between(-85, 85)));
    observe(1 + r.between(-1e-3, 1e-3));
  }
  check(in_float);
  check(in_double);
  CHECK(logarithm(1.0f) == 0.0f);
  CHECK(logarithm(1.0) == 0.0);
  CHECK(ulp_error(logarithm(std::numeric_limits<double>::min()),
                  std::log(static_cast<long double>(std::numeric_limits<double>::min()))) <=
        ulp_bound);
  CHECK(ulp_error(logarithm(std::numeric_limits<float>::max()),
                  std::log(static_cast<long double>(std::numeric_limits<float>::max()))) <=
        ulp_bound);
  if (!fast_math) CHECK(std::isnan(logarithm(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("exponential: e^x e^-x = 1 up to rounding") {
  random_numbers r(2);
  for (int i = 0; i < 20000; ++i) {
    double const x = r.between(-300, 300);
    REQUIRE(relative_error(exponential(x) * exponential(-x), 1) < 16e-16);
  }
}

TEST_CASE("exponential: beyond its limits it stays at the limit, finite and above zero") {
  CHECK(exponential(88.0f) == exponential(87.0f));
  CHECK(exponential(1e30f) == exponential(87.0f));
  CHECK(exponential(-1e30f) == exponential(-87.0f));
  CHECK(exponential(-87.0f) > 0.0f);
  CHECK(exponential(1e300) == exponential(708.0));
  CHECK(exponential(-1e300) == exponential(-708.0));
  CHECK(exponential(709.0) < std::numeric_limits<double>::max());
}

TEST_CASE("exponential: NaN stays NaN, infinity is limited" * doctest::skip(fast_math)) {
  constexpr float infinite = std::numeric_limits<float>::infinity();
  CHECK(is_nan(exponential(std::numeric_limits<float>::quiet_NaN())));
  CHECK(is_nan(exponential(-std::numeric_limits<double>::quiet_NaN())));
  CHECK(exponential(infinite) == exponential(87.0f));
  CHECK(exponential(-infinite) == exponential(-87.0f));
}

TEST_CASE("hyperbolic_tangent: within the bound, near zero, between and where it saturates") {
  worst in_float, in_double;
  random_numbers r(3);
  for (int i = 0; i < 300000; ++i) {
    observe_tangent(static_cast<float>(r.between(-10, 10)), in_float);
    observe_tangent(r.between(-20, 20), in_double);
    // The error is largest around ½ ln √2, where the reduction changes.
    observe_tangent(static_cast<float>(r.between(-0.4, 0.4)), in_float);
    observe_tangent(r.between(-0.4, 0.4), in_double);
  }
  for (int i = 0; i < 20; ++i) {
    for (int exponent = fast_math ? -120 : -149; exponent <= 127; ++exponent)
      observe_tangent(r.with_exponent<float>(exponent), in_float);
    for (int exponent = fast_math ? -1000 : -1074; exponent <= 1023; exponent += 3)
      observe_tangent(r.with_exponent<double>(exponent), in_double);
  }
  check(in_float);
  check(in_double);
}

TEST_CASE("hyperbolic_tangent: goldens of 40 digits") {
  worst found;
  for (auto const& golden : detent_test::goldens::hyperbolic_tangent_float) {
    found.observe(ulp_error(hyperbolic_tangent(golden.x), golden.value),
                  static_cast<double>(golden.x));
  }
  for (auto const& golden : detent_test::goldens::hyperbolic_tangent_double) {
    found.observe(ulp_error(hyperbolic_tangent(golden.x), golden.value), golden.x);
  }
  check(found);
}

TEST_CASE("hyperbolic_tangent: odd, within [-1, 1], and 1 from its limit on") {
  random_numbers r(4);
  bool inside = true;
  for (int i = 0; i < 20000; ++i) {
    float const x = static_cast<float>(r.between(0, 12));
    double const y = r.between(0, 24);
    REQUIRE(same_bits(hyperbolic_tangent(-x), -hyperbolic_tangent(x)));
    REQUIRE(same_bits(hyperbolic_tangent(-y), -hyperbolic_tangent(y)));
    inside = inside && hyperbolic_tangent(x) <= 1 && hyperbolic_tangent(y) <= 1;
  }
  CHECK(inside);
  for (float x : {10.0f, 11.0f, 100.0f, 3e38f})
    CHECK(hyperbolic_tangent(x) == 1.0f);
  for (double x : {20.0, 21.0, 1e300})
    CHECK(hyperbolic_tangent(-x) == -1.0);
}

TEST_CASE("hyperbolic_tangent: never falls by more than its error") {
  float last = -1;
  for (int i = -40960; i <= 40960; ++i) {
    float const t = hyperbolic_tangent(static_cast<float>(i) / 4096);
    REQUIRE(t >= last - 4 * 0x1p-24f);
    last = t;
  }
}

TEST_CASE("hyperbolic_tangent: keeps zero with its sign, and the smallest numbers" *
          doctest::skip(fast_math)) {
  CHECK(same_bits(hyperbolic_tangent(0.0f), 0.0f));
  CHECK(same_bits(hyperbolic_tangent(-0.0f), -0.0f));
  CHECK(same_bits(hyperbolic_tangent(-0.0), -0.0));
  constexpr float tiny = std::numeric_limits<float>::denorm_min();
  CHECK(hyperbolic_tangent(tiny) == tiny);
  CHECK(hyperbolic_tangent(-1e-40f) == -1e-40f);
  CHECK(hyperbolic_tangent(std::numeric_limits<float>::min()) == std::numeric_limits<float>::min());
}

TEST_CASE("hyperbolic_tangent: NaN stays NaN, infinity gives ±1" * doctest::skip(fast_math)) {
  constexpr float infinite = std::numeric_limits<float>::infinity();
  constexpr double wide = std::numeric_limits<double>::infinity();
  for (float nan :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::quiet_NaN()}) {
    CHECK(is_nan(hyperbolic_tangent(nan)));
    CHECK(is_nan(hyperbolic_tangent(static_cast<double>(nan))));
  }
  CHECK(hyperbolic_tangent(infinite) == 1.0f);
  CHECK(hyperbolic_tangent(-infinite) == -1.0f);
  CHECK(hyperbolic_tangent(wide) == 1.0);
  CHECK(hyperbolic_tangent(-wide) == -1.0);
}
