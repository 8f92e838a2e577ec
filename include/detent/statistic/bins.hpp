// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// bins: the weights around every level of a grid: how many, how far off, how widely spread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/scalar.hpp>
#include <detent/statistic/statistic.hpp>

namespace detent::inline DETENT_ABI {

/// Count, mean and variance of the weights in each bin of a grid: those that round to its level.
///
/// The outermost bins have no outer end. Sums are in double, of distances to the level, so that
/// nothing cancels. A NaN falls in the lowest bin and makes its mean and variance NaN.
template <std::size_t Most = 256>
class bins {
  static_assert(Most > 0);

 public:
  /// Errors: invalid_argument for a grid of more than `Most` levels.
  explicit bins(uniform<double> const& grid) : grid_(grid) {
    detail::require_between(grid.size(), 1, static_cast<long long>(Most), "levels of the bins");
  }

  uniform<double> const& grid() const noexcept { return grid_; }
  /// How many bins there are: the levels of the grid.
  std::size_t size() const noexcept { return static_cast<std::size_t>(grid_.size()); }

  template <class T>
  void observe(T w) noexcept {
    auto const grid = grid_.template as<T>();
    auto const bin = static_cast<std::size_t>(grid.code(w) - grid.lowest_code());
    double const distance =
        detail::rounded_product(static_cast<double>(grid.position(w).offset), grid_.step());
    ++counts_[bin];
    sums_[bin] += distance;
    squares_[bin] = fma(distance, distance, squares_[bin]);
  }

  void merge(bins const& other) noexcept {
    for (std::size_t i = 0; i < size(); ++i) {
      counts_[i] += other.counts_[i];
      sums_[i] += other.sums_[i];
      squares_[i] += other.squares_[i];
    }
  }

  /// Of bin i, 0 ≤ i < size(): that of code lowest_code() + i.
  std::uint64_t count(std::size_t i) const noexcept { return counts_[i]; }
  /// Mean of the bin's weights minus its level; 0 of no weights.
  double offset(std::size_t i) const noexcept { return counts_[i] == 0 ? 0 : mean(sums_, i); }
  /// Population variance of the bin's weights; 0 of no weights.
  double variance(std::size_t i) const noexcept {
    double const a = offset(i);
    return counts_[i] == 0 ? 0 : fma(-a, a, mean(squares_, i));
  }
  /// Σ (mean - level)² over the bins that have weights, in units of the weight squared.
  double offsets() const noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < size(); ++i)
      sum = fma(offset(i), offset(i), sum);
    return sum;
  }
  /// Σ variance over the bins that have weights.
  double variances() const noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < size(); ++i)
      sum += variance(i);
    return sum;
  }

 private:
  double mean(std::array<double, Most> const& of, std::size_t i) const noexcept {
    return of[i] / static_cast<double>(counts_[i]);
  }

  uniform<double> grid_;
  std::array<std::uint64_t, Most> counts_{};
  std::array<double, Most> sums_{}, squares_{};
};

bins(uniform<double> const&)->bins<>;

static_assert(statistic<bins<>>);

}  // namespace detent::inline DETENT_ABI
