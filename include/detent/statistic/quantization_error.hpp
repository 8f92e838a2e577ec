// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// quantization_error: what rounding does to a tensor: MSE, SQNR, share of weights on the grid.

#include <cmath>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/math/rounding.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <detent/statistic/statistic.hpp>
#include <limits>

namespace detent {

/// Weights within this share of a step of a level count as on the grid.
inline constexpr double on_grid_tolerance = 0.05;

/// Compares every weight with its level under a quantizer.
///
/// The reference is the output without rounding and clipping, `q.unrounded(w)`. On the grid is a
/// weight whose coordinate is within `on_grid_tolerance` steps of a level that exists. Sums are
/// in double; NaN weights make the error NaN and are not on the grid.
template <grid_quantizer Q>
class quantization_error {
 public:
  explicit quantization_error(Q const& q) noexcept : q_(q) {}

  template <class T>
  DETENT_HD void observe(T w) noexcept {
    T const x = q_.domain()(w).value;
    auto const grid = q_.grid().template as<T>();
    double const signal = q_.gain() * static_cast<double>(x);
    double const error =
        q_.gain() * (static_cast<double>(grid.nearest(x)) - static_cast<double>(x));
    squared_error_ = fma(error, error, squared_error_);
    squared_signal_ = fma(signal, signal, squared_signal_);
    T const offset = grid.position(x).offset;
    on_grid_ += static_cast<std::uint64_t>(absolute(offset) <= static_cast<T>(on_grid_tolerance));
    ++count_;
  }

  DETENT_HD void merge(quantization_error const& other) noexcept {
    squared_error_ += other.squared_error_;
    squared_signal_ += other.squared_signal_;
    on_grid_ += other.on_grid_;
    count_ += other.count_;
  }

  std::uint64_t count() const noexcept { return count_; }
  /// (1/N) Σ (ŵ - w)²; 0 of no weights.
  double mean_squared_error() const noexcept { return share(squared_error_); }
  /// Signal-to-quantization-noise ratio 10 log₁₀(Σ w²/Σ (ŵ - w)²) in dB; infinity without error.
  double sqnr_db() const noexcept {
    if (squared_error_ == 0) return std::numeric_limits<double>::infinity();
    return 10.0 * std::log10(squared_signal_ / squared_error_);
  }
  /// Share of weights on the grid, in [0, 1].
  double on_grid_fraction() const noexcept { return share(static_cast<double>(on_grid_)); }

 private:
  double share(double sum) const noexcept {
    return count_ == 0 ? 0.0 : sum / static_cast<double>(count_);
  }

  Q q_;
  double squared_error_ = 0;
  double squared_signal_ = 0;
  std::uint64_t on_grid_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace detent
