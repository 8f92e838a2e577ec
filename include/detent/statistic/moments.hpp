// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// moments: count, mean and central moments up to the fourth.

#include <cstdint>
#include <detent/config.hpp>
#include <detent/math/rounding.hpp>
#include <detent/statistic/statistic.hpp>

namespace detent {

/// Mean and central moments of the weights, from power sums about an origin, in double.
///
///     m_k = (1/N) Σ (w - μ)^k       population moments, k = 2, 3, 4
///
/// The power sums lose about 2·log10(|μ - origin|/σ) digits of the variance and twice that of
/// m₄: for weights far from zero pass an origin near their mean. Of no weights, all are 0.
class moments {
 public:
  constexpr explicit moments(double origin = 0.0) noexcept : origin_(origin) {}

  template <class T>
  DETENT_HD void observe(T w) noexcept {
    double const x = static_cast<double>(w) - origin_;
    double const square = x * x;
    ++count_;
    sum_[0] += x;
    // Explicit fma: otherwise compilers choose, and the last bits with them.
    sum_[1] = fma(x, x, sum_[1]);
    sum_[2] = fma(square, x, sum_[2]);
    sum_[3] = fma(square, square, sum_[3]);
  }

  DETENT_HD void merge(moments const& other) noexcept {
    count_ += other.count_;
    for (int k = 0; k < 4; ++k)
      sum_[k] += other.sum_[k];
  }

  std::uint64_t count() const noexcept { return count_; }
  double mean() const noexcept { return origin_ + raw(0); }
  double variance() const noexcept { return raw(1) - raw(0) * raw(0); }
  /// m₃
  double third() const noexcept {
    double const a = raw(0);
    return raw(2) - 3 * a * raw(1) + 2 * a * a * a;
  }
  /// m₄
  double fourth() const noexcept {
    double const a = raw(0);
    return raw(3) - 4 * a * raw(2) + 6 * a * a * raw(1) - 3 * a * a * a * a;
  }
  /// m₄/m₂²: 3 for a normal, 1.8 for a uniform distribution. NaN where the variance is 0.
  double kurtosis() const noexcept { return fourth() / (variance() * variance()); }

 private:
  double raw(int k) const noexcept {
    return count_ == 0 ? 0.0 : sum_[k] / static_cast<double>(count_);
  }

  double origin_;
  double sum_[4] = {};
  std::uint64_t count_ = 0;
};

static_assert(statistic<moments>);

}  // namespace detent
