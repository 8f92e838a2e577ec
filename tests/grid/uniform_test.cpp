// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/grid/uniform.hpp>
#include <initializer_list>
#include <limits>
#include <support/conventions.hpp>
#include <support/fast_math.hpp>
#include <support/message.hpp>
#include <support/random.hpp>
#include <support/ulp.hpp>
#include <type_traits>

using namespace detent;
using namespace detent_test;

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// Runs f(grid of float, grid of double) over every convention, as it is and scaled.
template <class F>
void for_each_scaled(F f) {
  random_numbers r(11);
  for_each_grid([&](convention const& c, int b) {
    CAPTURE(c.name);
    CAPTURE(b);
    for (int i = 0; i < 4; ++i) {
      uniform<double> const grid =
          i == 0 ? c.grid(b) : c.grid(b).scaled(std::exp(r.between(-8, 3)));
      CAPTURE(grid.step());
      f(grid.as<float>(), grid);
    }
  });
}

template <class T>
struct position_check {
  worst found;

  /// The weight and the two-part reciprocal are multiplied and the code subtracted in one fma, the
  /// tail is added in another: two roundings of the offset o, and the rounding of the tail.
  ///
  ///     |error| ≤ u(2|o| + 2·2u|w/Δ|) + u²|w/Δ|,   u half a unit of 1
  ///
  /// The reference adds 2^-62|w/Δ|. The factor 1.01 covers products of errors.
  void observe(uniform<double> const& grid, T w, grid_position<T> at) {
    long double const u = std::numeric_limits<T>::epsilon() / 2;
    long double const turns = static_cast<long double>(w) / grid.step();
    long double const center = static_cast<long double>(at.code) + grid.phase();
    long double const exact = turns - center;
    long double const steps = std::fabs(turns);
    long double const bound =
        1.01L * (2 * u * std::fabs(exact) + 5 * u * u * steps + 0x1p-62L * steps) +
        std::numeric_limits<T>::denorm_min();
    long double const error = std::fabs(static_cast<long double>(at.offset) - exact);
    found.observe(static_cast<double>(error / bound), static_cast<double>(w));
  }
};

}  // namespace

TEST_CASE("uniform: levels are (code + phase)·step") {
  uniform const grid(step_size(0.25), 0.5, -4, 3);
  CHECK(grid.level(-4) == -0.875);
  CHECK(grid.level(0) == 0.125);
  CHECK(grid.level(3) == 0.875);
  CHECK(grid.lowest() == -0.875);
  CHECK(grid.highest() == 0.875);
  CHECK(grid.step() == 0.25);
  CHECK(grid.phase() == 0.5);
  CHECK(grid.size() == 8);
  CHECK(grid.lowest_code() == -4);
  CHECK(grid.highest_code() == 3);
}

TEST_CASE("uniform: codes outside the range extrapolate") {
  uniform const grid(step_size(0.5), 0.0, 0, 3);
  CHECK(grid.level(-2) == -1.0);
  CHECK(grid.level(10) == 5.0);
}

TEST_CASE("uniform: is a constant expression, and one of float too") {
  constexpr uniform<double> grid(step_size(0.5), 0.0, -2, 1);
  static_assert(grid.size() == 4);
  static_assert(grid.as<float>().step() == 0.5f);
  static_assert(std::is_trivially_copyable_v<uniform<float>>);
  static_assert(std::is_trivially_copyable_v<uniform<double>>);
  constexpr uniform<float> narrow(step_size(0.1), 0.5, -2, 1);
  CHECK(narrow.level(0) == 0.05f);
}

TEST_CASE("uniform: made by the compiler or at run time, it is the same grid") {
  constexpr uniform<double> compiled(step_size(0.1), 0.5, -4, 3);
  double volatile stored = 0.1;
  double const step = stored;
  uniform<double> const run(step_size(step), 0.5, -4, 3);
  random_numbers r(5);
  int wrong = 0;
  for (int i = 0; i < 1000; ++i) {
    // Next to a level, where the second part of the reciprocal shows.
    double const w = 0.1 * (r.integer(-4, 3) + 0.5) + r.between(-1e-12, 1e-12);
    wrong += !same_bits(compiled.position(w).offset, run.position(w).offset);
  }
  CHECK(wrong == 0);
}

TEST_CASE("uniform: the code of a level is the code, for every code and convention") {
  for_each_scaled([](uniform<float> const& in_float, uniform<double> const& grid) {
    int wrong = 0;
    for (int code = grid.lowest_code(); code <= grid.highest_code(); ++code) {
      wrong += in_float.code(in_float.level(code)) != code;
      wrong += grid.code(grid.level(code)) != code;
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("uniform: a level is its own nearest level, bit for bit") {
  for_each_scaled([](uniform<float> const& in_float, uniform<double> const& grid) {
    int wrong = 0;
    for (int code = grid.lowest_code(); code <= grid.highest_code(); ++code) {
      float const a = in_float.level(code);
      double const b = grid.level(code);
      wrong += in_float.nearest(a) != a;
      wrong += grid.nearest(b) != b;
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("uniform: no level is outside, and the next number beyond the ends is") {
  for_each_scaled([](uniform<float> const& in_float, uniform<double> const& grid) {
    CHECK_FALSE(in_float.is_outside(in_float.lowest()));
    CHECK_FALSE(in_float.is_outside(in_float.highest()));
    CHECK_FALSE(grid.is_outside(grid.lowest()));
    CHECK_FALSE(grid.is_outside(grid.highest()));
    // Next to zero lies a denormal, which -ffast-math may take for zero.
    if (fast_math && (grid.lowest() == 0 || grid.highest() == 0)) return;
    CHECK(in_float.is_outside(std::nextafter(in_float.highest(), 1e30f)));
    CHECK(grid.is_outside(std::nextafter(grid.highest(), 1e30)));
    CHECK(in_float.is_outside(std::nextafter(in_float.lowest(), -1e30f)));
    CHECK(grid.is_outside(std::nextafter(grid.lowest(), -1e30)));
  });
}

TEST_CASE("uniform: the nearest level is a level, idempotent, and nearer than half a step") {
  random_numbers r(1);
  for_each_scaled([&](uniform<float> const& in_float, uniform<double> const& grid) {
    double const middle = (grid.lowest() + grid.highest()) / 2;
    double const reach = (grid.highest() - grid.lowest()) * 0.6 + grid.step();
    int wrong = 0;
    for (int i = 0; i < 200; ++i) {
      double const w = r.between(middle - reach, middle + reach);
      double const level = grid.nearest(w);
      wrong += level != grid.level(grid.code(w));
      wrong += grid.nearest(level) != level;
      // Rounding of w/Δ moves a threshold by 2^-53·2^16 of a step.
      double const inside = std::fmin(std::fmax(w, grid.lowest()), grid.highest());
      wrong += std::fabs(level - inside) > grid.step() * (0.5 + 0x1p-36);
      auto const x = static_cast<float>(w);
      float const near = in_float.nearest(x);
      wrong += near != in_float.level(in_float.code(x));
      wrong += in_float.nearest(near) != near;
      double const limited =
          std::fmin(std::fmax(static_cast<double>(x), grid.lowest()), grid.highest());
      // In float by 2^-24·2^16, and the level itself is rounded by as much.
      wrong += std::fabs(static_cast<double>(near) - limited) > grid.step() * (0.5 + 0x1p-6);
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("uniform: nearest and code never fall as the weight rises") {
  random_numbers r(2);
  for_each_scaled([&](uniform<float> const& grid, uniform<double> const&) {
    int wrong = 0;
    for (int i = 0; i < 200; ++i) {
      float const a = static_cast<float>(r.between(-1.2, 1.2)) * grid.highest();
      float const b = static_cast<float>(r.between(-1.2, 1.2)) * grid.highest();
      float const low = a < b ? a : b, high = a < b ? b : a;
      wrong += grid.code(low) > grid.code(high) || grid.nearest(low) > grid.nearest(high);
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("uniform: ties go to the even code") {
  uniform const tread(step_size(1.0), 0.0, -4, 3);
  uniform const rise(step_size(1.0), 0.5, -4, 3);
  for (int n = -4; n < 3; ++n) {
    int const even = n % 2 == 0 ? n : n + 1;
    double const between_tread = n + 0.5, between_rise = n + 1.0;
    CHECK(tread.code(between_tread) == even);
    CHECK(rise.code(between_rise) == even);
    CHECK(tread.as<float>().code(static_cast<float>(between_tread)) == even);
    CHECK(rise.as<float>().code(static_cast<float>(between_rise)) == even);
    CHECK(tread.nearest(between_tread) == tread.level(even));
    CHECK(rise.nearest(between_rise) == rise.level(even));
  }
}

TEST_CASE("uniform: beyond the ends the code is limited, however far") {
  for_each_grid([](convention const& c, int b) {
    auto const grid = c.grid(b);
    auto const in_float = grid.as<float>();
    for (double far : {3e3, 1e10, 1e30}) {
      CHECK(grid.code(far) == grid.highest_code());
      CHECK(grid.code(-far) == grid.lowest_code());
      CHECK(grid.nearest(far) == grid.highest());
      CHECK(in_float.code(static_cast<float>(far)) == grid.highest_code());
      CHECK(in_float.nearest(static_cast<float>(-far)) == in_float.lowest());
      CHECK(in_float.is_outside(static_cast<float>(-far)));
    }
    CHECK(grid.code(1e300) == grid.highest_code());
    CHECK(grid.nearest(-1e300) == grid.lowest());
  });
}

TEST_CASE("uniform: denormal weights round as zero does") {
  uniform const grid(step_size(0.1), 0.0, -2, 2);
  CHECK(grid.code(std::numeric_limits<double>::denorm_min()) == 0);
  CHECK(grid.as<float>().nearest(1e-42f) == 0.0f);
}

TEST_CASE("uniform: NaN has the lowest code, no nearest level, and is outside" *
          doctest::skip(fast_math)) {
  for_each_grid([](convention const& c, int b) {
    auto const grid = c.grid(b);
    auto const in_float = grid.as<float>();
    CHECK(in_float.code(not_a_number) == grid.lowest_code());
    CHECK(grid.code(static_cast<double>(not_a_number)) == grid.lowest_code());
    CHECK(is_nan(in_float.nearest(not_a_number)));
    CHECK(is_nan(in_float.position(not_a_number).offset));
    CHECK(is_nan(grid.unbounded_position(static_cast<double>(not_a_number)).offset));
    CHECK(in_float.is_outside(not_a_number));
  });
}

TEST_CASE("uniform: infinity has the end levels" * doctest::skip(fast_math)) {
  for_each_grid([](convention const& c, int b) {
    auto const grid = c.grid(b).as<float>();
    CHECK(grid.code(infinite) == grid.highest_code());
    CHECK(grid.code(-infinite) == grid.lowest_code());
    CHECK(grid.nearest(infinite) == grid.highest());
    CHECK(grid.nearest(-infinite) == grid.lowest());
    CHECK(grid.is_outside(infinite));
    CHECK(grid.is_outside(-infinite));
  });
}

TEST_CASE("uniform: positions keep the digits of the offset, up to 16 bits in float") {
  random_numbers r(3);
  for_each_scaled([&](uniform<float> const& in_float, uniform<double> const& grid) {
    position_check<float> narrow;
    position_check<double> wide;
    for (int i = 0; i < 300; ++i) {
      double const reach = 1.3 * std::fmax(std::fabs(grid.lowest()), grid.highest());
      double w = r.between(-reach, reach);
      if (i % 3 == 0) w = grid.level(r.integer(grid.lowest_code(), grid.highest_code()));
      auto const x = static_cast<float>(w);
      narrow.observe(grid, x, in_float.position(x));
      narrow.observe(grid, x, in_float.unbounded_position(x));
      wide.observe(grid, w, grid.position(w));
      wide.observe(grid, w, grid.unbounded_position(w));
    }
    CAPTURE(narrow.found.at());
    CHECK(narrow.found.error() <= 1);
    CAPTURE(wide.found.at());
    CHECK(wide.found.error() <= 1);
  });
}

TEST_CASE("uniform: an offset is at most one half, up to the rounding of the position") {
  random_numbers r(4);
  for_each_scaled([&](uniform<float> const& in_float, uniform<double> const& grid) {
    worst inside, anywhere;
    for (int i = 0; i < 300; ++i) {
      auto const w = static_cast<float>(r.between(grid.lowest(), grid.highest()));
      inside.observe(std::fabs(static_cast<double>(in_float.position(w).offset)), 0);
      anywhere.observe(std::fabs(static_cast<double>(in_float.unbounded_position(4 * w).offset)),
                       0);
    }
    // Half a unit of 2^18 steps.
    CHECK(inside.error() <= 0.5 + 0x1p-8);
    CHECK(anywhere.error() <= 0.5 + 0x1p-6);
  });
}

TEST_CASE("uniform: beyond the ends the offset goes on growing") {
  uniform const grid(step_size(0.5), 0.0, -2, 1);
  CHECK(grid.position(2.0).code == 1.0);
  CHECK(grid.position(2.0).offset == 3.0);
  CHECK(grid.position(-3.25).code == -2.0);
  CHECK(grid.position(-3.25).offset == -4.5);
  CHECK(grid.unbounded_position(2.0).code == 4.0);
  CHECK(grid.unbounded_position(2.0).offset == 0.0);
}

TEST_CASE("uniform: turns are the distance from code 0 in steps") {
  uniform const grid(step_size(0.5), 0.5, -2, 1);
  CHECK(grid.turns(0.25) == 0.0);
  CHECK(grid.turns(1.0) == 1.5);
  CHECK(grid.as<float>().turns(-0.5f) == -1.5f);
}

TEST_CASE("uniform: scaling multiplies every level and keeps the codes") {
  for_each_grid([](convention const& c, int b) {
    auto const grid = c.grid(b);
    for (double range : {0.013, 1.0, 4.0, 1e-20, 1e17}) {
      auto const scaled = grid.scaled(range);
      CHECK(scaled.size() == grid.size());
      CHECK(scaled.lowest_code() == grid.lowest_code());
      CHECK(scaled.phase() == grid.phase());
      CHECK(scaled.step() == grid.step() * range);
      CHECK(relative_error(scaled.highest(), static_cast<long double>(range) * grid.highest()) <
            4e-16);
    }
    CHECK(grid.scaled(4.0).highest() == 4.0 * grid.highest());
  });
}

TEST_CASE("uniform: scaling a grid of float loses no more than scaling first") {
  auto const grid = dorefa_grid(bits{8});
  auto const one = grid.scaled(0.3).as<float>(), other = grid.as<float>().scaled(0.3);
  for (int code = -128; code < 128; ++code)
    CHECK(one.level(code) == other.level(code));
}

TEST_CASE("uniform: a range that is not finite and above zero is rejected") {
  auto const grid = dorefa_grid(bits{3});
  for (double range :
       {0.0, -1.0, static_cast<double>(infinite), static_cast<double>(not_a_number)}) {
    auto const message = message_of<invalid_argument>([&] { return grid.scaled(range); });
    CHECK_MESSAGE(mentions(message, "range"), message);
  }
  for (double range : {1e-31, 1e-300, 1e31, 1e300}) {
    auto const message = message_of<invalid_argument>([&] { return grid.scaled(range); });
    CHECK_MESSAGE(mentions(message, "step"), message);
  }
}

TEST_CASE("uniform: a phase that is not finite is rejected") {
  for (float phase : {infinite, -infinite, not_a_number}) {
    auto const message = message_of<invalid_argument>(
        [phase] { return uniform<double>(step_size(1.0), static_cast<double>(phase), 0, 1); });
    CHECK_MESSAGE(mentions(message, "phase"), message);
  }
}

TEST_CASE("uniform: 65536 codes are allowed, and no more") {
  uniform const whole(step_size(1e-4), 0.0, -32768, 32767);
  CHECK(whole.size() == 65536);
  CHECK(whole.as<float>().code(whole.as<float>().level(32767)) == 32767);
  CHECK(uniform(step_size(1.0), 0.0, -65536, -1).size() == 65536);
  CHECK(uniform(step_size(1.0), 0.0, 7, 7).size() == 1);
  auto const message = message_of<invalid_argument>(
      [] { return uniform<double>(step_size(1.0), 0.0, -32768, 32768); });
  CHECK_MESSAGE(mentions(message, "codes", "-32768", "32768", "65536"), message);
}

TEST_CASE("uniform: reversed, distant and extreme codes are rejected without overflow") {
  constexpr int most = std::numeric_limits<int>::max(), least = std::numeric_limits<int>::min();
  int const pairs[][2] = {{1, 0},           {3, -3},       {least, most}, {most, least},
                          {least, least},   {most, most},  {least, 0},    {0, most},
                          {-65537, -65530}, {65530, 65537}};
  for (auto const& pair : pairs) {
    auto const message = message_of<invalid_argument>(
        [&] { return uniform<double>(step_size(1.0), 0.0, pair[0], pair[1]); });
    CHECK_MESSAGE(mentions(message, "codes"), message);
  }
}

TEST_CASE("uniform: the smallest and largest steps still make a grid in float") {
  for (double step : {min_step, max_step}) {
    auto const grid = twos_complement_grid(bits{16}, step_size(step)).as<float>();
    CHECK(grid.code(grid.level(-32768)) == -32768);
    CHECK(grid.code(grid.level(123)) == 123);
    CHECK(grid.nearest(grid.level(32767)) == grid.level(32767));
    CHECK(grid.nearest(0.0f) == 0.0f);
  }
}

TEST_CASE("uniform: the same grid as itself and back has the same levels") {
  for_each_grid([](convention const& c, int b) {
    auto const grid = c.grid(b);
    auto const back = grid.as<float>().as<double>();
    CHECK(grid.as<double>().level(grid.highest_code()) == grid.highest());
    // Two floats hold 48 bits.
    CHECK(relative_error(back.highest(), grid.highest()) < 0x1p-46);
    CHECK(back.lowest_code() == grid.lowest_code());
    CHECK(back.phase() == grid.phase());
  });
}

TEST_CASE("uniform: with_step gives the grid of another step, and none beyond the limits" *
          doctest::skip(fast_math)) {
  uniform<double> const grid(step_size(0.25), 0.5, -4, 3);
  uniform<double> const made(step_size(0.1), 0.5, -4, 3), moved = grid.with_step(0.1);
  for (double const w : {-0.5, -0.12, 0.049999, 0.2, 7.0}) {
    CHECK(same_bits(moved.nearest(w), made.nearest(w)));
    CHECK(same_bits(moved.position(w).offset, made.position(w).offset));
  }
  for (double const bad : {1e-31, 1e20, -0.1, 0.0})
    CHECK(is_nan(grid.with_step(bad).nearest(0.2)));
  for (double const good : {1e-30, 1e19})
    CHECK_FALSE(is_nan(grid.with_step(good).nearest(0.2)));
}
