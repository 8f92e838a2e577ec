// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Random numbers that depend on (seed, stream, index) alone, so that order and threads do not
// matter.

#include <cstdint>

namespace detent_trainer {

/// Draws a sequence that belongs to one (seed, stream, index), by SplitMix64 from a hashed start.
///
/// Every draw is integer arithmetic or one exact conversion, so it is the same on every platform
/// (the distributions of the standard library are not).
class counter_random {
 public:
  counter_random(std::uint64_t seed, std::uint64_t stream, std::uint64_t index)
      : state_{mix(mix(mix(seed + golden) + stream * golden) + index * golden)} {}

  std::uint64_t next() {
    state_ += golden;
    return mix(state_);
  }

  /// Uniform in [0, 1), on 24 bits.
  float unit() { return static_cast<float>(next() >> 40U) * 0x1p-24F; }

  /// Uniform in [low, high).
  float between(float low, float high) { return low + (high - low) * unit(); }

  /// Uniform in 0 … bound - 1 without bias; bound must not be 0.
  std::uint32_t below(std::uint32_t bound) {
    // Draws below 2^32 mod bound would favour small results (Lemire's rejection).
    const std::uint32_t unfair = (0U - bound) % bound;
    std::uint64_t product = 0;
    do {
      product = (next() >> 32U) * bound;
    } while (static_cast<std::uint32_t>(product) < unfair);
    return static_cast<std::uint32_t>(product >> 32U);
  }

  /// Nearly normal with mean 0 and deviation 1, bounded by ±3.5: the sum of four uniform numbers.
  float bell() {
    const std::uint64_t bits = next();
    const auto quarter = [bits](unsigned shift) {
      return static_cast<std::int32_t>((bits >> shift) & 0xFFFFU);
    };
    constexpr std::int32_t mean = 131'070;             // 4 · 65535 / 2
    constexpr float per_deviation = 1.0F / 37'836.9F;  // sqrt(4 · (65536² - 1) / 12)
    const std::int32_t sum = quarter(0) + quarter(16) + quarter(32) + quarter(48);
    return static_cast<float>(sum - mean) * per_deviation;
  }

 private:
  static constexpr std::uint64_t golden = 0x9E3779B97F4A7C15U;

  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  std::uint64_t state_;
};

}  // namespace detent_trainer
