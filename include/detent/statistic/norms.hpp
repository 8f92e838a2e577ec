// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// norms: the ℓ1, ℓ2 and ℓ∞ norm of a tensor in one pass.

#include <cmath>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/math/rounding.hpp>
#include <detent/statistic/statistic.hpp>

namespace detent::inline DETENT_ABI {

/// Σ|x|, √Σx² and max|x|, and how many elements are not 0.
///
/// Of no elements all are 0; a NaN among the elements makes every norm NaN. Sums are in double: the
/// square of an element overflows beyond 1e154 and is lost below 1e-154.
class norms : public summing<norms, 4, 1> {
 public:
  /// @param  counted  a magnitude whose elements are counted as well. ℓ∞ has one direction for each
  ///                  element that attains it; how many do takes a second pass:
  ///                  `reduce(norms{reduce(norms{}, g).maximum()}, g)`
  constexpr explicit norms(double counted = -1.0) noexcept : counted_(counted) {}

  template <class T>
  DETENT_HD observation<4, 1> terms(T element) const noexcept {
    double const x = absolute(static_cast<double>(element));
    return {{x, x * x, keep_if(x != 0.0, 1.0), keep_if(x == counted_, 1.0)}, {x}};
  }

  double l1() const noexcept { return total().sum[0]; }
  double l2() const noexcept { return std::sqrt(total().sum[1]); }
  /// ℓ∞. Comparisons lose a NaN, the sum keeps it.
  double maximum() const noexcept {
    if (detail::is_nan(total().sum[0])) return total().sum[0];
    return larger(0.0, total().maximum[0]);
  }
  /// How many elements are not 0.
  double nonzero() const noexcept { return total().sum[2]; }
  /// How many elements have the magnitude that was given to be counted.
  double counted() const noexcept { return total().sum[3]; }

 private:
  double counted_;
};

static_assert(summing_statistic<norms>);

}  // namespace detent::inline DETENT_ABI
