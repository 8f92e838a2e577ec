// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Mean squared error, signal-to-noise ratio and share on the grid: plain loops and closed forms.

#include <doctest/doctest.h>

#include <cmath>
#include <detent/algorithm/reduce.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/quantizer/lsq.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/statistic/quantization_error.hpp>
#include <limits>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::quantization_error;

namespace {

template <class Q, class T>
void check_against_loops(Q const& q, std::vector<T> const& w) {
  auto const error = detent::reduce(quantization_error{q}, w);
  long double squared = 0, signal = 0;
  for (T const x : w) {
    double const reference = q.unrounded(static_cast<double>(x));
    double const difference = static_cast<double>(q(x)) - reference;
    squared += difference * difference;
    signal += reference * reference;
  }
  double const mse = static_cast<double>(squared / static_cast<long double>(w.size()));
  double const sqnr = 10.0 * std::log10(static_cast<double>(signal / squared));
  CHECK(error.count() == w.size());
  CHECK(std::abs(error.mean_squared_error() - mse) <= 2e-5 * mse);
  CHECK(std::abs(error.sqnr_db() - sqnr) <= 1e-3);
}

}  // namespace

TEST_CASE("quantization_error: agrees with plain loops, clipped weights included") {
  for (std::size_t const size : {10u, 1000u, 16384u, 40001u}) {
    auto const narrow = tensors::random<float>(size, 2, 1.5);
    auto const wide = tensors::random<double>(size, 2, 1.5);
    for (int b = 2; b <= 6; ++b) {
      detent::wrpn_weights const wrpn{bits{b}, 1.1};
      check_against_loops(wrpn, narrow);
      check_against_loops(wrpn, wide);
      auto const m = detent::reduce(detent::magnitude{}, wide);
      check_against_loops(detent::dorefa_weights(bits{b}, m, 0.4), narrow);
      check_against_loops(detent::dorefa_weights(bits{b}, m), wide);
    }
  }
}

TEST_CASE("quantization_error: weights spread evenly have the error Δ²/12") {
  detent::rounding const q{detent::twos_complement_grid(bits{8}, detent::step_size{0.25})};
  std::vector<double> w;
  for (int i = 0; i < 100000; ++i)
    w.push_back((static_cast<double>(i) + 0.5) / 100000.0 * 8.0 - 4.0);
  auto const error = detent::reduce(quantization_error{q}, w);
  double const want = 0.25 * 0.25 / 12.0;
  CHECK(std::abs(error.mean_squared_error() - want) < 1e-4 * want);
  CHECK(std::abs(error.sqnr_db() - 10.0 * std::log10(16.0 / 3.0 / want)) < 1e-3);
  // Of each step, the tolerance to both sides of a level is on the grid.
  CHECK(std::abs(error.on_grid_fraction() - 2.0 * detent::on_grid_tolerance) < 1e-3);
}

TEST_CASE("quantization_error: on the grid are the levels that exist, and no others") {
  detent::wrpn_weights const q{bits{2}};  // -1, 0, 1
  auto const share = [&](double w) {
    return detent::reduce(quantization_error{q}, std::vector<double>{w}).on_grid_fraction();
  };
  for (double const w : {0.0, 1.0, -1.0, 0.049, -0.049, 1.049, 0.951, -1.049})
    CHECK(share(w) == 1.0);
  for (double const w : {0.051, 0.5, 0.949, 1.051, 2.0, -2.0, 30.0})
    CHECK(share(w) == 0.0);
}

TEST_CASE("quantization_error: levels themselves have no error and an infinite ratio") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  constexpr double infinity = std::numeric_limits<double>::infinity();
  detent::wrpn_weights const q{bits{2}};
  auto const levels =
      detent::reduce(quantization_error{q}, std::vector<float>{-1.0f, 0.0f, 1.0f, 0.0f});
  CHECK(levels.mean_squared_error() == 0.0);
  CHECK(levels.sqnr_db() == infinity);
  CHECK(levels.on_grid_fraction() == 1.0);
  auto const zeros = detent::reduce(quantization_error{q}, std::vector<float>(7));
  CHECK(zeros.sqnr_db() == infinity);
  auto const none = detent::reduce(quantization_error{q}, std::vector<float>{});
  CHECK(none.count() == 0);
  CHECK(none.mean_squared_error() == 0.0);
  CHECK(none.on_grid_fraction() == 0.0);
#endif
}

TEST_CASE("quantization_error: NaN weights make the error NaN and are not on the grid") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  detent::wrpn_weights const q{bits{2}};
  std::vector<float> w(10, 1.0f);
  w[3] = std::numeric_limits<float>::quiet_NaN();
  auto const error = detent::reduce(quantization_error{q}, w);
  CHECK(std::isnan(error.mean_squared_error()));
  CHECK(std::isnan(error.sqnr_db()));
  CHECK(error.on_grid_fraction() == 0.9);
#endif
}

TEST_CASE("quantization_error: merging is observing both") {
  detent::wrpn_weights const q{bits{3}, 0.8};
  auto const w = tensors::random<double>(500, 8);
  quantization_error all{q}, first{q}, second{q};
  for (std::size_t i = 0; i < w.size(); ++i) {
    all.observe(w[i]);
    (i < 200 ? first : second).observe(w[i]);
  }
  first.merge(second);
  CHECK(first.count() == 500);
  CHECK(std::abs(first.mean_squared_error() - all.mean_squared_error()) < 1e-15);
  CHECK(first.on_grid_fraction() == all.on_grid_fraction());
  CHECK(std::abs(first.sqnr_db() - all.sqnr_db()) < 1e-12);
}

TEST_CASE("quantization_error: a weight at the tolerance is on the grid") {
  // A twentieth of a step of 20 is 1.
  quantization_error const fresh{detent::lsq::weights(bits{4}, detent::step_size{20})};
  auto const share = [&](double w) {
    return detent::reduce(fresh, std::vector<double>{w}).on_grid_fraction();
  };
  CHECK(share(21) == 1);
  CHECK(share(19) == 1);
  CHECK(share(21.000001) == 0);
}
