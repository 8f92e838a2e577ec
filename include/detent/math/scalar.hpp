// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Arithmetic of constructors, statistics and searches: the same bits from every compiler.

#include <cmath>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI::detail {

/// x, computed before anything is done with it. The optimizer cannot see through it: it neither
/// fuses the multiplication that made x with an addition nor reorders what made it. For scalar
/// code: a loop that calls it does not vectorize. Device code fuses nothing (see `check_kernels`).
DETENT_HD constexpr double rounded(double x) noexcept {
#if defined(__GNUC__) && !DETENT_DEVICE_CODE
  if (std::is_constant_evaluated()) return x;
#if defined(__x86_64__)
  asm("" : "+x"(x));
#elif defined(__aarch64__)
  asm("" : "+w"(x));
#else
  asm("" : "+m"(x));
#endif
#endif
  return x;
}

/// a·b with a rounding of its own, whatever is added to it.
DETENT_HD constexpr double rounded_product(double a, double b) noexcept {
  return rounded(a * b);
}

/// √Σ x², where no square overflows or is lost: numbers are scaled by a power of two.
class square_sum {
 public:
  void add(double const& x) noexcept {
    // First: under -ffast-math NaN may well be equal to 0.
    if (!is_finite(x)) {
      is_finite_ = false;
      return;
    }
    if (x == 0) return;
    int exponent = 0;
    static_cast<void>(std::frexp(x, &exponent));
    if (sum_ == 0) exponent_ = exponent;
    if (exponent > exponent_) {
      sum_ = std::ldexp(sum_, 2 * (exponent_ - exponent));
      exponent_ = exponent;
    }
    double const scaled = std::ldexp(x, -exponent_);
    sum_ = fma(scaled, scaled, sum_);
  }
  /// NaN where a number was not finite.
  double root() const noexcept {
    // `rounded` hides the constant, which Clang would replace by any number under -ffast-math.
    return is_finite_ ? std::ldexp(std::sqrt(sum_), exponent_) : rounded(__builtin_nan(""));
  }

 private:
  double sum_ = 0;
  int exponent_ = 0;
  bool is_finite_ = true;
};

/// e^x for any x, to 0 and to infinity. libm's exp has other bits in other versions and on other
/// processors. Accuracy: twice `elementary_ulp_bound`.
inline double natural_exponential(double x) noexcept {
  double const limit = exponent_limit(x);
  if (x >= -limit && x <= limit) return rounded(exponential(x));
  double const root = rounded(exponential(0.5 * x));
  return rounded_product(root, root);
}

/// ln x for any x: of 0 it is -infinity, of a number below 0 NaN. Accuracy: `elementary_ulp_bound`.
inline double natural_logarithm(double x) noexcept {
  constexpr double infinity = __builtin_huge_val();
  constexpr double least_normal = 0x1p-1022, shift = 0x1p54, ln_shift = 37.429947750237048;
  auto const word = __builtin_bit_cast(std::uint64_t, x);
  if ((word << 1) == 0) return -infinity;
  if (word == 0x7ff0000000000000u) return x;
  if ((word >> 63) != 0) return __builtin_nan("");
  if (x < least_normal) return rounded(logarithm(rounded_product(x, shift))) - ln_shift;
  return rounded(logarithm(x));
}

/// e^x - 1 for x ≥ 0, with relative accuracy near 0; infinite where e^x is.
inline double exponential_minus_one(double x) noexcept {
  if (x > exponent_limit(x)) return natural_exponential(x);
  auto const e = split_exponent(x);
  return rounded(fma(e.power, e.rest, e.power - 1.0));
}

/// 1 - e^-x for x ≥ 0, with relative accuracy near 0.
inline double one_minus_exponential(double x) noexcept {
  if (x > exponent_limit(x)) return 1.0;
  double const m = exponential_minus_one(x);
  return rounded(m / (m + 1.0));
}

/// The hyperbolic tangent, as the kernels have it.
inline double tangent(double x) noexcept {
  return rounded(hyperbolic_tangent(x));
}

/// 1/(1 + e^-x), with relative accuracy on both sides.
inline double logistic_function(double x) noexcept {
  return rounded(logistic(x).up);
}

}  // namespace detent::inline DETENT_ABI::detail
