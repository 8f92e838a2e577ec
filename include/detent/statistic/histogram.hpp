// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// histogram: counts of weights in equal bins over a range.

#include <array>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/statistic/statistic.hpp>

namespace detent {

/// Counts in `Bins` equal bins over [lowest, highest], and how many fell below, above, or are NaN.
template <std::size_t Bins = 64>
class histogram {
  static_assert(Bins > 0);

 public:
  /// Errors: invalid_argument unless lowest < highest, both finite, and so is the width of a bin
  /// and its reciprocal.
  histogram(double lowest, double highest) : lowest_(lowest), highest_(highest) {
    detail::require_finite(lowest, "lowest");
    detail::require_finite(highest, "highest");
    if (!(lowest < highest)) detail::fail("highest", "is not above lowest");
    double const width = highest - lowest;
    per_unit_ = static_cast<double>(Bins) / width;
    if (!detail::is_finite(width) || !detail::is_finite(per_unit_)) {
      detail::fail("highest", "is too near to lowest or too far from it");
    }
  }

  template <class T>
  void observe(T w) noexcept {
    double const x = static_cast<double>(w);
    if (x < lowest_) {
      ++below_;
    } else if (x > highest_) {
      ++above_;
    } else if (x == x) {
      auto const bin = static_cast<std::size_t>((x - lowest_) * per_unit_);
      ++counts_[bin < Bins ? bin : Bins - 1];
    } else {
      ++nan_;
    }
  }

  void merge(histogram const& other) noexcept {
    for (std::size_t i = 0; i < Bins; ++i)
      counts_[i] += other.counts_[i];
    below_ += other.below_;
    above_ += other.above_;
    nan_ += other.nan_;
  }

  std::array<std::uint64_t, Bins> const& counts() const noexcept { return counts_; }
  std::uint64_t below() const noexcept { return below_; }
  std::uint64_t above() const noexcept { return above_; }
  std::uint64_t not_a_number() const noexcept { return nan_; }
  double lowest() const noexcept { return lowest_; }
  double highest() const noexcept { return highest_; }

 private:
  double lowest_, highest_, per_unit_ = 0;
  std::array<std::uint64_t, Bins> counts_{};
  std::uint64_t below_ = 0, above_ = 0, nan_ = 0;
};

static_assert(statistic<histogram<64>>);

}  // namespace detent
