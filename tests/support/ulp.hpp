// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Errors in units in the last place and relative errors, against a reference in long double.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>

namespace detent_test {

/// The spacing of T at a real number: 2^(exponent - digits), the smallest denormal's near zero.
template <std::floating_point T>
long double unit_in_last_place(long double exact) {
  using limits = std::numeric_limits<T>;
  if (exact == 0) return limits::denorm_min();
  int exponent = 0;
  static_cast<void>(std::frexp(exact, &exponent));
  return std::ldexp(1.0L, std::max(exponent, limits::min_exponent) - limits::digits);
}

/// |computed - exact| in units in the last place of T at the exact value.
template <std::floating_point T>
double ulp_error(T computed, long double exact) {
  long double const difference = static_cast<long double>(computed) - exact;
  return static_cast<double>(std::fabs(difference) / unit_in_last_place<T>(exact));
}

/// |computed - exact|/|exact|, and 0 where both are 0.
inline double relative_error(long double computed, long double exact) {
  if (computed == exact) return 0;
  return static_cast<double>(std::fabs(computed - exact) / std::fabs(exact));
}

/// Collects the largest of many errors and where it occurred, so that a test asserts once.
class worst {
 public:
  void observe(double error, double at) noexcept {
    // Written so that a NaN is the largest error, and stays it.
    if (error <= error_ || error_ != error_) return;
    error_ = error;
    at_ = at;
  }
  double error() const noexcept { return error_; }
  double at() const noexcept { return at_; }

 private:
  double error_ = 0;
  double at_ = 0;
};

}  // namespace detent_test
