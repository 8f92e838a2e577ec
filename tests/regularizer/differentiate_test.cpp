// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/grid/convention.hpp>
#include <detent/regularizer/differentiate.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <initializer_list>
#include <limits>
#include <numbers>
#include <support/difference.hpp>
#include <support/fast_math.hpp>
#include <support/random.hpp>
#include <support/ulp.hpp>

using namespace detent;
using namespace detent_test;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double pi = std::numbers::pi;

/// The penalty of the pair below, by hand.
struct by_hand {
  static constexpr int parameters = 0;
  template <class T>
  term<T> operator()(T w) const {
    auto const s = sinusoid(T(3) * w);
    return {s.square, T(3) * static_cast<T>(pi) * s.sine};
  }
};
static_assert(regularizer<by_hand>);

/// A functor with names, not a lambda.
struct quartic {
  double strength;
  template <class T>
  dual<T> operator()(dual<T> w) const {
    auto const square = w * w;
    return strength * square * square;
  }
};

}  // namespace

TEST_CASE("differentiate: the slope of a one-line penalty equals the one by hand") {
  auto const reg = differentiate([](auto w) { return sinpi_squared(3 * w); });
  static_assert(regularizer<std::remove_const_t<decltype(reg)>>);
  random_numbers r(1);
  worst value, slope;
  for (int i = 0; i < 5000; ++i) {
    double const x = r.between(-2, 2);
    auto const w = static_cast<float>(x);
    value.observe(std::fabs(static_cast<double>(reg(w).value - by_hand{}(w).value)), x);
    slope.observe(std::fabs(static_cast<double>(reg(w).slope - by_hand{}(w).slope)), x);
    value.observe(std::fabs(reg(x).value - by_hand{}(x).value), x);
    slope.observe(std::fabs(reg(x).slope - by_hand{}(x).slope), x);
  }
  // The same operations but for the order of the last two factors of the slope.
  CHECK(value.error() == 0.0);
  CHECK(slope.error() <= 3 * pi * 2 * 0x1p-24);
}

TEST_CASE("differentiate: agrees with the sinusoid on the grid") {
  // DoReFa at three bits: w/Δ - φ = 3.5w - ½, exact in double for a float w.
  auto const reg = differentiate([](auto w) { return sinpi_squared(w * 3.5 - 0.5); });
  sinusoidal<extent::periodic> const other(dorefa_grid(bits{3}), amplitude::unit);
  random_numbers r(2);
  worst value, slope;
  for (int i = 0; i < 5000; ++i) {
    double const w = static_cast<float>(r.between(-1.5, 1.5));
    value.observe(std::fabs(reg(w).value - other(w).value), w);
    slope.observe(std::fabs(reg(w).slope - other(w).slope), w);
  }
  // Their positions differ by the rounding of the step, 2^-53·|3.5w| turns at most.
  CHECK(value.error() <= pi * 6 * epsilon);
  CHECK(slope.error() <= 3.5 * 2 * pi * pi * 6 * epsilon);
}

TEST_CASE("differentiate: slopes are the differences of the value") {
  auto const check = [](auto const& reg, double third, double most) {
    random_numbers r(3);
    worst found;
    double const error = 16 * epsilon * most;
    for (int i = 0; i < 2000; ++i) {
      double const w = static_cast<float>(r.between(-2, 2));
      auto const quotient =
          central_difference([&](double x) { return reg(x).value; }, w, third, error,
                             std::fmin(difference_distance(third, error), 0x1p-10));
      found.observe(std::fabs(reg(w).slope - quotient.slope) / quotient.bound, w);
    }
    CAPTURE(found.at());
    CHECK(found.error() <= 1);
  };
  check(differentiate([](auto w) { return w * w; }), 1e-3, 4.1);
  check(differentiate([](auto w) { return exp(-w * w); }), 5, 1);
  check(differentiate([](auto w) { return sinpi_squared(2 * w); }), 32 * pi * pi * pi, 1);
  check(differentiate([](auto w) { return log(1 + w * w); }), 2, 2);
  check(differentiate(quartic{0.5}), 24.1, 8.1);
}

TEST_CASE("differentiate: captured values take part") {
  double const strength = 0.25;
  float const center = 0.5f;
  auto const reg = differentiate([=](auto w) { return strength * square(w - center); });
  CHECK(reg(1.5).value == 0.25);
  CHECK(reg(1.5).slope == 0.5);
  CHECK(reg(1.5f).value == 0.25f);
  CHECK(reg(-0.5f).slope == -0.5f);
}

TEST_CASE("differentiate: penalties with kinks, written without a branch") {
  auto const l1 = differentiate([](auto w) { return abs(w); });
  CHECK(l1(-3.0f).value == 3.0f);
  CHECK(l1(-3.0f).slope == -1.0f);
  auto const hinge = differentiate([](auto w) { return square(max(0, abs(w) - 1)); });
  CHECK(hinge(0.5).value == 0.0);
  CHECK(hinge(0.5).slope == 0.0);
  CHECK(hinge(-3.0).value == 4.0);
  CHECK(hinge(-3.0).slope == -4.0);
  auto const hat = differentiate([](auto w) { return abs(w - rint(w)); });
  CHECK(hat(2.25).value == 0.25);
  CHECK(hat(2.25).slope == 1.0);
  CHECK(hat(2.75).slope == -1.0);
  auto const one_sided = differentiate([](auto w) { return select(w > 0, w * w, 0); });
  CHECK(one_sided(-2.0f).slope == 0.0f);
  CHECK(one_sided(2.0f).slope == 4.0f);
}

TEST_CASE("differentiate: a constant penalty has no slope") {
  auto const reg = differentiate([]<class T>(dual<T>) { return dual<T>(7); });
  CHECK(reg(1.0f).value == 7.0f);
  CHECK(reg(1.0f).slope == 0.0f);
}

TEST_CASE("differentiate: NaN gives NaN" * doctest::skip(fast_math)) {
  auto const reg = differentiate([](auto w) { return sinpi_squared(w); });
  CHECK(is_nan(reg(std::numeric_limits<float>::quiet_NaN()).value));
  CHECK(is_nan(reg(std::numeric_limits<double>::quiet_NaN()).slope));
}
