// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <detent/grid/convention.hpp>
#include <goldens/grid.hpp>
#include <string_view>
#include <support/conventions.hpp>
#include <support/message.hpp>
#include <support/ulp.hpp>

using namespace detent;
using namespace detent_test;

namespace {

uniform<double> golden_grid(char name, int b) {
  if (name == 'd') return dorefa_grid(bits(b));
  if (name == 'w') return wrpn_grid(bits(b));
  return unit_grid(bits(b));
}

}  // namespace

TEST_CASE("convention: codes and number of levels for every number of bits") {
  for_each_grid([](convention const& c, int b) {
    CAPTURE(c.name);
    CAPTURE(b);
    auto const grid = c.grid(b);
    CHECK(grid.lowest_code() == c.lowest(b));
    CHECK(grid.highest_code() == c.highest(b));
    CHECK(grid.size() == c.highest(b) - c.lowest(b) + 1);
    CHECK(grid.size() <= power(b));
  });
}

TEST_CASE("convention: every level is the formula's, rounded once") {
  for_each_grid([](convention const& c, int b) {
    CAPTURE(c.name);
    CAPTURE(b);
    auto const grid = c.grid(b);
    auto const in_float = grid.as<float>();
    worst in_double_error, in_float_error;
    for (int code = c.lowest(b); code <= c.highest(b); ++code) {
      long double const exact = c.level(b, code);
      in_double_error.observe(ulp_error(grid.level(code), exact), code);
      in_float_error.observe(ulp_error(in_float.level(code), exact), code);
    }
    // In double the step is rounded too: half a unit relative to it is at most one of the level.
    CHECK(in_double_error.error() <= 1.5);
    // In float the step has two parts; 2^-24 units are left of their rounding.
    CHECK(in_float_error.error() <= 0.5 + 0x1p-20);
  });
}

TEST_CASE("convention: the ends are the range") {
  for (int b = 2; b <= 16; ++b) {
    CAPTURE(b);
    CHECK(ulp_error(dorefa_grid(bits(b)).highest(), 1) <= 1.5);
    CHECK(ulp_error(dorefa_grid(bits(b)).lowest(), -1) <= 1.5);
    CHECK(ulp_error(wrpn_grid(bits(b)).highest(), 1) <= 1.5);
    CHECK(ulp_error(wrpn_grid(bits(b)).lowest(), -1) <= 1.5);
    CHECK(ulp_error(unit_grid(bits(b)).highest(), 1) <= 1.5);
    CHECK(unit_grid(bits(b)).lowest() == 0.0);
    CHECK(dorefa_grid(bits(b)).as<float>().highest() == 1.0f);
    CHECK(wrpn_grid(bits(b)).as<float>().lowest() == -1.0f);
    CHECK(unit_grid(bits(b)).as<float>().highest() == 1.0f);
  }
}

TEST_CASE("convention: zero is a level of every grid but DoReFa's") {
  for_each_grid([](convention const& c, int b) {
    auto const grid = c.grid(b);
    bool const has_zero = grid.nearest(0.0) == 0.0;
    CHECK(has_zero == (std::string_view(c.name) != "dorefa"));
  });
}

TEST_CASE("convention: DoReFa of one bit is the binary network") {
  auto const grid = dorefa_grid(bits{1});
  CHECK(grid.size() == 2);
  CHECK(grid.lowest() == -1.0);
  CHECK(grid.highest() == 1.0);
  CHECK(grid.nearest(0.01) == 1.0);
  CHECK(grid.nearest(-0.01) == -1.0);
}

TEST_CASE("convention: DoReFa and WRPN are their own mirror images") {
  for (int b = 2; b <= 16; ++b) {
    auto const dorefa = dorefa_grid(bits(b));
    auto const wrpn = wrpn_grid(bits(b));
    bool mirrored = true;
    for (int n = 0; n < power(b - 1); ++n) {
      mirrored = mirrored && dorefa.level(n) == -dorefa.level(-1 - n);
      mirrored = mirrored && wrpn.level(n) == -wrpn.level(-n);
    }
    CHECK(mirrored);
  }
}

TEST_CASE("convention: codes and levels agree with the goldens") {
  for (auto const& golden : goldens::nearest) {
    CAPTURE(golden.grid);
    CAPTURE(golden.bits);
    CAPTURE(golden.w);
    auto const grid = golden_grid(golden.grid, golden.bits);
    CHECK(grid.code(golden.w) == golden.code);
    CHECK(ulp_error(grid.nearest(golden.w), golden.level) <= 1.5);
  }
}

TEST_CASE("convention: WRPN of one bit is rejected, naming the range") {
  auto const message = message_of<invalid_argument>([] { return wrpn_grid(bits{1}); });
  CHECK_MESSAGE(mentions(message, "bits", "1", "2 to 16"), message);
}
