// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Rounding, fused multiply-add and the branch-free choices that the functors are made of.

#include <cstdint>
#include <detent/config.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI {

/// The nearest integer, ties to even. NaN stays NaN. One instruction where SSE4.1 or later is on.
DETENT_HD inline float round_half_even(float x) noexcept {
  return __builtin_rintf(x);
}
DETENT_HD inline double round_half_even(double x) noexcept {
  return __builtin_rint(x);
}

/// a·b + c with one rounding, on every target: the reason why results do not depend on it.
DETENT_HD inline float fma(float a, float b, float c) noexcept {
  return __builtin_fmaf(a, b, c);
}
DETENT_HD inline double fma(double a, double b, double c) noexcept {
  return __builtin_fma(a, b, c);
}

DETENT_HD inline float absolute(float x) noexcept {
  return __builtin_fabsf(x);
}
DETENT_HD inline double absolute(double x) noexcept {
  return __builtin_fabs(x);
}

/// The magnitude of `magnitude` with the sign of `sign`.
DETENT_HD inline float with_sign(float magnitude, float sign) noexcept {
  return __builtin_copysignf(magnitude, sign);
}
DETENT_HD inline double with_sign(double magnitude, double sign) noexcept {
  return __builtin_copysign(magnitude, sign);
}

/// x, negated where `sign` is negative (or -0).
DETENT_HD inline float flip_sign(float x, float sign) noexcept {
  return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, x) ^
                                       (__builtin_bit_cast(std::uint32_t, sign) & 0x80000000u));
}
DETENT_HD inline double flip_sign(double x, double sign) noexcept {
  return __builtin_bit_cast(double,
                            __builtin_bit_cast(std::uint64_t, x) ^
                                (__builtin_bit_cast(std::uint64_t, sign) & 0x8000000000000000u));
}

/// sum + x, which no compiler fuses with the multiplication that made x. `one` is 1, but not known
/// to the optimizer; device code has an instruction for it.
DETENT_HD inline float added_exactly(float x, [[maybe_unused]] float one, float sum) noexcept {
#if DETENT_DEVICE_CODE
  return __fadd_rn(x, sum);
#else
  return __builtin_fmaf(x, one, sum);
#endif
}
DETENT_HD inline double added_exactly(double x, [[maybe_unused]] double one, double sum) noexcept {
#if DETENT_DEVICE_CODE
  return __dadd_rn(x, sum);
#else
  return __builtin_fma(x, one, sum);
#endif
}

/// The smaller and the larger of two numbers. Of -0 and 0 either may come out. Of NaN and a number
/// the host gives b as the smaller and a as the larger, a device the number: what they have one
/// instruction for differs in that.
DETENT_HD inline float smaller(float a, float b) noexcept {
#if DETENT_DEVICE_CODE
  return __builtin_fminf(a, b);
#else
  return a < b ? a : b;
#endif
}
DETENT_HD inline double smaller(double a, double b) noexcept {
  return a < b ? a : b;
}
DETENT_HD inline float larger(float a, float b) noexcept {
#if DETENT_DEVICE_CODE
  return __builtin_fmaxf(a, b);
#else
  return a < b ? b : a;
#endif
}
DETENT_HD inline double larger(double a, double b) noexcept {
  return a < b ? b : a;
}

/// x limited to [lowest, highest]. NaN stays NaN.
template <class T>
DETENT_HD constexpr T clip(T x, T lowest, T highest) noexcept {
  T const above = x < lowest ? lowest : x;
  return above > highest ? highest : above;
}

/// x where the condition holds, else 0. A mask in place of a branch: GCC at -O2 would otherwise
/// split the loop body along the condition and give up vectorizing it.
DETENT_HD inline float keep_if(bool condition, float x) noexcept {
  return __builtin_bit_cast(
      float, __builtin_bit_cast(std::uint32_t, x) & (0u - static_cast<std::uint32_t>(condition)));
}
DETENT_HD inline double keep_if(bool condition, double x) noexcept {
  return __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, x) &
                                        (std::uint64_t{0} - static_cast<std::uint64_t>(condition)));
}

/// `yes` where the condition holds, else `no`, by a mask.
template <class T>
DETENT_HD inline T choose(bool condition, T yes, T no) noexcept {
  using word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  word const mask = word(0) - static_cast<word>(condition);
  return __builtin_bit_cast(T, static_cast<word>((__builtin_bit_cast(word, yes) & mask) |
                                                 (__builtin_bit_cast(word, no) & ~mask)));
}

}  // namespace detent::inline DETENT_ABI
