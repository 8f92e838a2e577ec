// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The processor's rounding mode and its treatment of subnormal numbers: checked, and set in chunks.

#include <cfenv>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>

namespace detent::inline DETENT_ABI::detail {

// Assembly in place of fegetround: it is inlined, knows flush-to-zero, and is a barrier to the
// optimizer, which takes the mode for a constant.
#if defined(__GNUC__) && defined(__x86_64__)

/// The register that holds the mode.
using mode_word = std::uint32_t;
inline constexpr mode_word rounding_bits = 0x6000, subnormal_bits = 0x8040;

inline mode_word floating_mode() noexcept {
  mode_word word;
  asm volatile("stmxcsr %0" : "=m"(word) : : "memory");
  return word;
}
inline void set_floating_mode(mode_word word) noexcept {
  asm volatile("ldmxcsr %0" : : "m"(word) : "memory");
}

#elif defined(__GNUC__) && defined(__aarch64__)

using mode_word = std::uint64_t;
inline constexpr mode_word rounding_bits = 0xc00000, subnormal_bits = 0x1000000;

inline mode_word floating_mode() noexcept {
  mode_word word;
  asm volatile("mrs %0, fpcr" : "=r"(word) : : "memory");
  return word;
}
inline void set_floating_mode(mode_word word) noexcept {
  asm volatile("msr fpcr, %0" : : "r"(word) : "memory");
}

#else

// Subnormal numbers are left to the program.
using mode_word = int;
inline constexpr mode_word rounding_bits = ~FE_TONEAREST, subnormal_bits = 0;

inline mode_word floating_mode() noexcept {
  return std::fegetround();
}
inline void set_floating_mode(mode_word word) noexcept {
  std::fesetround(word);
}

#endif

/// While it lives, this thread rounds to nearest and keeps subnormal numbers. Then the mode is what
/// it was. Cost: one read of a register where the mode is the usual one.
class standard_floating_mode {
 public:
  standard_floating_mode() noexcept : before_(floating_mode()) {
    if ((before_ & changed) != 0) set_floating_mode(before_ & ~changed);
  }
  ~standard_floating_mode() {
    // What else has happened to the register since, such as exception flags, stays.
    if ((before_ & changed) != 0)
      set_floating_mode((floating_mode() & ~changed) | (before_ & changed));
  }
  standard_floating_mode(standard_floating_mode const&) = delete;
  standard_floating_mode& operator=(standard_floating_mode const&) = delete;

 private:
  static constexpr mode_word changed = rounding_bits | subnormal_bits;
  mode_word before_;
};

/// Errors: invalid_argument unless this thread rounds to nearest.
inline void require_rounding_to_nearest() {
  if ((floating_mode() & rounding_bits) != 0) {
    fail("rounding mode",
         "is not to nearest on the calling thread; std::fesetround(FE_TONEAREST) sets it");
  }
}

}  // namespace detent::inline DETENT_ABI::detail
