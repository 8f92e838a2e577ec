// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <concepts>
#include <detent/math/dual.hpp>
#include <initializer_list>
#include <limits>
#include <numbers>
#include <string_view>
#include <support/difference.hpp>
#include <support/fast_math.hpp>
#include <support/random.hpp>
#include <support/ulp.hpp>
#include <type_traits>

using detent::dual;
using namespace detent_test;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

dual<double> variable(double x) {
  return {x, 1.0};
}

/// A function of one dual number with bounds of its value and third derivative on an interval.
struct function {
  char const* name;
  dual<double> (*call)(dual<double>);
  double (*plain)(double);
  double lowest, highest;
  double value;  ///< bound of |f|
  double third;  ///< bound of |f‴|
};

constexpr double pi = std::numbers::pi;

// Bounds of the third derivative: by hand, at the end of the interval where it is largest.
function const functions[] = {
    {"+", [](dual<double> x) { return x + 2.5; }, [](double x) { return x + 2.5; }, -3, 3, 6, 1e-3},
    {"constant -", [](dual<double> x) { return 2.5 - x; }, [](double x) { return 2.5 - x; }, -3, 3,
     6, 1e-3},
    {"x³", [](dual<double> x) { return x * x * x; }, [](double x) { return x * x * x; }, -2, 2, 8,
     6},
    {"1/x", [](dual<double> x) { return 1 / x; }, [](double x) { return 1 / x; }, 0.5, 3, 2, 96},
    {"x/(1 + x²)", [](dual<double> x) { return x / (1 + x * x); },
     [](double x) { return x / (1 + x * x); }, -2, 2, 1, 6.1},
    {"square", [](dual<double> x) { return square(x); }, [](double x) { return x * x; }, -3, 3, 9,
     1e-3},
    {"sqrt", [](dual<double> x) { return sqrt(x); }, [](double x) { return std::sqrt(x); }, 0.25, 4,
     2, 12},
    {"exp", [](dual<double> x) { return exp(x); }, [](double x) { return std::exp(x); }, -3, 3, 21,
     21},
    {"log", [](dual<double> x) { return log(x); }, [](double x) { return std::log(x); }, 0.5, 4, 2,
     16.1},
    {"tanh", [](dual<double> x) { return tanh(x); }, [](double x) { return std::tanh(x); }, -3, 3,
     1, 2},
    {"sin", [](dual<double> x) { return sin(x); }, [](double x) { return std::sin(x); }, -7, 7, 1,
     1},
    {"cos", [](dual<double> x) { return cos(x); }, [](double x) { return std::cos(x); }, -7, 7, 1,
     1},
    {"pow 2.5", [](dual<double> x) { return pow(x, 2.5); },
     [](double x) { return std::pow(x, 2.5); }, 0.5, 3, 16, 2.7},
    {"pow -1", [](dual<double> x) { return pow(x, -1); }, [](double x) { return 1 / x; }, 0.5, 3, 2,
     97},
    {"sinpi_squared", [](dual<double> x) { return sinpi_squared(x); },
     [](double x) { return std::pow(std::sin(pi * x), 2); }, -3, 3, 1, 4 * pi* pi* pi},
    {"exp(sin x²)", [](dual<double> x) { return exp(sin(x * x)); },
     [](double x) { return std::exp(std::sin(x * x)); }, -1, 1, 3, 90},
};

}  // namespace

TEST_CASE("dual: values are those of the plain functions") {
  random_numbers r(1);
  for (auto const& f : functions) {
    CAPTURE(f.name);
    worst found;
    for (int i = 0; i < 500; ++i) {
      double const x = r.between(f.lowest, f.highest);
      found.observe(std::fabs(f.call(variable(x)).value - f.plain(x)), x);
    }
    CAPTURE(found.at());
    // A few roundings of numbers up to the value's bound; exp and sin² have their own constants.
    CHECK(found.error() <= 8 * epsilon * f.value);
  }
}

TEST_CASE("dual: slopes are the differences of the value") {
  random_numbers r(2);
  for (auto const& f : functions) {
    CAPTURE(f.name);
    auto const plain = [&f](double x) { return f.call(variable(x)).value; };
    double const error = 8 * epsilon * f.value;
    double const h = std::fmin(difference_distance(f.third, error), 0x1p-10);
    worst found;
    for (int i = 0; i < 500; ++i) {
      // Floats, away from the ends by more than h: x ± h are exact and within the bounds.
      double const x = static_cast<float>(r.between(f.lowest + 0.01, f.highest - 0.01));
      auto const d = central_difference(plain, x, f.third, error, h);
      found.observe(std::fabs(f.call(variable(x)).slope - d.slope) / d.bound, x);
    }
    CAPTURE(found.at());
    CHECK(found.error() <= 1);
  }
}

TEST_CASE("dual: closed forms of the slope") {
  random_numbers r(3);
  for (int i = 0; i < 200; ++i) {
    double const x = r.between(0.1, 2);
    auto const w = variable(x);
    REQUIRE(relative_error((w * w).slope, 2 * x) <= 4 * epsilon);
    REQUIRE(relative_error((1 / w).slope, -1 / (x * x)) <= 8 * epsilon);
    REQUIRE(relative_error(sqrt(w).slope, 0.5 / std::sqrt(x)) <= 4 * epsilon);
    REQUIRE(relative_error(log(w).slope, 1 / x) <= 4 * epsilon);
    REQUIRE(relative_error(exp(w).slope, std::exp(x)) <= 8 * epsilon);
    REQUIRE(relative_error(pow(w, 3).slope, 3 * x * x) <= 16 * epsilon);
    REQUIRE(relative_error(sin(w).slope, std::cos(x)) <= 4 * epsilon);
    REQUIRE(relative_error(cos(w).slope, -std::sin(x)) <= 4 * epsilon);
    double const t = std::tanh(x);
    REQUIRE(std::fabs(tanh(w).slope - (1 - t * t)) <= 8 * epsilon);
    double const sine = pi * std::sin(2 * pi * x);
    REQUIRE(std::fabs(sinpi_squared(w).slope - sine) <= 32 * epsilon);
  }
}

TEST_CASE("dual: the chain rule passes a slope through every function") {
  for (auto const& f : functions) {
    CAPTURE(f.name);
    double const x = (f.lowest + f.highest) / 2 + 0.3;
    double const outer = f.call(variable(x)).slope;
    // w = x + 0 with slope 3, and w = -x' with slope -1.
    CHECK(std::fabs(f.call({x, 3.0}).slope - 3 * outer) <= 8 * epsilon * std::fabs(3 * outer));
    CHECK(f.call({x, 0.0}).slope == 0.0);
    CHECK(f.call(-variable(-x)).slope == -outer);
  }
}

TEST_CASE("dual: a composition has the product of the slopes") {
  random_numbers r(4);
  for (int i = 0; i < 200; ++i) {
    double const x = r.between(0.2, 1.5);
    auto const w = variable(x);
    double const inner = (x * x + 1);
    double const expected = 2 * x * std::cos(inner) * std::exp(std::sin(inner));
    REQUIRE(std::fabs(exp(sin(w * w + 1)).slope - expected) <= 64 * epsilon);
  }
}

TEST_CASE("dual: compound assignment is the operation") {
  auto const a = variable(1.25);
  dual<double> const b(0.75, -2.0);
  auto const same = [](dual<double> x, dual<double> y) {
    return x.value == y.value && x.slope == y.slope;
  };
  auto c = a;
  CHECK(same(c += b, a + b));
  c = a;
  CHECK(same(c -= b, a - b));
  c = a;
  CHECK(same(c *= b, a * b));
  c = a;
  CHECK(same(c /= b, a / b));
  CHECK(same(+a, a));
  CHECK(same(-a, 0 - a));
}

TEST_CASE("dual: quotient and product undo each other") {
  random_numbers r(5);
  for (int i = 0; i < 1000; ++i) {
    dual<double> const a(r.between(0.5, 2), r.between(-2, 2)),
        b(r.between(0.5, 2), r.between(-2, 2));
    auto const c = a * b / b;
    REQUIRE(std::fabs(c.value - a.value) <= 4 * epsilon * a.value);
    REQUIRE(std::fabs(c.slope - a.slope) <= 128 * epsilon);
  }
}

TEST_CASE("dual: numbers of any arithmetic type are constants") {
  dual<float> const w(0.5f, 1.0f);
  static_assert(std::same_as<decltype(2 * w), dual<float>>);
  static_assert(std::same_as<decltype(2.0 * w), dual<float>>);
  static_assert(std::same_as<decltype(w + 1u), dual<float>>);
  CHECK((2 * w).slope == 2.0f);
  CHECK((2.0 * w).value == 1.0f);
  CHECK((w + 1u).slope == 1.0f);
  CHECK(dual<float>(3).slope == 0.0f);
  static_assert(!std::is_convertible_v<std::string_view, dual<float>>);
}

TEST_CASE("dual: comparisons look at the value, also against numbers") {
  dual<double> const a(1.0, 5.0), b(1.0, -5.0), c(2.0, 0.0);
  CHECK(a == b);
  CHECK(a != c);
  CHECK(a < c);
  CHECK(c > 1);
  CHECK(a <= b);
  CHECK(0.5 < a);
  CHECK_FALSE(a < b);
}

TEST_CASE("dual: comparisons with NaN are false" * doctest::skip(fast_math)) {
  dual<double> const nan(std::numeric_limits<double>::quiet_NaN(), 1.0), one(1.0, 0.0);
  CHECK_FALSE(nan < one);
  CHECK_FALSE(nan > one);
  CHECK_FALSE(nan == nan);
}

TEST_CASE("dual: select takes value and slope from the same side, constants included") {
  auto const w = variable(-0.5);
  CHECK(select(w > 0, w, -w).value == 0.5);
  CHECK(select(w > 0, w, -w).slope == -1.0);
  CHECK(select(w < 0, w * w, 0).slope == -1.0);
  CHECK(select(w > 0, 1.0f, w).slope == 1.0);
  CHECK(select(w > 0, w, 0).slope == 0.0);
}

TEST_CASE("dual: min, max and clamp choose, with constants on either side") {
  auto const w = variable(0.25);
  CHECK(min(w, 1).slope == 1.0);
  CHECK(min(1, w).slope == 1.0);
  CHECK(min(w, 0).slope == 0.0);
  CHECK(max(0, w).slope == 1.0);
  CHECK(max(w, 0.5f).value == 0.5);
  CHECK(max(w, 0.5f).slope == 0.0);
  CHECK(clamp(w, -1, 1).slope == 1.0);
  CHECK(clamp(w, 0.5, 1).value == 0.5);
  CHECK(clamp(w, 0.5, 1).slope == 0.0);
  CHECK(clamp(w, -1, w * 0).value == 0.0);
}

TEST_CASE("dual: at a kink the slope is that of one side") {
  CHECK(abs(variable(-2)).slope == -1.0);
  CHECK(abs(variable(2)).slope == 1.0);
  CHECK(abs(variable(-2)).value == 2.0);
  CHECK(std::fabs(abs(variable(0)).slope) == 1.0);
  auto const w = variable(1.0);
  double const slope = min(w, 2 - w).slope;
  CHECK(std::fabs(slope) == 1.0);
}

TEST_CASE("dual: rounding functions have slope 0") {
  CHECK(rint(variable(2.5)).value == 2.0);
  CHECK(rint(variable(2.5)).slope == 0.0);
  CHECK(round_half_even(variable(-1.5)).value == -2.0);
  CHECK(floor(variable(-1.25)).value == -2.0);
  CHECK(floor(variable(-1.25)).slope == 0.0);
  // The sawtooth: slope 1 but for the jumps.
  auto const w = variable(3.3);
  CHECK((w - rint(w)).slope == 1.0);
}

TEST_CASE("dual: powers 0 and 1 at zero") {
  CHECK(pow(variable(0), 0).value == 1.0);
  CHECK(pow(variable(0), 0).slope == 0.0);
  CHECK(pow(variable(0), 1).slope == 1.0);
  CHECK(pow(variable(0), 2).slope == 0.0);
}

TEST_CASE("dual: float follows double to its own precision") {
  random_numbers r(6);
  for (int i = 0; i < 2000; ++i) {
    float const x = static_cast<float>(r.between(-2, 2));
    auto const in_float = tanh(dual<float>(x, 1.0f)) * sinpi_squared(dual<float>(x, 1.0f) * 2);
    auto const in_double = tanh(variable(x)) * sinpi_squared(variable(x) * 2);
    REQUIRE(std::fabs(static_cast<double>(in_float.value) - in_double.value) <= 8 * 0x1p-24);
    REQUIRE(std::fabs(static_cast<double>(in_float.slope) - in_double.slope) <= 64 * 0x1p-24);
  }
}

TEST_CASE("sinpi_squared: of a plain number it is the square of the sinusoid") {
  CHECK(detent::sinpi_squared(0.5f) == 1.0f);
  CHECK(detent::sinpi_squared(2.0) == 0.0);
  CHECK(same_bits(detent::sinpi_squared(0.3f), detent::sinusoid(0.3f).square));
}

TEST_CASE("dual: at a kink the slope is that of one side") {
  CHECK(abs(dual<double>(0, 3)).slope == 3);
  CHECK(max(dual<double>(2, 3), dual<double>(2, 5)).slope == 3);
  CHECK(min(dual<double>(2, 3), dual<double>(2, 5)).slope == 3);
}
