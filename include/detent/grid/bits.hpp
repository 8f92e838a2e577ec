// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Strong types for the two numbers that make a grid and could be swapped.

#include <detent/config.hpp>
#include <detent/error.hpp>

namespace detent::inline DETENT_ABI {

inline constexpr int max_bits = 16;

/// A number of bits, sign included, 1 to `max_bits`.
class bits {
 public:
  /// Errors: invalid_argument outside 1 … max_bits.
  constexpr explicit bits(int count) : count_(count) {
    if (count < 1 || count > max_bits) detail::require_between(count, 1, max_bits, "bits");
  }
  DETENT_HD constexpr int count() const noexcept { return count_; }
  /// 2^bits, the number of codes.
  constexpr int codes() const noexcept { return 1 << count_; }

 private:
  int count_;
};

/// Smallest and largest step: between them levels, reciprocal step and squared step are finite in
/// float.
inline constexpr double min_step = 1e-30;
inline constexpr double max_step = 1e19;

/// The distance of neighbouring levels, in units of the weight, `min_step` to `max_step`.
class step_size {
 public:
  /// Errors: invalid_argument outside min_step … max_step, or for NaN.
  constexpr explicit step_size(detail::real value) : value_(value) {
    if (!detail::is_finite(value) || !(value > 0)) detail::require_positive(value, "step");
    if (value < min_step || value > max_step) {
      detail::fail("step", value < 1 ? "is below 1e-30" : "is above 1e19");
    }
  }
  constexpr double value() const noexcept { return value_; }

 private:
  double value_;
};

}  // namespace detent::inline DETENT_ABI
