// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Random numbers for tests: the same sequence with every compiler and library.

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>

namespace detent_test {

/// SplitMix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
class random_numbers {
 public:
  explicit constexpr random_numbers(std::uint64_t seed) noexcept : state_(seed) {}

  constexpr std::uint64_t bits() noexcept {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// Uniform in [0, 1), 53 bits.
  constexpr double unit() noexcept { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  /// Uniform in [lowest, highest), up to rounding.
  constexpr double between(double lowest, double highest) noexcept {
    return lowest + (highest - lowest) * unit();
  }

  /// Uniform among the integers lowest … highest; the bias of the remainder does not matter here.
  constexpr int integer(int lowest, int highest) noexcept {
    auto const span = static_cast<std::uint64_t>(std::int64_t{highest} - lowest) + 1;
    return static_cast<int>(lowest + static_cast<std::int64_t>(bits() % span));
  }

  /// ±1.m · 2^exponent with a random sign and mantissa; a denormal below the normal exponents.
  template <std::floating_point T>
  T with_exponent(int exponent) noexcept {
    using limits = std::numeric_limits<T>;
    constexpr int mantissa = limits::digits - 1;
    std::uint64_t const fraction = bits() >> (64 - mantissa);
    std::uint64_t const sign = bits() >> 63;
    int const biased = exponent + limits::max_exponent - 1;
    std::uint64_t pattern = fraction;
    if (biased > 0) pattern |= static_cast<std::uint64_t>(biased) << mantissa;
    if (biased <= 0) pattern = (fraction | (std::uint64_t{1} << mantissa)) >> (1 - biased);
    if constexpr (sizeof(T) == 4) {
      return std::bit_cast<float>(static_cast<std::uint32_t>(pattern | sign << 31));
    } else {
      return std::bit_cast<double>(pattern | sign << 63);
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace detent_test
