// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// positive: a learned scale that no step of training can make zero, negative or NaN.

#include <cmath>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/math/floating_mode.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/scalar.hpp>

namespace detent::inline DETENT_ABI {

/// A parameter above zero that is kept as its logarithm: the step of LSQ, the range of PACT.
///
///     s = e^θ        θ ← θ - limited(rate · s · ∂L/∂s)
///
/// One step changes it by a factor of at most 2 either way, and it stays within 1e±30 (a float
/// never overflows), so that a single wild gradient does not undo a run.
class positive {
 public:
  /// Errors: invalid_argument unless value is finite and within 1e-30 to 1e30, and the calling
  /// thread rounds to nearest.
  explicit positive(detail::real value) : logarithm_(detail::natural_logarithm(value)) {
    detail::require_rounding_to_nearest();
    if (!detail::is_finite(value) || value < lowest || value > highest) {
      detail::fail("value of a positive parameter",
                   "is " + detail::text(value) + "; allowed are 1e-30 to 1e30");
    }
  }

  /// The parameter whose `logarithm()` was taken, bit for bit: a value would be rounded twice.
  /// Errors: invalid_argument for a logarithm that no step of training can lead to.
  static positive restored(detail::real logarithm) {
    if (!detail::is_finite(logarithm) || !(logarithm >= -ln_highest && logarithm <= ln_highest)) {
      detail::fail("logarithm of a positive parameter",
                   "is " + detail::text(logarithm) + "; allowed are those of 1e-30 to 1e30");
    }
    positive p(1);
    p.logarithm_ = logarithm;
    return p;
  }

  double value() const noexcept { return detail::natural_exponential(logarithm_); }

  /// θ, the state to save for `restored`.
  double logarithm() const noexcept { return logarithm_; }

  /// A step of gradient descent.
  ///
  /// @param  slope  ∂L/∂s, not ∂L/∂θ      @param  rate  learning rate of θ, 0 or above
  /// Errors: invalid_argument for a slope or rate that is not finite, a negative rate, or a thread
  /// that does not round to nearest; the value is then what it was.
  void descend(detail::real slope, detail::real rate) {
    detail::require_rounding_to_nearest();
    detail::require_finite(slope, "slope by a positive parameter");
    detail::require_finite(rate, "rate of a positive parameter");
    if (rate < 0) {
      detail::fail("rate of a positive parameter", "is " + detail::text(rate) + ", below 0");
    }
    constexpr double ln2 = 0.69314718055994530942;
    double const move = clip(detail::rounded(rate * slope * value()), -ln2, ln2);
    logarithm_ = clip(logarithm_ - move, -ln_highest, ln_highest);
  }

 private:
  static constexpr double lowest = 1e-30, highest = 1e30;
  static constexpr double ln_highest = 69.077552789821370521;
  double logarithm_;
};

}  // namespace detent::inline DETENT_ABI
