// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <support/difference.hpp>

using namespace detent_test;

TEST_CASE("difference: the bound holds for a cubic, whose error is h² exactly") {
  auto const cube = [](double x) { return x * x * x; };
  auto const d = central_difference(cube, 1.0, 6.0, 0.0, 0.125);
  CHECK(d.slope == 3.0 + 0.125 * 0.125);
  CHECK(d.bound == 0.125 * 0.125);
}

TEST_CASE("difference: the distance is rounded down to a power of two") {
  auto const cube = [](double x) { return x * x * x; };
  CHECK(central_difference(cube, 1.0, 6.0, 0.0, 0.2).slope == 3.0 + 0.125 * 0.125);
}

TEST_CASE("difference: the best distance leaves a bound that is both true and small") {
  auto const f = [](double x) { return std::sin(x); };
  double const h = difference_distance(1.0, 1.2e-16);
  for (float x : {0.0f, 0.3f, 1.0f, 2.0f, -1.5f}) {
    auto const d = central_difference(f, x, 1.0, 1.2e-16, h);
    CHECK(std::fabs(d.slope - std::cos(static_cast<double>(x))) <= d.bound);
    CHECK(d.bound < 1e-10);
  }
}

TEST_CASE("difference: a wrong derivative is found") {
  auto const f = [](double x) { return std::sin(x); };
  auto const d = central_difference(f, 1.0, 1.0, 1.2e-16, 1e-5);
  CHECK_FALSE(std::fabs(d.slope - std::cos(1.0) * (1 + 1e-9)) <= d.bound);
}
