// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// moments: count, mean and central moments up to the fourth.

#include <detent/config.hpp>
#include <detent/math/rounding.hpp>
#include <detent/statistic/statistic.hpp>

namespace detent::inline DETENT_ABI {

/// Mean and central moments of the weights, from power sums about an origin, in double.
///
///     m_k = (1/N) Σ (w - μ)^k       population moments, k = 2, 3, 4
///
/// The power sums lose about 2·log10(|μ - origin|/σ) digits of the variance and twice that of
/// m₄: for weights far from zero pass an origin near their mean. Of no weights, all are 0.
class moments : public summing<moments, 4> {
 public:
  constexpr explicit moments(double origin = 0.0) noexcept : origin_(origin) {}

  template <class T>
  DETENT_HD observation<4> terms(T w) const noexcept {
    double const x = static_cast<double>(w) - origin_;
    double const square = x * x;
    return {{x, square, square * x, square * square}};
  }

  double mean() const noexcept { return origin_ + mean_of(0); }
  // Explicit fma: otherwise compilers choose, and the last bits with them.
  double variance() const noexcept { return fma(-mean_of(0), mean_of(0), mean_of(1)); }
  /// m₃
  double third() const noexcept {
    double const a = mean_of(0);
    return fma(a, fma(2 * a, a, -3 * mean_of(1)), mean_of(2));
  }
  /// m₄
  double fourth() const noexcept {
    double const a = mean_of(0);
    return fma(a, fma(a, fma(-3 * a, a, 6 * mean_of(1)), -4 * mean_of(2)), mean_of(3));
  }
  /// m₄/m₂²: 3 for a normal, 1.8 for a uniform distribution. NaN where the variance is 0.
  double kurtosis() const noexcept { return fourth() / (variance() * variance()); }

 private:
  double origin_;
};

static_assert(summing_statistic<moments>);

}  // namespace detent::inline DETENT_ABI
