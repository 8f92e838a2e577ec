// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/quantizer/dorefa_activations.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/regularizer/differentiate.hpp>
#include <detent/regularizer/through.hpp>
#include <detent/statistic/magnitude.hpp>
#include <initializer_list>
#include <limits>
#include <numbers>
#include <support/conventions.hpp>
#include <support/difference.hpp>
#include <support/fast_math.hpp>
#include <support/random.hpp>
#include <support/ulp.hpp>

using namespace detent;
using namespace detent_test;

namespace {

constexpr double pi = std::numbers::pi;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// The magnitudes of a tensor whose largest weight is `largest`.
magnitude magnitudes(double largest) {
  magnitude m;
  for (double w : {-0.3 * largest, 0.7 * largest, largest})
    m.observe(w);
  return m;
}

/// The weight that a domain maps to a coordinate.
double weight_at(identity_domain, double x) {
  return x;
}
double weight_at(dorefa_domain d, double x) {
  return d.one_bit ? x : std::atanh(x);
}

/// Every level of the quantizer is a zero of the regularizer with zero slope, and every threshold
/// between two levels a maximum, where the quantizer changes its mind.
///
/// The coordinate at a level is wrong by a few roundings of numbers below max(1, |level|): `off`
/// steps, which the penalty squares.
template <class Q>
void check_minima_are_levels(Q const& q) {
  auto const& grid = q.grid();
  auto const reg = matched(q, amplitude::unit);
  int wrong_value = 0, wrong_slope = 0, wrong_code = 0, wrong_level = 0, wrong_threshold = 0;
  for (int code = grid.lowest_code(); code <= grid.highest_code(); ++code) {
    double const level = grid.level(code);
    // The largest weight's tanh may round to 1, which atanh would take to infinity.
    if constexpr (!std::is_same_v<decltype(q.domain()), identity_domain>) {
      if (!q.domain().one_bit && std::fabs(level) >= 1 - 64 * epsilon) continue;
    }
    double const w = weight_at(q.domain(), level);
    double const off = 8 * epsilon * std::fmax(1, std::fabs(level)) / grid.step();
    auto const t = reg(w);
    wrong_value += t.value > pi * pi * off * off;
    wrong_slope += std::fabs(t.slope) > 2 * pi * pi / grid.step() * off;
    wrong_code += q.code(w) != code;
    wrong_level += std::fabs(q(w) - q.gain() * level) > 2 * epsilon * std::fabs(q.gain() * level);
    if (code == grid.highest_code()) continue;
    double const threshold = weight_at(q.domain(), level + grid.step() / 2);
    wrong_threshold += reg(threshold).value < 1 - 2 * epsilon - pi * pi * off * off;
    double const before = weight_at(q.domain(), level + 0.499 * grid.step());
    double const after = weight_at(q.domain(), level + 0.501 * grid.step());
    wrong_threshold += q.code(before) != code || q.code(after) != code + 1;
    wrong_slope += reg(before).slope <= 0 || reg(after).slope >= 0;
  }
  CHECK(wrong_value == 0);
  CHECK(wrong_slope == 0);
  CHECK(wrong_code == 0);
  CHECK(wrong_level == 0);
  CHECK(wrong_threshold == 0);
}

/// A penalty with two parameters, to see them pass.
struct with_parameters {
  static constexpr int parameters = 2;
  template <class T>
  term<T, 2> operator()(T w) const {
    return {w * w, 2 * w, {w, T(3)}};
  }
};

}  // namespace

TEST_CASE("through: the identity changes nothing, bit for bit") {
  sinusoidal const reg(dorefa_grid(bits{4}));
  auto const seen = through(identity_domain{}, reg);
  random_numbers r(1);
  for (int i = 0; i < 1000; ++i) {
    auto const w = static_cast<float>(r.between(-1.5, 1.5));
    REQUIRE(same_bits(seen(w).value, reg(w).value));
    REQUIRE(same_bits(seen(w).slope, reg(w).slope));
  }
}

TEST_CASE("through: the slope is multiplied by the slope of the domain") {
  sinusoidal const reg(dorefa_grid(bits{4}));
  auto const seen = through(tanh_domain{}, reg);
  random_numbers r(2);
  for (int i = 0; i < 1000; ++i) {
    double const w = r.between(-3, 3);
    auto const x = tanh_domain{}(w);
    REQUIRE(relative_error(seen(w).value, reg(x.value).value) <= (fast_math ? 1e-12 : 0));
    REQUIRE(relative_error(seen(w).slope, reg(x.value).slope * x.slope) <= (fast_math ? 1e-9 : 0));
  }
}

TEST_CASE("through: slopes are the differences of the value by the weight") {
  // With t = tanh: |t′| ≤ 1, |t″| ≤ 0.77, |t‴| ≤ 2, so
  // |(R∘t)‴| ≤ |R‴| + 3·0.77|R″| + 2|R′|, with R of amplitude A and, beyond the ends, R″ constant.
  random_numbers r(3);
  for (int b = 1; b <= 16; ++b) {
    for (double range : {1.0, 0.4}) {
      auto const grid = dorefa_grid(bits(b)).scaled(range);
      auto const seen = through(tanh_domain{}, sinusoidal(grid));
      double const step = grid.step(), a = step * step / (pi * pi);
      double const first = a * pi / step * std::fmax(1, 2 * pi * (1 - range) / step);
      double const second = 2 * pi * pi * a / (step * step);
      double const third = 2 * second * pi / step + 2.31 * second + 2 * first;
      worst found;
      for (int i = 0; i < 300; ++i) {
        double const w = static_cast<float>(r.between(-2, 2));
        // The value's own rounding, and tanh's three units through its slope.
        double const error = 8 * epsilon * (a + 2 * seen(w).value) + 2 * epsilon * first;
        double const h = std::fmin(difference_distance(third, error), step / 64);
        auto const quotient =
            central_difference([&](double x) { return seen(x).value; }, w, third, error, h);
        found.observe(std::fabs(seen(w).slope - quotient.slope) / quotient.bound, w);
      }
      CAPTURE(b);
      CAPTURE(range);
      CAPTURE(found.at());
      CHECK(found.error() <= 1);
    }
  }
}

TEST_CASE("through: the chain rule in closed form") {
  // R = x² through tanh: the slope is 2 tanh w (1 - tanh² w).
  auto const seen = through(tanh_domain{}, differentiate([](auto x) { return x * x; }));
  for (double w : {-1.5, -0.1, 0.0, 0.3, 2.0}) {
    double const t = std::tanh(w);
    CHECK(std::fabs(seen(w).value - t * t) <= 8 * epsilon);
    CHECK(std::fabs(seen(w).slope - 2 * t * (1 - t * t)) <= 16 * epsilon);
  }
}

TEST_CASE("through: saturated weights have no slope, and no NaN") {
  auto const seen = through(tanh_domain{}, sinusoidal(dorefa_grid(bits{3}).scaled(0.5)));
  CHECK(seen(1e30f).slope == 0.0f);
  CHECK(seen(-1e300).slope == 0.0);
  CHECK(std::fabs(seen(1e30).value - 0.25) <= 4 * epsilon);
}

TEST_CASE("through: parameters pass with their derivatives") {
  auto const seen = through(tanh_domain{}, with_parameters{});
  static_assert(decltype(seen)::parameters == 2);
  auto const t = seen(0.5);
  CHECK(t.theta[0] == tanh_domain{}(0.5).value);
  CHECK(t.theta[1] == 3.0);
}

TEST_CASE("through: domains may be nested") {
  auto const seen =
      through(identity_domain{}, through(tanh_domain{}, sinusoidal(wrpn_grid(bits{3}))));
  auto const plain = through(tanh_domain{}, sinusoidal(wrpn_grid(bits{3})));
  // With -ffast-math the two may be compiled differently.
  double const bound = fast_math ? 1e-5 : 0;
  CHECK(relative_error(seen(0.3f).value, plain(0.3f).value) <= bound);
  CHECK(relative_error(seen(0.3f).slope, plain(0.3f).slope) <= bound);
}

TEST_CASE("through: NaN gives NaN" * doctest::skip(fast_math)) {
  auto const seen = through(tanh_domain{}, sinusoidal(wrpn_grid(bits{3})));
  CHECK(is_nan(seen(std::numeric_limits<float>::quiet_NaN()).value));
  CHECK(is_nan(seen(std::numeric_limits<double>::quiet_NaN()).slope));
}

TEST_CASE("matched: the minima are the levels of DoReFa weights, one to eight bits") {
  for (int b = 1; b <= 8; ++b) {
    for (double largest : {0.05, 0.8, 3.0, 40.0}) {
      CAPTURE(b);
      CAPTURE(largest);
      check_minima_are_levels(dorefa_weights(bits(b), magnitudes(largest)));
      check_minima_are_levels(dorefa_weights(bits(b), magnitudes(largest), 0.37));
    }
  }
}

TEST_CASE("matched: the largest weight of a tensor is on DoReFa's outermost level") {
  for (int b = 2; b <= 8; ++b) {
    for (double largest : {0.05, 0.8, 3.0, 40.0}) {
      dorefa_weights const q(bits(b), magnitudes(largest));
      double const off = 8 * epsilon / q.grid().step();
      CHECK(matched(q, amplitude::unit)(largest).value <= pi * pi * off * off);
      CHECK(q.code(largest) == q.grid().highest_code());
      CHECK(std::fabs(q(largest) - 1) <= 4 * epsilon);
    }
  }
}

TEST_CASE("matched: the minima are the levels of WRPN weights, two to eight bits") {
  for (int b = 2; b <= 8; ++b) {
    for (double range : {0.01, 1.0, 2.7}) {
      CAPTURE(b);
      CAPTURE(range);
      check_minima_are_levels(wrpn_weights(bits(b), range));
    }
  }
}

TEST_CASE("matched: the minima are the levels of rounding on any grid") {
  for_each_grid([](convention const& c, int b) {
    CAPTURE(c.name);
    CAPTURE(b);
    check_minima_are_levels(rounding(c.grid(b)));
    check_minima_are_levels(rounding(c.grid(b).scaled(0.6180339887)));
  });
}

TEST_CASE("matched: activations have a sinusoid too") {
  for (int b = 1; b <= 8; ++b)
    check_minima_are_levels(dorefa_activations(bits(b), 6.0));
}

TEST_CASE(
    "matched: in float, every level that comes out is a zero of the penalty where the domain "
    "is the identity") {
  for (int b = 2; b <= 8; ++b) {
    wrpn_weights const q(bits(b), 0.3);
    auto const reg = matched(q, amplitude::unit);
    random_numbers r(4);
    int wrong = 0;
    for (int i = 0; i < 1000; ++i) {
      float const level = q(static_cast<float>(r.between(-0.5, 0.5)));
      // The level is rounded: 2^-24·2^(b-1) steps at most.
      double const off = 0x1p-24 * std::ldexp(1.01, b - 1);
      wrong += static_cast<double>(reg(level).value) > pi * pi * off * off;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("matched: extent and amplitude are passed on") {
  wrpn_weights const q(bits{3});
  auto const endless = matched<extent::periodic>(q, amplitude::unit);
  CHECK(endless(1.0 + 1.0 / 3).value < 1e-28);
  CHECK(std::fabs(endless(1.0 + 1.0 / 6).value - 1) < 1e-14);
  auto const defaults = matched(q);
  CHECK(relative_error(defaults(2.0).value, 1.0) < 1e-14);
}

TEST_CASE("through: passes constant factors on, and the chain rule applies without them too") {
  sinusoidal const inner{dorefa_grid(bits{3})};
  auto const seen = through(tanh_domain{}, inner);
  static_assert(factored_regularizer<decltype(seen)>);
  auto const factor = seen.factors();
  CHECK(factor.value == inner.factors().value);
  CHECK(factor.slope == inner.factors().slope);
  for (double const w : {-2.0, -0.31, 0.0, 0.4, 1.7}) {
    auto const whole = seen(w), part = seen.unscaled(w);
    CHECK(std::abs(whole.value - factor.value * part.value) <= epsilon * whole.value);
    CHECK(std::abs(whole.slope - factor.slope * part.slope) <= 2 * epsilon * std::abs(whole.slope));
  }
  auto const unfactored = through(tanh_domain{}, differentiate([](auto w) { return w * w; }));
  static_assert(!factored_regularizer<decltype(unfactored)>);
  CHECK(unfactored(0.5).value == detent::detail::unscaled(unfactored, 0.5).value);
  CHECK(detent::detail::factors(unfactored).slope == 1);
}
