// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// quantization_error: what rounding does to a tensor: MSE, SQNR, share of weights on the grid.

#include <detent/config.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/scalar.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <detent/statistic/statistic.hpp>

namespace detent::inline DETENT_ABI {

/// Weights within this share of a step of a level count as on the grid.
inline constexpr double on_grid_tolerance = 0.05;

/// Compares every weight with its level under a quantizer.
///
/// The reference is the output without rounding and clipping, `q.unrounded(w)`. On the grid is a
/// weight whose coordinate is within `on_grid_tolerance` steps of a level that exists. Sums are
/// in double; NaN weights make the error NaN and are not on the grid.
template <grid_quantizer Q>
class quantization_error : public summing<quantization_error<Q>, 3> {
 public:
  explicit quantization_error(Q const& q) noexcept : q_(q) {}

  template <class T>
  DETENT_HD observation<3> terms(T w) const noexcept {
    T const x = q_.domain()(w).value;
    T const level = q_.grid().template as<T>().nearest(x);
    double const distance = static_cast<double>(level) - static_cast<double>(x);
    double const tolerance = on_grid_tolerance * q_.grid().step();
    double const error = q_.gain() * distance, signal = q_.gain() * static_cast<double>(x);
    return {{error * error, signal * signal, keep_if(absolute(distance) <= tolerance, 1.0)}};
  }

  /// (1/N) Σ (ŵ - w)²; 0 of no weights.
  double mean_squared_error() const noexcept { return this->mean_of(0); }
  /// Signal-to-quantization-noise ratio 10 log₁₀(Σ w²/Σ (ŵ - w)²) in dB; infinity without error.
  double sqnr_db() const noexcept {
    auto const& sum = this->total().sum;
    if (sum[0] == 0) return detail::infinite;
    constexpr double per_neper = 4.3429448190325183;  // 10/ln 10
    return per_neper * detail::natural_logarithm(sum[1] / sum[0]);
  }
  /// Share of weights on the grid, in [0, 1].
  double on_grid_fraction() const noexcept { return this->mean_of(2); }

 private:
  Q q_;
};

template <grid_quantizer Q>
quantization_error(Q const&) -> quantization_error<Q>;

}  // namespace detent::inline DETENT_ABI
