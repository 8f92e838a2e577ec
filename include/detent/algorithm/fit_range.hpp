// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// fit_range: the range of a grid that rounds a tensor with the least squared error.

#include <detent/algorithm/reduce.hpp>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/policy.hpp>
#include <detent/grid/bits.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/scalar.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/statistic/magnitude.hpp>
#include <detent/statistic/quantization_error.hpp>

namespace detent::inline DETENT_ABI {

namespace detail {

/// max|w|/E|w| from which 64 shares of max|w| are too coarse. Normal weights stay below 7.
inline constexpr double outlier_ratio = 8;
inline constexpr double sixteenth_of_octave = 0.95760328069857365;  // 2^(-1/16)

/// No smaller range has the least error. Let a and b be the larger and the smaller magnitude of the
/// grid's ends, and m = E|w|. No level lies beyond a·c, so the error is at least E[w²] - 2acm. With
/// c = bm/a² the ends alone, one for each sign, give at most E[w²] - b²m²/a². The best range is
/// thus at least b²m/(2a³). A grid without negative levels has no such bound: 1/16 stands for
/// b²/a².
inline double least_best_range(uniform<double> const& unit_grid, double mean) noexcept {
  double const low = absolute(unit_grid.lowest()), high = absolute(unit_grid.highest());
  double const outer = larger(low, high), ratio = smaller(low, high) / outer;
  double const part = rounded_product(ratio, ratio);
  return larger(part, 0.0625) * mean / (2 * outer);
}

/// The least range whose step is not below `min_step`, not even by rounding.
inline double least_range(uniform<double> const& unit_grid) noexcept {
  return min_step / unit_grid.step() * (1 + 0x1p-50);
}

}  // namespace detail

/// The c for which `unit_grid.scaled(c)` has the least mean squared rounding error on w.
///
/// A clipping point at max|w| wastes the levels of a few bits on outliers; this one trades
/// clipping for resolution. 64 shares of max|w| are tried. Where max|w| exceeds 8·E|w| these would
/// be shares of an outlier: then 16 ranges for every factor of 2 are tried, from max|w| down to the
/// least range that can be the best one. One golden-section search between the neighbours of the
/// best refines it.
///
/// @param  policy     `seq` (the default), `openmp`, or `on(executor)`
/// @param  unit_grid  a grid on its unit range, such as `wrpn_grid(bits{3})`
/// @param  w          weights
/// @return            c > 0, at most max|w|; 1 where all weights are 0 or too small for a grid
///                    (`min_step`)
/// Errors: invalid_argument for null data, for weights that are not finite, or so large that the
/// grid's step would exceed `max_step`.
/// Cost: about 80 reads of w, 16·log₂(2·max|w|/E|w|) + 20 with outliers.
template <execution_policy Policy, readable W>
double fit_range(Policy const& policy, uniform<double> const& unit_grid, W const& w) {
  magnitude const of_w = reduce(policy, magnitude{}, w);
  double const maximum = of_w.maximum();
  detail::require_finite(maximum, "largest |w|");
  constexpr int shares = 64;
  double const least_range = detail::least_range(unit_grid);
  if (maximum < least_range) return 1.0;
  if (maximum * unit_grid.step() > max_step) {
    detail::fail("largest |w|",
                 "is " + detail::text(maximum) + "; a grid of that range has a step above 1e19");
  }
  auto const error = [&](double range) {
    quantization_error const fresh{rounding(unit_grid.scaled(range))};
    return reduce(policy, fresh, w).mean_squared_error();
  };
  double best = maximum, least = error(maximum);
  auto const compare = [&](double range) {
    double const e = error(range);
    if (e < least) {
      least = e;
      best = range;
    }
  };
  double low = 0, high = maximum;
  if (maximum > detail::outlier_ratio * of_w.mean()) {
    double const lower = larger(detail::least_best_range(unit_grid, of_w.mean()), least_range);
    double range = maximum;
    while (range > lower) {
      range = larger(detail::rounded_product(range, detail::sixteenth_of_octave), least_range);
      compare(range);
    }
    low = detail::rounded_product(best, detail::sixteenth_of_octave);
    high = best / detail::sixteenth_of_octave;
  } else {
    for (int i = 1; i < shares; ++i) {
      double const share = maximum * i / shares;
      if (share >= least_range) compare(share);
    }
    double const share = maximum / shares;
    low = best - share;
    high = best + share;
  }
  low = larger(low, least_range);
  high = smaller(high, maximum);
  constexpr double golden = 0.6180339887498949;
  for (int step = 0; step < 8; ++step) {
    double const part = detail::rounded_product(golden, high - low);
    double const a = high - part, b = low + part;
    if (error(a) < error(b)) {
      high = b;
    } else {
      low = a;
    }
  }
  double const refined = 0.5 * (low + high);
  return error(refined) < least ? refined : best;
}
template <readable W>
double fit_range(uniform<double> const& unit_grid, W const& w) {
  return fit_range(seq, unit_grid, w);
}

}  // namespace detent::inline DETENT_ABI
