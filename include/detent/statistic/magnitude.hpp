// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// magnitude: extrema of w, and maximum and mean of |w|.

#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/math/rounding.hpp>
#include <detent/statistic/statistic.hpp>

namespace detent::inline DETENT_ABI {

/// Smallest and largest weight, largest and mean magnitude.
///
/// Of no weights: minimum is +infinity, maximum -infinity, the magnitudes 0. A NaN among the
/// weights makes `maximum` and `mean` NaN. Sums are in double.
class magnitude : public summing<magnitude, 1, 2> {
 public:
  template <class T>
  DETENT_HD observation<1, 2> terms(T w) const noexcept {
    double const x = static_cast<double>(w);
    return {{absolute(x)}, {x, -x}};
  }

  double smallest() const noexcept { return -total().maximum[1]; }  ///< min w
  double largest() const noexcept { return total().maximum[0]; }    ///< max w
  /// max |w|. Comparisons lose a NaN, the sum keeps it.
  double maximum() const noexcept {
    if (detail::is_nan(total().sum[0])) return total().sum[0];
    return larger(larger(0.0, total().maximum[0]), total().maximum[1]);
  }
  double mean() const noexcept { return mean_of(0); }  ///< E|w|; 0 of no weights
};

static_assert(summing_statistic<magnitude>);

}  // namespace detent::inline DETENT_ABI
