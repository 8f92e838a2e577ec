// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// magnitude: extrema of w, and maximum and mean of |w|.

#include <bit>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/math/rounding.hpp>
#include <detent/statistic/statistic.hpp>
#include <limits>

namespace detent {

/// Smallest and largest weight, largest and mean magnitude.
///
/// Of no weights: minimum is +infinity, maximum -infinity, the magnitudes 0. A NaN among the
/// weights makes `maximum` and `mean` NaN. Sums are in double.
class magnitude {
 public:
  template <class T>
  DETENT_HD void observe(T w) noexcept {
    double const x = static_cast<double>(w);
    smallest_ = x < smallest_ ? x : smallest_;
    largest_ = x > largest_ ? x : largest_;
    double const a = absolute(x);
    maximum_ = a > maximum_ ? a : maximum_;
    sum_ += a;
    ++count_;
  }

  DETENT_HD void merge(magnitude const& other) noexcept {
    smallest_ = other.smallest_ < smallest_ ? other.smallest_ : smallest_;
    largest_ = other.largest_ > largest_ ? other.largest_ : largest_;
    maximum_ = other.maximum_ > maximum_ ? other.maximum_ : maximum_;
    sum_ += other.sum_;
    count_ += other.count_;
  }

  double smallest() const noexcept { return smallest_; }  ///< min w
  double largest() const noexcept { return largest_; }    ///< max w
  /// max |w|. Comparisons lose a NaN, the sum keeps it.
  double maximum() const noexcept { return sum_is_nan() ? sum_ : maximum_; }
  double mean() const noexcept {  ///< E|w|; 0 of no weights
    return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_);
  }
  std::uint64_t count() const noexcept { return count_; }

 private:
  /// Asked of the bits, because -ffast-math takes every comparison with itself for true.
  bool sum_is_nan() const noexcept {
    return std::bit_cast<std::uint64_t>(sum_) << 1 > 0xffe0000000000000u;
  }

  double smallest_ = std::numeric_limits<double>::infinity();
  double largest_ = -std::numeric_limits<double>::infinity();
  double maximum_ = 0;
  double sum_ = 0;
  std::uint64_t count_ = 0;
};

static_assert(statistic<magnitude>);

}  // namespace detent
