// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/grid/convention.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <goldens/sinusoidal.hpp>
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

using periodic = sinusoidal<extent::periodic>;
using bounded = sinusoidal<extent::bounded>;

constexpr double pi = std::numbers::pi;
constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr amplitude amplitudes[] = {amplitude::squared_distance, amplitude::unit,
                                    amplitude::octave};

double height_of(uniform<double> const& grid, int bits, amplitude height) {
  if (height == amplitude::unit) return 1;
  if (height == amplitude::octave) return std::ldexp(1.0, -bits);
  return grid.step() * grid.step() / (pi * pi);
}

/// Runs f(grid, bits, scale of the grid) over conventions and bits, as they are and scaled.
template <class F>
void for_each_scaled(F f) {
  random_numbers r(21);
  for_each_grid([&](convention const& c, int b) {
    CAPTURE(c.name);
    CAPTURE(b);
    f(c.grid(b), b);
    f(c.grid(b).scaled(std::exp(r.between(-6, 2))), b);
  });
}

/// A code of the grid: the ends, and random ones between.
int some_code(uniform<double> const& grid, int i, random_numbers& r) {
  if (i == 0) return grid.lowest_code();
  if (i == 1) return grid.highest_code();
  return r.integer(grid.lowest_code(), grid.highest_code());
}

/// A weight where something happens: a level, a threshold, an end, next to one, a denormal, or
/// anywhere within one and a half times the range.
double some_weight(uniform<double> const& grid, int i, random_numbers& r) {
  double const level = grid.level(some_code(grid, i % 5, r));
  double const reach = 1.5 * std::fmax(std::fabs(grid.lowest()), grid.highest());
  switch (i % 8) {
    case 0:
      return level;
    case 1:
      return level + grid.step() / 2;
    case 2:
      return level + grid.step() * r.between(-1e-3, 1e-3);
    case 3:
      return level + grid.step() * (0.5 + r.between(-1e-3, 1e-3));
    case 4:
      return r.with_exponent<double>(r.integer(-150, -100));
    case 5:
      return r.with_exponent<double>(fast_math ? -1000 : -1074 + 20);
    default:
      return r.between(-reach, reach);
  }
}

/// How far |slope - quotient| is from its bound, at most 1 where the slope is right.
///
/// f = A sin²(πw/Δ - …) has |f‴| ≤ 4π³A/Δ³; beyond the ends f″ is constant, so the bound is its
/// Lipschitz constant everywhere. The value is wrong by the sinusoid's 1.5 units and the offset's
/// two, times π: less than 8 epsilons of A, and of the value itself where it is larger.
template <class R>
double slope_error(R const& reg, double height, double w) {
  double const step = reg.grid().step();
  double const third = 4 * pi * pi * pi * height / (step * step * step);
  double const error = 8 * epsilon * (height + 2 * reg(w).value);
  double const h = std::fmin(difference_distance(third, error), step / 64);
  auto const quotient =
      central_difference([&](double x) { return reg(x).value; }, w, third, error, h);
  return std::fabs(reg(w).slope - quotient.slope) / quotient.bound;
}

uniform<double> golden_grid(char name, int b) {
  if (name == 'd') return dorefa_grid(bits(b));
  if (name == 'w') return wrpn_grid(bits(b));
  return unit_grid(bits(b));
}

/// Errors of a functor of amplitude 1 against value and slope of 40 digits, over their bounds.
///
/// The step is rounded: the position is wrong by dv = |w/Δ|·1.5·2^-53 steps, which moves the value
/// by its slope and, near a level, by the square. The offset's own error is 2^-53 at most.
template <class R, class Golden>
void observe_golden(R const& reg, Golden const& golden, worst& value, worst& slope) {
  double const step = reg.grid().step();
  double const dv = 1.5 * epsilon / 2 * (std::fabs(golden.w) / step + 1);
  auto const exact_value = static_cast<double>(golden.value);
  auto const exact_slope = static_cast<double>(golden.slope);
  double const value_bound =
      8 * epsilon * exact_value + std::fabs(exact_slope) * step * dv + 2 * pi * pi * dv * dv;
  double const slope_bound = 8 * epsilon * std::fabs(exact_slope) + 2 * pi * pi / step * dv;
  auto const t = reg(golden.w);
  value.observe(std::fabs(t.value - exact_value) / value_bound, golden.w);
  slope.observe(std::fabs(t.slope - exact_slope) / slope_bound, golden.w);
}

/// Value and slope at the levels are no more than the rounding of the level explains: the level of
/// code n is wrong by u(|n + φ|) steps, u half a unit of 1, and the offset of an exact level by
/// 5u²|n + φ|.
template <class T, class R>
void check_levels(R const& reg, double height) {
  auto const& grid = reg.grid();
  auto const in_type = grid.template as<T>();
  double const u = static_cast<double>(std::numeric_limits<T>::epsilon()) / 2;
  worst value, slope;
  random_numbers r(22);
  int const all = grid.size() < 600 ? grid.size() : 600;
  for (int i = 0; i < all; ++i) {
    int const code = all < 600 ? grid.lowest_code() + i : some_code(grid, i, r);
    auto const t = reg(in_type.level(code));
    double const off = 1.01 * (u + 8 * u * u) * std::fabs(code + grid.phase());
    double const tiny = static_cast<double>(std::numeric_limits<T>::min());
    value.observe(static_cast<double>(t.value) / (height * pi * pi * off * off + tiny), code);
    slope.observe(
        std::fabs(static_cast<double>(t.slope)) / (height * 2 * pi * pi / grid.step() * off + tiny),
        code);
  }
  CAPTURE(value.at());
  CHECK(value.error() <= 1.0001);
  CAPTURE(slope.at());
  CHECK(slope.error() <= 1.0001);
}

}  // namespace

TEST_CASE("sinusoidal: zero with zero slope on every level of every grid") {
  for_each_scaled([](uniform<double> const& grid, int b) {
    for (auto height : amplitudes) {
      double const a = height_of(grid, b, height);
      check_levels<float>(bounded(grid, height), a);
      check_levels<double>(bounded(grid, height), a);
      check_levels<float>(periodic(grid, height), a);
      check_levels<double>(periodic(grid, height), a);
    }
  });
}

TEST_CASE("sinusoidal: exactly zero on levels that are exact") {
  auto const grid = twos_complement_grid(bits{8}, step_size(0.125));
  for (int code = -128; code <= 127; ++code) {
    CHECK(bounded(grid)(grid.as<float>().level(code)).value == 0.0f);
    CHECK(bounded(grid)(grid.level(code)).slope == 0.0);
    CHECK(periodic(grid)(grid.level(code)).value == 0.0);
  }
}

TEST_CASE("sinusoidal: slopes are the differences of the value") {
  random_numbers r(1);
  for_each_scaled([&](uniform<double> const& grid, int b) {
    for (auto height : amplitudes) {
      double const a = height_of(grid, b, height);
      bounded const inside(grid, height);
      periodic const everywhere(grid, height);
      worst of_bounded, of_periodic;
      for (int i = 0; i < 64; ++i) {
        double const w = some_weight(grid, i, r);
        of_bounded.observe(slope_error(inside, a, w), w);
        of_periodic.observe(slope_error(everywhere, a, w), w);
      }
      CAPTURE(of_bounded.at());
      CHECK(of_bounded.error() <= 1);
      CAPTURE(of_periodic.at());
      CHECK(of_periodic.error() <= 1);
    }
  });
}

TEST_CASE("sinusoidal: a slope that is wrong in the ninth digit would be found") {
  struct wrong {
    bounded right;
    uniform<double> const& grid() const { return right.grid(); }
    term<double> operator()(double w) const {
      auto const t = right(w);
      return {t.value, t.slope * (1 + 1e-8)};
    }
  };
  auto const grid = dorefa_grid(bits{3});
  double const w = 0.07;
  CHECK(slope_error(wrong{bounded(grid)}, height_of(grid, 3, amplitude::squared_distance), w) > 1);
}

TEST_CASE("sinusoidal: goldens of 40 digits, value and slope") {
  worst value, slope;
  for (auto const& golden : goldens::sinusoidal_bounded) {
    observe_golden(bounded(golden_grid(golden.grid, golden.bits), amplitude::unit), golden, value,
                   slope);
  }
  for (auto const& golden : goldens::sinusoidal_periodic) {
    observe_golden(periodic(golden_grid(golden.grid, golden.bits), amplitude::unit), golden, value,
                   slope);
  }
  CAPTURE(value.at());
  CHECK(value.error() <= 1);
  CAPTURE(slope.at());
  CHECK(slope.error() <= 1);
}

TEST_CASE("sinusoidal: closed-form points") {
  // Δ = 1, φ = 0: sin²(πw), and π² v² beyond 2.
  auto const grid = uniform<double>(step_size(1.0), 0.0, -2, 2);
  bounded const reg(grid, amplitude::unit);
  CHECK(std::fabs(reg(0.25).value - 0.5) <= 2 * epsilon);
  CHECK(std::fabs(reg(0.25).slope - pi) <= 4 * epsilon * pi);
  CHECK(std::fabs(reg(0.75).slope + pi) <= 4 * epsilon * pi);
  CHECK(ulp_error(reg(0.5).value, 1.0L) <= 2);
  CHECK(reg(0.5).slope == 0.0);
  CHECK(std::fabs(reg(5.0).value - 9 * pi * pi) <= 8 * epsilon * 9 * pi * pi);
  CHECK(std::fabs(reg(5.0).slope - 6 * pi * pi) <= 8 * epsilon * 6 * pi * pi);
  CHECK(std::fabs(reg(-3.0).slope + 2 * pi * pi) <= 8 * epsilon * 2 * pi * pi);
  CHECK(periodic(grid, amplitude::unit)(5.0).value == 0.0);
}

TEST_CASE("sinusoidal: maxima stand on the thresholds, and are 1 at amplitude 1") {
  for_each_scaled([](uniform<double> const& grid, int) {
    bounded const reg(grid, amplitude::unit);
    random_numbers r(2);
    for (int i = 0; i < 40; ++i) {
      int const code = some_code(grid, i, r);
      if (code == grid.highest_code()) continue;
      double const threshold = grid.step() * (code + 0.5 + grid.phase());
      // The threshold is rounded twice: it is wrong by epsilon·|code + 1| steps.
      double const off = 1.5 * epsilon * (std::fabs(code) + 1);
      CHECK(reg(threshold).value >= 1 - 2 * epsilon - pi * pi * off * off);
      CHECK(reg(threshold).value <= 1 + 2 * epsilon);
      CHECK(std::fabs(reg(threshold).slope) <= 2 * pi * pi / grid.step() * off);
    }
  });
}

TEST_CASE("sinusoidal: 1 but for two roundings on thresholds that are exact, its slope exactly 0") {
  CHECK(ulp_error(bounded(dorefa_grid(bits{3}), amplitude::unit)(0.0f).value, 1.0L) <= 2);
  CHECK(ulp_error(periodic(dorefa_grid(bits{8}), amplitude::unit)(0.0f).value, 1.0L) <= 2);
  CHECK(ulp_error(bounded(dorefa_grid(bits{1}), amplitude::unit)(0.0).value, 1.0L) <= 2);
  auto const grid = twos_complement_grid(bits{4}, step_size(0.5));
  for (int code = -8; code < 7; ++code) {
    auto const w = static_cast<float>(0.5 * (code + 0.5));
    CHECK(ulp_error(bounded(grid, amplitude::unit)(w).value, 1.0L) <= 2);
    CHECK(bounded(grid, amplitude::unit)(w).slope == 0.0f);
  }
}

TEST_CASE("sinusoidal: between the levels never negative and never above the amplitude") {
  random_numbers r(3);
  for_each_scaled([&](uniform<double> const& grid, int b) {
    for (auto height : amplitudes) {
      double const a = height_of(grid, b, height);
      bounded const reg(grid, height);
      int wrong = 0;
      for (int i = 0; i < 50; ++i) {
        double const w = r.between(grid.lowest(), grid.highest());
        auto const in_float = reg(static_cast<float>(w));
        wrong += reg(w).value < 0 || reg(w).value > a * (1 + 2 * epsilon);
        wrong += static_cast<double>(in_float.value) < 0 ||
                 static_cast<double>(in_float.value) > a * (1 + 0x1p-22);
        wrong += std::fabs(reg(w).slope) > a * pi / grid.step() * (1 + 4 * epsilon);
        wrong +=
            std::fabs(static_cast<double>(in_float.slope)) > a * pi / grid.step() * (1 + 0x1p-21);
      }
      CHECK(wrong == 0);
    }
  });
}

TEST_CASE("sinusoidal: the slope pulls to the nearest level") {
  random_numbers r(4);
  for_each_scaled([&](uniform<double> const& grid, int) {
    bounded const reg(grid);
    int wrong = 0;
    double const reach = 2 * std::fmax(std::fabs(grid.lowest()), grid.highest());
    for (int i = 0; i < 100; ++i) {
      double const w = r.between(-reach, reach);
      double const distance = w - grid.nearest(w);
      double const off_threshold = std::fabs(std::fabs(distance) / grid.step() - 0.5);
      if (off_threshold < 1e-6 || std::fabs(distance) < 1e-6 * grid.step()) continue;
      wrong += reg(w).slope * distance <= 0;
      wrong += static_cast<double>(reg(static_cast<float>(w)).slope) * distance <= 0 &&
               std::fabs(distance) > 0.02 * grid.step() && off_threshold > 0.02;
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("sinusoidal: the default amplitude is the squared distance near a level") {
  // A sin²(πo) with A = (Δ/π)² lies between d²(1 - (πo)²/3) and d², d = oΔ.
  random_numbers r(5);
  for_each_scaled([&](uniform<double> const& grid, int) {
    bounded const reg(grid);
    int wrong = 0;
    for (int i = 0; i < 40; ++i) {
      int const code = some_code(grid, i, r);
      double const o = r.between(0.01, 0.1);
      double const sign = code == grid.lowest_code() ? 1 : -1;
      double const w = grid.level(code) + sign * o * grid.step();
      double const d = w - grid.level(code), share = d / grid.step();
      double const value = reg(w).value;
      // Rounding: the distance is wrong by epsilon·|w|, relative to d.
      double const slack = 1 + 8 * epsilon + 4 * epsilon * std::fabs(w / d);
      wrong += value > d * d * slack;
      wrong += value * slack < d * d * (1 - pi * pi * share * share / 3);
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("sinusoidal: the default slope reaches step/π inside, at any number of bits") {
  for_each_scaled([](uniform<double> const& grid, int) {
    bounded const reg(grid);
    double const quarter = grid.level(grid.lowest_code()) + grid.step() / 4;
    // At its maximum the slope changes by the square of the quarter's rounding alone.
    CHECK(relative_error(reg(quarter).slope, grid.step() / pi) < 1e-15 + 1e-6 * epsilon);
  });
}

TEST_CASE("sinusoidal: octave amplitude halves with every bit") {
  for_each_grid([](convention const& c, int b) {
    auto const grid = c.grid(b);
    double const threshold = grid.step() * (grid.lowest_code() + 0.5 + grid.phase());
    double const value = bounded(grid, amplitude::octave)(threshold).value;
    CHECK(relative_error(value, std::ldexp(1.0, -b)) < 4 * epsilon);
  });
}

TEST_CASE("sinusoidal: even on grids that are mirror images of themselves") {
  random_numbers r(6);
  for (int b = 2; b <= 16; ++b) {
    for (auto const& grid : {dorefa_grid(bits(b)), wrpn_grid(bits(b)).scaled(0.37)}) {
      bounded const reg(grid);
      periodic const endless(grid);
      int wrong = 0;
      for (int i = 0; i < 300; ++i) {
        auto const w = static_cast<float>(r.between(0, 1.5));
        wrong += reg(w).value != reg(-w).value || reg(w).slope != -reg(-w).slope;
        wrong += endless(w).value != endless(-w).value || endless(w).slope != -endless(-w).slope;
        double const x = static_cast<double>(w);
        wrong += reg(x).value != reg(-x).value || reg(x).slope != -reg(-x).slope;
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("sinusoidal: the periodic form has the period of one step") {
  // A step that is exact, so that adding it is.
  auto const grid = uniform<double>(step_size(0.125), 0.5, -4, 3);
  periodic const reg(grid);
  random_numbers r(7);
  int wrong = 0;
  for (int i = 0; i < 2000; ++i) {
    double const w = static_cast<float>(r.between(-1, 1));
    double const shifted = w + 0.125 * r.integer(-100, 100);
    wrong += reg(w).value != reg(shifted).value || reg(w).slope != reg(shifted).slope;
  }
  CHECK(wrong == 0);
}

TEST_CASE("sinusoidal: both forms agree between the ends") {
  random_numbers r(8);
  for_each_scaled([&](uniform<double> const& grid, int) {
    bounded const inside(grid);
    periodic const everywhere(grid);
    int wrong = 0;
    for (int i = 0; i < 100; ++i) {
      double const w = r.between(grid.lowest(), grid.highest());
      double const difference = std::fabs(inside(w).value - everywhere(w).value);
      wrong += difference > 4 * epsilon * grid.step() * grid.step();
      wrong += std::fabs(inside(w).slope - everywhere(w).slope) > 16 * epsilon * grid.step();
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("sinusoidal: value, slope and curvature are continuous at both ends") {
  for_each_scaled([](uniform<double> const& grid, int b) {
    for (auto height : amplitudes) {
      bounded const reg(grid, height);
      double const a = height_of(grid, b, height);
      double const step = grid.step(), curvature = 2 * pi * pi * a / (step * step);
      for (double end : {grid.lowest(), grid.highest()}) {
        CAPTURE(end);
        double const outward = end == grid.highest() && grid.highest() > grid.lowest() ? 1 : -1;
        double const h = step / 4096;
        double const out = end + outward * h, in = end - outward * h;
        double const to_out = std::fabs(out - end), to_in = std::fabs(in - end);
        // What the rounding of the end level explains, in steps, and relative to h.
        double const off = 2 * epsilon * (std::fabs(end) / step + 1), share = off * step / h;
        double const sine = std::pow(2 * pi / 4096, 2);
        CHECK(relative_error(reg(out).value, curvature / 2 * to_out * to_out) <=
              16 * epsilon + 4 * share);
        CHECK(relative_error(reg(in).value, curvature / 2 * to_in * to_in) <= sine + 4 * share);
        double const slope = reg(end).slope;
        double const out_curvature = outward * (reg(out).slope - slope) / to_out;
        double const in_curvature = outward * (slope - reg(in).slope) / to_in;
        CHECK(relative_error(out_curvature, curvature) <= 16 * epsilon + 4 * share);
        CHECK(relative_error(in_curvature, curvature) <= sine + 4 * share);
      }
    }
  });
}

TEST_CASE("sinusoidal: beyond the ends the squared distance, however far") {
  random_numbers r(9);
  for_each_scaled([&](uniform<double> const& grid, int) {
    bounded const reg(grid);
    worst value, slope;
    for (int i = 0; i < 100; ++i) {
      double const away = std::exp(r.between(-8, 60)) * grid.step();
      double const w = i % 2 == 0 ? grid.highest() + away : grid.lowest() - away;
      double const d = i % 2 == 0 ? w - grid.highest() : w - grid.lowest();
      double const share = 4 * epsilon * (1 + std::fabs(w / d));
      value.observe(relative_error(reg(w).value, d * d) / (4 * epsilon + 2 * share), w);
      slope.observe(relative_error(reg(w).slope, 2 * d) / (4 * epsilon + share), w);
    }
    CAPTURE(value.at());
    CHECK(value.error() <= 1);
    CAPTURE(slope.at());
    CHECK(slope.error() <= 1);
  });
}

TEST_CASE("sinusoidal: huge weights are drawn back in both types, and crash neither") {
  for (int b : {1, 3, 16}) {
    bounded const reg(dorefa_grid(bits(b)));
    CHECK(reg(1e30).slope > 1e30);
    CHECK(reg(-1e30).slope < -1e30);
    CHECK(relative_error(reg(1e30).value, 1e60) < 1e-15);
    CHECK(reg(1e30f).slope > 1e30f);
    CHECK(reg(-1e18f).value > 9e35f);
    if (fast_math) continue;  // what follows overflows
    CHECK(reg(1e30f).value == std::numeric_limits<float>::infinity());
    CHECK_FALSE(is_nan(reg(1e30f).slope));
    // More half steps than a float can count: whatever comes out, it is no number.
    if (b == 16) CHECK_FALSE(std::isfinite(reg(std::numeric_limits<float>::max()).slope));
    CHECK_FALSE(std::isfinite(reg(std::numeric_limits<double>::max()).value));
  }
}

TEST_CASE("sinusoidal: the periodic form of a huge weight is still within its amplitude") {
  random_numbers r(10);
  for_each_grid([&](convention const& c, int b) {
    periodic const reg(c.grid(b), amplitude::unit);
    double const steepest = pi / c.grid(b).step();
    int wrong = 0;
    for (int exponent = -20; exponent <= 100; exponent += 4) {
      auto const in_float = reg(r.with_exponent<float>(exponent));
      auto const in_double = reg(r.with_exponent<double>(2 * exponent));
      wrong += !(in_float.value >= 0 && in_float.value <= 1 + 0x1p-22f);
      wrong += !(in_double.value >= 0 && in_double.value <= 1 + 2 * epsilon);
      wrong += !(std::fabs(static_cast<double>(in_float.slope)) <= steepest * (1 + 0x1p-21));
      wrong += !(std::fabs(in_double.slope) <= steepest * (1 + 8 * epsilon));
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("sinusoidal: float follows double to its own precision") {
  // u = 2^-24. The offset is wrong by u of itself twice and by 5u²|w/Δ|; sine, amplitude and
  // products add a few units more, all relative to the largest slope of the interval.
  random_numbers r(11);
  double const u = 0x1p-24;
  for_each_scaled([&](uniform<double> const& grid, int b) {
    for (auto height : amplitudes) {
      double const a = height_of(grid, b, height);
      bounded const inside(grid, height);
      periodic const everywhere(grid, height);
      worst value, slope;
      for (int i = 0; i < 64; ++i) {
        auto const w = static_cast<float>(some_weight(grid, i, r));
        double const turns = std::fabs(static_cast<double>(w)) / grid.step();
        auto const compare = [&](auto const& reg) {
          auto const narrow = reg(w);
          auto const wide = reg(static_cast<double>(w));
          double const steps = 12 * u + 2 * pi * 6 * u * u * turns;
          double const value_bound = a * steps + 8 * u * wide.value;
          double const slope_bound = pi * a / grid.step() * steps + 8 * u * std::fabs(wide.slope);
          double const tiny = fast_math ? 1e-37 : 1e-44;  // amplitudes that are denormal in float
          value.observe(
              std::fabs(static_cast<double>(narrow.value) - wide.value) / (value_bound + tiny),
              static_cast<double>(w));
          slope.observe(
              std::fabs(static_cast<double>(narrow.slope) - wide.slope) / (slope_bound + tiny),
              static_cast<double>(w));
        };
        compare(inside);
        compare(everywhere);
      }
      CAPTURE(value.at());
      CHECK(value.error() <= 1);
      CAPTURE(slope.at());
      CHECK(slope.error() <= 1);
    }
  });
}

TEST_CASE("sinusoidal: the smallest and largest steps") {
  for (double step : {min_step, 1e-10, max_step}) {
    auto const grid = twos_complement_grid(bits{3}, step_size(step));
    auto const quarter = static_cast<float>(step / 4);
    CHECK(relative_error(bounded(grid)(quarter).slope, step / pi) < 1e-6);
    CHECK(bounded(grid)(0.0f).value == 0.0f);
    CHECK(bounded(grid)(0.0f).slope == 0.0f);
    CHECK(relative_error(bounded(grid, amplitude::unit)(quarter).value, 0.5) < 1e-6);
    CHECK(relative_error(bounded(grid)(step / 4).value, step * step / (2 * pi * pi)) < 1e-15);
  }
}

TEST_CASE("sinusoidal: one level is a well with no other") {
  bounded const reg(uniform<double>(step_size(0.5), 0.0, 1, 1));
  CHECK(reg(0.5).value == 0.0);
  CHECK(std::fabs(reg(1.5).value - 1.0) <= 4 * epsilon);
  CHECK(std::fabs(reg(-0.5).value - 1.0) <= 4 * epsilon);
}

TEST_CASE("sinusoidal: NaN gives NaN, value and slope" * doctest::skip(fast_math)) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  for_each_grid([&](convention const& c, int b) {
    for (auto height : amplitudes) {
      bounded const inside(c.grid(b), height);
      periodic const everywhere(c.grid(b), height);
      CHECK(is_nan(inside(nan).value));
      CHECK(is_nan(inside(nan).slope));
      CHECK(is_nan(everywhere(static_cast<double>(-nan)).value));
      CHECK(is_nan(everywhere(nan).slope));
      CHECK(is_nan(inside(static_cast<double>(nan)).value));
    }
  });
}

TEST_CASE("sinusoidal: infinity is never a finite penalty" * doctest::skip(fast_math)) {
  constexpr float infinite = std::numeric_limits<float>::infinity();
  for_each_grid([&](convention const& c, int b) {
    bounded const inside(c.grid(b));
    periodic const everywhere(c.grid(b));
    for (float w : {infinite, -infinite}) {
      for (float value : {inside(w).value, everywhere(w).value}) {
        bool const shows = is_nan(value) || value == infinite;
        CHECK(shows);
      }
    }
  });
}

TEST_CASE("sinusoidal: keeps its grid, and is bounded with the squared distance by default") {
  sinusoidal const reg(wrpn_grid(bits{3}).scaled(2.0));
  CHECK(reg.grid().highest() == 2.0);
  CHECK(std::fabs(reg(4.0).value - 4.0) <= 8 * epsilon);
  static_assert(std::is_same_v<decltype(reg), bounded const>);
  static_assert(decltype(reg)::parameters == 0);
}
