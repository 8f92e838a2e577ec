// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Strong types for the two numbers that make a grid and could be swapped.

#include <detent/error.hpp>

namespace detent {

inline constexpr int max_bits = 16;

/// A number of bits, sign included, 1 to `max_bits`.
class bits {
 public:
  /// Errors: invalid_argument outside 1 … max_bits.
  constexpr explicit bits(int count) : count_(count) {
    if (count < 1 || count > max_bits) detail::require_between(count, 1, max_bits, "bits");
  }
  constexpr int count() const noexcept { return count_; }
  /// 2^bits, the number of codes.
  constexpr int codes() const noexcept { return 1 << count_; }

 private:
  int count_;
};

/// The distance of neighbouring levels, in units of the weight, finite and above 0.
class step_size {
 public:
  /// Errors: invalid_argument unless finite and above 0.
  constexpr explicit step_size(double value) : value_(value) {
    if (!detail::is_finite(value) || !(value > 0)) detail::require_positive(value, "step");
  }
  constexpr double value() const noexcept { return value_; }

 private:
  double value_;
};

}  // namespace detent
