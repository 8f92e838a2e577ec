// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What a test may expect of a build with -ffast-math, and NaN by bits, which survives it.

#include <bit>
#include <cstdint>

namespace detent_test {

/// Whether the build uses -ffast-math: no NaN, no infinity, denormals may be flushed to zero, and
/// the compiler reorders what is not an explicit fma.
#if defined(DETENT_TEST_FAST_MATH)
inline constexpr bool fast_math = true;
#else
inline constexpr bool fast_math = false;
#endif

constexpr bool is_nan(float x) noexcept {
  return (std::bit_cast<std::uint32_t>(x) & 0x7fffffffu) > 0x7f800000u;
}
constexpr bool is_nan(double x) noexcept {
  return (std::bit_cast<std::uint64_t>(x) & 0x7fffffffffffffffu) > 0x7ff0000000000000u;
}

/// Equal bit for bit: tells -0 from 0, and a NaN is equal to itself.
constexpr bool same_bits(float a, float b) noexcept {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}
constexpr bool same_bits(double a, double b) noexcept {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace detent_test
