// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/grid/period.hpp>
#include <limits>
#include <string>
#include <support/difference.hpp>
#include <support/fast_math.hpp>
#include <support/random.hpp>

using detent::bit_convention;
using detent::bits;
using detent::period;
using namespace detent_test;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// At every integer bit-width the minima of the sinusoid are the levels of the grid.
template <bit_convention C>
void check_minima_are_levels(detent::uniform<double> (*grid)(bits), int sign_bits) {
  for (int beta = static_cast<int>(period<C>::min_bit_width); beta <= period<C>::max_bit_width;
       ++beta) {
    period<C> const p(beta, 1.7);
    auto const levels = grid(bits(beta + sign_bits)).scaled(1.7);
    CHECK(p.bits().count() == beta + sign_bits);
    CHECK(p.grid().size() == levels.size());
    CHECK(p.grid().step() == levels.step());
    for (int const code : {levels.lowest_code(), 0, levels.highest_code()}) {
      double const turns = levels.level(code) * p.frequency() - p.phase();
      CHECK(std::fabs(turns - code) <= 4 * epsilon * (std::fabs(turns) + 1));
    }
    CHECK(std::fabs(levels.highest() - p.highest()) <= 2 * epsilon * p.highest());
    CHECK(std::fabs(levels.lowest() - p.lowest()) <= 2 * epsilon * p.highest());
  }
}

template <bit_convention C>
void check_slope() {
  random_numbers r(5);
  for (int i = 0; i < 200; ++i) {
    double const beta = r.between(period<C>::min_bit_width + 0.01, period<C>::max_bit_width - 0.01);
    double const range = std::exp(r.between(-3, 3));
    period<C> const p(beta, range);
    double const third = p.slope() * std::log(2.0) * std::log(2.0) * 1.01;
    double const error = 4 * epsilon * p.frequency() + epsilon;
    double const h = std::fmin(difference_distance(third, error), 0.005);
    auto const quotient = central_difference(
        [&](double b) { return period<C>(b, range).frequency(); }, beta, third, error, h);
    CHECK(std::fabs(p.slope() - quotient.slope) <= quotient.bound);
  }
}

template <bit_convention C>
std::string message(double beta, double range = 1) {
  try {
    period<C>(beta, range);
  } catch (detent::invalid_argument const& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("period: the minima at integer bit-widths are the levels of the convention's grid") {
  check_minima_are_levels<bit_convention::waveq>(detent::wrpn_grid, 1);
  check_minima_are_levels<bit_convention::wrpn>(detent::wrpn_grid, 0);
  check_minima_are_levels<bit_convention::dorefa>(detent::dorefa_grid, 0);
  check_minima_are_levels<bit_convention::unsigned_unit>(detent::unit_grid, 0);
}

TEST_CASE("period: slope is the derivative of the frequency") {
  check_slope<bit_convention::waveq>();
  check_slope<bit_convention::wrpn>();
  check_slope<bit_convention::dorefa>();
  check_slope<bit_convention::unsigned_unit>();
}

TEST_CASE("period: freezes to the next integer above") {
  CHECK(period<bit_convention::dorefa>(3.0).bits().count() == 3);
  CHECK(period<bit_convention::dorefa>(3.001).bits().count() == 4);
  CHECK(period<bit_convention::waveq>(2.5).bits().count() == 4);
  CHECK(period<bit_convention::dorefa>(2.2, 0.5).grid().highest() == 0.5);
}

TEST_CASE("period: rejects bit-widths without a grid and ranges that are not positive") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(message<bit_convention::wrpn>(1.5).starts_with("detent: bit-width: is 1.5"));
  CHECK(message<bit_convention::waveq>(0.9).starts_with("detent: bit-width: is 0.9"));
  CHECK(message<bit_convention::waveq>(15.5).starts_with("detent: bit-width: is 15.5"));
  CHECK(message<bit_convention::dorefa>(16.5).starts_with("detent: bit-width: is 16.5"));
  CHECK(message<bit_convention::dorefa>(nan).starts_with("detent: bit-width: is not finite"));
  CHECK(message<bit_convention::dorefa>(3, 0).starts_with("detent: range: is 0"));
  CHECK(message<bit_convention::dorefa>(3, -1).starts_with("detent: range: is -1"));
  CHECK(message<bit_convention::dorefa>(3, nan).starts_with("detent: range: is not finite"));
  CHECK(message<bit_convention::dorefa>(3, 1e21).starts_with("detent: step: is above"));
  CHECK(message<bit_convention::waveq>(8, 1e-29).starts_with("detent: step: is below"));
  CHECK(message<bit_convention::dorefa>(1).empty());
  CHECK(message<bit_convention::dorefa>(16).empty());
}

TEST_CASE("period: a learned bit-width that is no number makes the range none" *
          doctest::skip(fast_math)) {
  auto const not_finite = [](double x) { return !detent::detail::is_finite(x); };
  double const nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(not_finite(period<>(4).moved_to(nan, 1.0).range()));
  CHECK(not_finite(period<>(4).moved_to(4, nan).range()));
  CHECK(not_finite(period<>(4).moved_to(4, -1.0).range()));
  CHECK(period<>(4).moved_to(5, 2.0).range() == 2);
}
