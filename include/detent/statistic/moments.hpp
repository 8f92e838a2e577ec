// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// moments: count, mean and central moments up to the fourth.

#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/scalar.hpp>
#include <detent/statistic/statistic.hpp>

namespace detent::inline DETENT_ABI {

/// Mean and central moments of the weights, from power sums about an origin, in double.
///
///     m_k = (1/N) Σ (w - μ)^k       population moments, k = 2, 3, 4
///
/// The power sums lose about 2·log10(|μ - origin|/σ) digits of the variance and twice that of
/// m₄: for weights far from zero pass an origin near their mean. Rounding leads no result out of
/// its mathematical range: the mean lies between the extrema, the variance between 0 and
/// (max - μ)(μ - min), m₄ between m₂² and (max - min)²·m₂. Equal weights have variance 0 exactly.
/// Of no weights, all are 0.
class moments : public summing<moments, 4, 2> {
 public:
  constexpr explicit moments(double origin = 0.0) noexcept : origin_(origin) {}

  template <class T>
  DETENT_HD observation<4, 2> terms(T w) const noexcept {
    double const x = static_cast<double>(w) - origin_;
    double const square = x * x;
    return {{x, square, square * x, square * square}, {x, -x}};
  }

  double mean() const noexcept { return origin_ + centre(); }
  // Explicit fma: otherwise compilers choose, and the last bits with them.
  double variance() const noexcept {
    double const a = mean_of(0), raw = fma(-a, a, mean_of(1));
    if (!has_range()) return raw;
    double const most = detail::rounded_product(highest() - centre(), centre() - lowest());
    return limited(raw, 0.0, most) + 0.0;  // no -0
  }
  /// m₃
  double third() const noexcept {
    double const a = mean_of(0);
    double const raw = fma(a, fma(2 * a, a, -3 * mean_of(1)), mean_of(2));
    if (!has_range()) return raw;
    double const most = detail::rounded_product(highest() - lowest(), variance());
    return limited(raw, -most, most);
  }
  /// m₄
  double fourth() const noexcept {
    double const a = mean_of(0);
    double const raw = fma(a, fma(a, fma(-3 * a, a, 6 * mean_of(1)), -4 * mean_of(2)), mean_of(3));
    if (!has_range()) return raw;
    double const range = highest() - lowest(), m2 = variance();
    return limited(raw, detail::rounded_product(m2, m2),
                   detail::rounded_product(range, detail::rounded_product(range, m2)));
  }
  /// m₄/m₂², 1 or above: 3 for a normal, 1.8 for a uniform distribution. NaN where the square of
  /// the variance is 0.
  double kurtosis() const noexcept {
    double const square = detail::rounded_product(variance(), variance());
    return square == 0 ? not_a_number : fourth() / square;
  }

 private:
  static constexpr double not_a_number = __builtin_bit_cast(double, 0x7ff8000000000000ull);

  /// Whether all weights are finite, and there are some.
  bool has_range() const noexcept { return count() != 0 && detail::is_finite(mean_of(0)); }
  double lowest() const noexcept { return -total().maximum[1]; }
  double highest() const noexcept { return total().maximum[0]; }
  /// The mean less the origin.
  double centre() const noexcept {
    return has_range() ? limited(mean_of(0), lowest(), highest()) : mean_of(0);
  }
  /// x limited to [low, high]; NaN stays NaN.
  static double limited(double x, double low, double high) noexcept {
    return x < low ? low : high < x ? high : x;
  }

  double origin_;
};

static_assert(summing_statistic<moments>);

}  // namespace detent::inline DETENT_ABI
