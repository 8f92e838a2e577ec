// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Noise of a gap by hand-computed numbers, and shares of gaps that are none.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <trainer/report/share.hpp>
#include <vector>

namespace {

using detent_trainer::gap_noise;
using detent_trainer::share_of_gap;
using list = std::vector<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

bool close(double value, double expected) {
  return std::abs(value - expected) <= 1e-12 * std::abs(expected);
}

}  // namespace

TEST_CASE("share: the noise is two standard errors of the difference") {
  // Sample variances 4e-4 and 1e-4 over three seeds.
  CHECK(
      close(gap_noise(list{0.90, 0.92, 0.94}, list{0.81, 0.82, 0.83}, 0), 2 * std::sqrt(5e-4 / 3)));
  CHECK(close(gap_noise(list{0.90, 0.92, 0.94}, list{0.81, 0.82, 0.83}, 1000000),
              2 * std::sqrt(5e-4 / 3)));
}

TEST_CASE("share: one seed, or seeds that agree, are as uncertain as the test set") {
  CHECK(close(gap_noise(list{0.9}, list{0.8}, 100), 2 * std::sqrt(0.09 / 100 + 0.16 / 100)));
  CHECK(close(gap_noise(list{0.9, 0.9}, list{0.8, 0.8}, 100),
              2 * std::sqrt(0.09 / 200 + 0.16 / 200)));
  // p (1 - p) = 0: at least one image in N.
  CHECK(close(gap_noise(list{1}, list{0}, 100), 2 * std::sqrt(2.0 / 10000)));
}

TEST_CASE("share: nothing is known from no seed, nor from one with an unknown test set") {
  CHECK(gap_noise(list{}, list{0.8}, 100) == infinity);
  CHECK(gap_noise(list{0.9}, list{}, 100) == infinity);
  CHECK(gap_noise(list{0.9}, list{0.8, 0.8}, 0) == infinity);
}

TEST_CASE("share: a quotient only where the gap is above its noise") {
  CHECK(share_of_gap(0.03, 0.05, 0.04) == 0.03 / 0.05);
  CHECK(share_of_gap(-0.03, 0.05, 0.04) == -0.03 / 0.05);
  CHECK(std::isnan(share_of_gap(0.03, 0.05, 0.05)));
  CHECK(std::isnan(share_of_gap(0.03, 1.1e-16, 0)) == false);
  CHECK(std::isnan(share_of_gap(0.03, 0, 0)));
  CHECK(std::isnan(share_of_gap(0.03, -0.05, 0.04)));
  CHECK(std::isnan(share_of_gap(0.03, 0.05, infinity)));
  CHECK(std::isnan(share_of_gap(not_a_number, 0.05, 0.04)));
  CHECK(std::isnan(share_of_gap(0.03, not_a_number, 0.04)));
  CHECK(std::isnan(share_of_gap(0.03, 0.05, not_a_number)));
}
