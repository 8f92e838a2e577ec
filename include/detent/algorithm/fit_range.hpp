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

/// The c for which `unit_grid.scaled(c)` has the least mean squared rounding error on w.
///
/// A clipping point at max|w| wastes the levels of a few bits on outliers; this one trades
/// clipping for resolution. The range is searched over 64 shares of max|w|, then the best is
/// refined by one golden-section search between its neighbours.
///
/// @param  policy     `seq` (the default), `openmp`, or `on(executor)`
/// @param  unit_grid  a grid on its unit range, such as `wrpn_grid(bits{3})`
/// @param  w          weights      @return  c > 0, at most max|w|; 1 where all weights are 0
///                    or too small for a grid (`min_step`)
/// Errors: invalid_argument for null data or weights that are not finite.
/// Cost: about 80 reads of w.
template <execution_policy Policy, readable W>
double fit_range(Policy const& policy, uniform<double> const& unit_grid, W const& w) {
  double const maximum = reduce(policy, magnitude{}, w).maximum();
  detail::require_finite(maximum, "largest |w|");
  constexpr int shares = 64;
  if (!(maximum * unit_grid.step() / shares >= min_step)) return 1.0;
  auto const error = [&](double range) {
    quantization_error const fresh{rounding(unit_grid.scaled(range))};
    return reduce(policy, fresh, w).mean_squared_error();
  };
  int best = shares;
  double least = error(maximum);
  for (int i = 1; i < shares; ++i) {
    double const e = error(maximum * i / shares);
    if (e < least) {
      least = e;
      best = i;
    }
  }
  constexpr double golden = 0.6180339887498949;
  double low = maximum * (best - 1) / shares, high = maximum * (best + 1) / shares;
  high = high < maximum ? high : maximum;
  for (int step = 0; step < 8; ++step) {
    double const part = detail::rounded_product(golden, high - low);
    double const a = high - part, b = low + part;
    if (error(a) < error(b)) {
      high = b;
    } else {
      low = a;
    }
  }
  double const refined = 0.5 * (low + high), share = maximum * best / shares;
  return error(refined) < least ? refined : share;
}
template <readable W>
double fit_range(uniform<double> const& unit_grid, W const& w) {
  return fit_range(seq, unit_grid, w);
}

}  // namespace detent::inline DETENT_ABI
