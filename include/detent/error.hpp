// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The exception that reports a bad argument, and the checks that throw it.

#include <bit>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <stdexcept>
#include <string>

namespace detent::inline DETENT_ABI {

/// A bad argument. The message names the argument, its value and what is allowed.
///
/// Thrown before anything is written: after it, every output is what it was.
struct invalid_argument : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

namespace detail {

/// Whether x is neither NaN nor infinite, also under -ffast-math (which may not ask x itself).
constexpr bool is_finite(double x) noexcept {
  return (std::bit_cast<std::uint64_t>(x) & 0x7ff0000000000000u) != 0x7ff0000000000000u;
}

/// The shortest digits that tell the value from its neighbours: 1e-20, where a fixed number of
/// decimals would say 0.
template <class T>
std::string text(T value) {
  if constexpr (std::floating_point<T>) {
    if (!is_finite(static_cast<double>(value))) return "not finite";
  }
  char digits[64];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

[[noreturn]] inline void fail(std::string const& name, std::string const& problem) {
  throw invalid_argument("detent: " + name + ": " + problem);
}

inline void require_finite(double value, char const* name) {
  if (!is_finite(value)) fail(name, "is not finite; a finite number is needed");
}

inline void require_positive(double value, char const* name) {
  if (!is_finite(value) || !(value > 0)) {
    fail(name, "is " + text(value) + "; a finite number above 0 is needed");
  }
}

inline void require_between(long long value, long long lowest, long long highest,
                            char const* name) {
  if (value < lowest || value > highest) {
    fail(name, "is " + text(value) + "; allowed are " + text(lowest) + " to " + text(highest));
  }
}

inline void require_same_size(std::size_t size, char const* name, std::size_t expected,
                              char const* expected_name) {
  if (size != expected) {
    fail(name, "has " + text(size) + " elements where " + expected_name + " has " + text(expected));
  }
}

}  // namespace detail
}  // namespace detent::inline DETENT_ABI
