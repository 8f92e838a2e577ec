// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// fit_range: never worse than max|w|, near the optimum of a brute-force scan, bad inputs.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <detent/algorithm/fit_range.hpp>
#include <detent/grid/convention.hpp>
#include <limits>
#include <span>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::fit_range;

namespace {

/// Roughly normal weights with a few outliers.
template <class T>
std::vector<T> bell(std::size_t size, double sigma) {
  std::vector<T> w(size);
  std::uint64_t state = size;
  for (T& x : w) {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i)
      sum += static_cast<double>(tensors::next(state) >> 11) * 0x1p-53;
    x = static_cast<T>(sigma * sum);
  }
  for (std::size_t i = 0; i < size; i += 500)
    w[i] *= T(3);
  return w;
}

template <class T>
double error(detent::uniform<double> const& unit, double range, std::vector<T> const& w) {
  auto const grid = unit.scaled(range);
  double sum = 0;
  for (T const x : w) {
    double const d = grid.nearest(static_cast<double>(x)) - static_cast<double>(x);
    sum += d * d;
  }
  return sum;
}

template <class T>
double largest(std::vector<T> const& w) {
  double maximum = 0;
  for (T const x : w)
    maximum = std::max(maximum, std::abs(static_cast<double>(x)));
  return maximum;
}

template <class T>
void check(detent::uniform<double> const& unit, std::vector<T> const& w) {
  double const maximum = largest(w), fitted = fit_range(unit, w);
  CHECK(fitted > 0.0);
  CHECK(fitted <= maximum);
  double const got = error(unit, fitted, w);
  CHECK(got <= error(unit, maximum, w) * (1 + 1e-6));
  double best = got;
  for (int i = 1; i <= 500; ++i)
    best = std::min(best, error(unit, maximum * i / 500.0, w));
  CHECK(got <= 1.02 * best);
}

}  // namespace

TEST_CASE("fit_range: is near the optimum, and never worse than the largest weight") {
  auto const narrow = bell<float>(3000, 0.05);
  auto const wide = bell<double>(2000, 1.0);
  for (int b = 1; b <= 5; ++b) {
    check(detent::dorefa_grid(bits{b}), narrow);
    check(detent::dorefa_grid(bits{b}), wide);
    if (b > 1) check(detent::wrpn_grid(bits{b}), narrow);
    if (b > 1) check(detent::wrpn_grid(bits{b}), wide);
    check(detent::unit_grid(bits{b}), wide);
  }
}

TEST_CASE("fit_range: clips outliers when levels are few") {
  auto const w = bell<float>(3000, 0.05);
  CHECK(fit_range(detent::wrpn_grid(bits{2}), w) < 0.5 * largest(w));
}

TEST_CASE("fit_range: weights on the levels of a range give this range") {
  std::vector<double> w;
  for (int n = -3; n <= 3; ++n)
    w.push_back(0.25 * n);
  CHECK(std::abs(fit_range(detent::wrpn_grid(bits{3}), w) - 0.75) < 1e-12);
}

TEST_CASE("fit_range: finds a range between the shares that are tried first") {
  double const range = 0.5078;  // half way between 32/64 and 33/64
  std::vector<double> w{1.0};
  for (int i = 0; i < 7000; ++i)
    w.push_back(range / 3.0 * static_cast<double>(i % 7 - 3));
  CHECK(std::abs(fit_range(detent::wrpn_grid(bits{3}), w) - range) < 1e-3);
}

TEST_CASE("fit_range: is 1 where there is nothing to fit") {
  CHECK(fit_range(detent::wrpn_grid(bits{3}), std::vector<float>{}) == 1.0);
  CHECK(fit_range(detent::wrpn_grid(bits{3}), std::vector<float>(9)) == 1.0);
  // Dead weights, for which no grid exists.
  for (float const w : {1e-30f, 1e-38f, 1e-45f})
    CHECK(fit_range(detent::wrpn_grid(bits{16}), std::vector<float>(9, w)) == 1.0);
}

TEST_CASE("fit_range: scales with the weights") {
  auto w = bell<double>(1000, 1.0);
  double const at_one = fit_range(detent::wrpn_grid(bits{3}), w);
  for (double const factor : {0x1p-20, 0x1p-30, 0x1p30}) {
    auto scaled = w;
    for (double& x : scaled)
      x *= factor;
    double const fitted = fit_range(detent::wrpn_grid(bits{3}), scaled);
    CHECK(std::abs(fitted / factor - at_one) < 1e-9 * at_one);
  }
}

TEST_CASE("fit_range: rejects weights that are not finite, and null data") {
  auto const unit = detent::wrpn_grid(bits{3});
  std::span<float> const null(static_cast<float*>(nullptr), 10);
  CHECK(tensors::message_of([&] { fit_range(unit, null); }) ==
        "detent: w: has null data and size 10");
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped the rest: -ffast-math assumes that there are no NaNs and infinities");
#else
  for (float const bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    std::vector<float> const w{0.5f, bad, 0.25f};
    CHECK(tensors::message_of([&] { fit_range(unit, w); }) ==
          "detent: largest |w|: is not finite; a finite number is needed");
  }
#endif
}

TEST_CASE("fit_range: as near to the optimum as eight golden-section steps between 64 shares") {
  // Weights on the levels of the range r and one at 1: the error is S (c - r)² + (1 - c)², S the
  // sum of the squared levels of the unit range, and least at (S r + 1)/(S + 1).
  auto const unit = detent::wrpn_grid(detent::bits{3});
  for (double r = 0.35; r < 0.95; r += 0.019) {
    std::vector<double> w{1.0};
    double squares = 0;
    for (int i = 0; i < 700; ++i) {
      double const level = unit.level(i % 7 - 3);
      w.push_back(r * level);
      squares += level * level;
    }
    double const best = (squares * r + 1) / (squares + 1);
    // Half of what the steps leave of the two intervals.
    double const left = 2.0 / 64 * std::pow(0.6180339887498949, 8) / 2;
    CAPTURE(r);
    CHECK(std::fabs(detent::fit_range(unit, w) - best) <= left * (1 + 1e-9));
  }
}

TEST_CASE("fit_range: the ranges of a tensor, to nine digits") {
  auto const w = tensors::random<double>(1000, 3, 1.0);
  CHECK(std::fabs(fit_range(detent::wrpn_grid(bits{2}), w) - 0.660003071777) < 1e-9);
  CHECK(std::fabs(fit_range(detent::wrpn_grid(bits{3}), w) - 0.856336393385) < 1e-9);
  CHECK(std::fabs(fit_range(detent::wrpn_grid(bits{4}), w) - 0.932023952026) < 1e-9);
}

namespace {

double squared_error(detent::uniform<double> const& unit, double range,
                     std::vector<float> const& w) {
  detent::quantization_error const fresh{detent::rounding{unit.scaled(range)}};
  return detent::reduce(fresh, w).mean_squared_error();
}

/// Not worse than the best of a dense scan from the largest weight down, but for a thousandth.
void check_against_scan(std::vector<float> const& w, double lowest) {
  double const largest = detent::reduce(detent::magnitude{}, w).maximum();
  for (auto const& unit : {detent::wrpn_grid(bits{2}), detent::wrpn_grid(bits{4}),
                           detent::dorefa_grid(bits{1}), detent::dorefa_grid(bits{3})}) {
    double least = squared_error(unit, largest, w);
    for (double range = largest; range > lowest; range *= 0.99)
      least = std::min(least, squared_error(unit, range, w));
    CHECK(squared_error(unit, fit_range(unit, w), w) <= 1.001 * least);
  }
}

}  // namespace

TEST_CASE("fit_range: one outlier of any size does not decide") {
  std::vector<float> w(40000);
  for (std::size_t i = 0; i < w.size(); ++i) {
    double const turn = 0.6180339887498949 * static_cast<double>(i);
    w[i] = static_cast<float>(2 * (turn - std::floor(turn)) - 1);
  }
  for (float const outlier : {3.0f, 15.0f, -47.0f}) {
    w[7] = outlier;
    check_against_scan(w, 0.1);
  }
  // The best range in closed form: 2/3 for levels -c, 0, c and weights even over [-1, 1].
  w[7] = 20.0f;
  CHECK(std::abs(fit_range(detent::wrpn_grid(bits{2}), w) - 2.0 / 3) < 0.02);
}

TEST_CASE("fit_range: heavy tails, few weights that are not zero, and any unit of measure") {
  std::uint64_t state = 3;
  for (double const unit : {1e-20, 1.0, 1e15}) {
    std::vector<float> cauchy(4000), sparse(4000);
    for (std::size_t i = 0; i < cauchy.size(); ++i) {
      double const turn = static_cast<double>(tensors::next(state) >> 11) * 0x1p-53;
      cauchy[i] = static_cast<float>(unit * std::tan(3.14159 * (turn - 0.5)));
      if (i % 400 == 0) sparse[i] = static_cast<float>(unit * turn);
    }
    check_against_scan(cauchy, 0.1 * unit);
    check_against_scan(sparse, 1e-4 * unit);
  }
}

TEST_CASE("fit_range: weights near the least and the largest step of a grid") {
  auto const unit = detent::dorefa_grid(bits{4});
  for (double const size : {1e-28, 2e-29, 1e18, 1e19}) {
    auto w = bell<float>(1000, 0.2);
    for (float& x : w)
      x = static_cast<float>(size * static_cast<double>(x));
    double const largest = detent::reduce(detent::magnitude{}, w).maximum();
    double const range = fit_range(unit, w);
    CHECK(range <= largest);
    CHECK(range >= 0.2 * largest);
    CHECK(squared_error(unit, range, w) <= squared_error(unit, largest, w));
  }
  CHECK(
      tensors::message_of([&] {
        fit_range(unit, std::vector<float>{1e30f, 1.0f});
      }) ==
      "detent: largest |w|: is 1.0000000150474662e+30; a grid of that range has a step above 1e19");
}
