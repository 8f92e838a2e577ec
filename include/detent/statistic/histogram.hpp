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

namespace detent::inline DETENT_ABI {

namespace detail {

/// Which of so many counts a weight adds one to: that of its bin, or of those below, above, and of
/// NaN, which follow the bins.
struct histogram_range {
  double lowest, highest, per_unit;

  template <class T>
  DETENT_HD std::size_t place_of(T w, std::size_t bins) const noexcept {
    double const x = static_cast<double>(w);
    if (x < lowest) return bins;
    if (x > highest) return bins + 1;
    if (!(x == x)) return bins + 2;
    auto const bin = static_cast<std::size_t>((x - lowest) * per_unit);
    return bin < bins ? bin : bins - 1;
  }
};

struct histogram_access;

}  // namespace detail

/// Counts in `Bins` equal bins over [lowest, highest], and how many fell below, above, or are NaN.
template <std::size_t Bins = 64>
class histogram {
  static_assert(Bins > 0);

 public:
  /// Errors: invalid_argument unless lowest < highest, both finite, and so is the width of a bin
  /// and its reciprocal.
  histogram(detail::real lowest, detail::real highest) : range_{lowest, highest, 0} {
    detail::require_finite(lowest, "lowest");
    detail::require_finite(highest, "highest");
    if (!(lowest < highest)) detail::fail("highest", "is not above lowest");
    double const width = highest - lowest;
    range_.per_unit = static_cast<double>(Bins) / width;
    if (!detail::is_finite(width) || !detail::is_finite(range_.per_unit)) {
      detail::fail("highest", "is too near to lowest or too far from it");
    }
  }

  template <class T>
  void observe(T w) noexcept {
    std::size_t const place = range_.place_of(w, Bins);
    if (place < Bins) {
      ++counts_[place];
    } else {
      ++outside_[place - Bins];
    }
  }

  void merge(histogram const& other) noexcept {
    for (std::size_t i = 0; i < Bins; ++i)
      counts_[i] += other.counts_[i];
    for (std::size_t i = 0; i < outside_.size(); ++i)
      outside_[i] += other.outside_[i];
  }

  std::array<std::uint64_t, Bins> const& counts() const noexcept { return counts_; }
  std::uint64_t below() const noexcept { return outside_[0]; }
  std::uint64_t above() const noexcept { return outside_[1]; }
  std::uint64_t not_a_number() const noexcept { return outside_[2]; }
  double lowest() const noexcept { return range_.lowest; }
  double highest() const noexcept { return range_.highest; }

 private:
  friend detail::histogram_access;

  detail::histogram_range range_;
  std::array<std::uint64_t, Bins> counts_{};
  std::array<std::uint64_t, 3> outside_{};  // below, above, NaN
};

static_assert(statistic<histogram<64>>);

namespace detail {

/// What fills a histogram in device memory: its range, and its counts in one row.
struct histogram_access {
  template <std::size_t Bins>
  static histogram_range const& range(histogram<Bins> const& h) noexcept {
    return h.range_;
  }
  template <std::size_t Bins>
  static constexpr std::size_t counts_offset() noexcept {
    using type = histogram<Bins>;
    static_assert(offsetof(type, range_) == 0);
    static_assert(offsetof(type, outside_) ==
                  offsetof(type, counts_) + Bins * sizeof(std::uint64_t));
    return offsetof(type, counts_);
  }
};

}  // namespace detail

}  // namespace detent::inline DETENT_ABI
