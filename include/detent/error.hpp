// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The exception that reports a bad argument, and the checks that throw it.

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <detent/config.hpp>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace detent {

/// A bad argument. The message names the argument, its value and what is allowed.
///
/// Thrown before anything is written: after it, every output is what it was.
/// @note One class for the whole program, outside the inline namespace: an object catches the
///       errors of objects that were compiled with other flags. It holds no arithmetic.
struct invalid_argument : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

}  // namespace detent

namespace detent::inline DETENT_ABI {
namespace detail {

/// A double as the argument of a function that checks it. Anything that converts to double makes
/// one.
struct real {
  double value;

  template <class T>
  requires std::is_convertible_v<T const&, double>
  constexpr real(T const& x) noexcept : value(static_cast<double>(x)) {}
  constexpr operator double const&() const noexcept { return value; }
};

/// The bits of a number, from which the optimizer cannot conclude that it is finite.
///
/// Under -ffast-math Clang 17 and later assume that no argument and no result is NaN or infinite,
/// and delete tests of its bits. They do not see through the assembler. A constant NaN that is
/// passed by value becomes any number: what is checked is passed as a `real` or by reference, all
/// the way from the caller.
inline std::uint64_t bits_of(double const& x) noexcept {
  double copy = x;
#if defined(__GNUC__) && !DETENT_DEVICE_CODE
  asm("" : "+m"(copy));
#endif
  return __builtin_bit_cast(std::uint64_t, copy);
}

/// The one test for NaN and infinity that holds under -ffast-math.
constexpr bool is_finite(double const& x) noexcept {
  constexpr std::uint64_t exponent = 0x7ff0000000000000u;
  if (std::is_constant_evaluated()) {
    return (__builtin_bit_cast(std::uint64_t, x) & exponent) != exponent;
  }
  return (bits_of(x) & exponent) != exponent;
}

/// The one test for NaN that holds under -ffast-math. Loops over elements compare x with itself
/// instead, which vectorizes, and lose NaN under -ffast-math.
inline bool is_nan(double const& x) noexcept {
  return bits_of(x) << 1 > 0xffe0000000000000u;
}

/// The text of an error. In place of std::string, whose functions the linker shares between objects
/// with different flags.
class message {
 public:
  message(char const* text) noexcept {
    while (*text != 0)
      push(*text++);
  }
  /// A std::string or std::string_view.
  template <class Text>
  requires requires(Text const& text) {
    { text.data() } -> std::convertible_to<char const*>;
    text.size();
  }
  message(Text const& text) noexcept {
    char const* const characters = text.data();
    for (std::size_t i = 0; i < text.size(); ++i)
      push(characters[i]);
  }

  message& operator+=(message const& other) noexcept {
    for (char const* c = other.text_; *c != 0; ++c)
      push(*c);
    return *this;
  }
  friend message operator+(message a, message const& b) noexcept {
    a += b;
    return a;
  }
  friend bool operator==(message const& a, message const& b) noexcept {
    std::size_t i = 0;
    while (i < a.size_ && a.text_[i] == b.text_[i])
      ++i;
    return a.text_[i] == b.text_[i];
  }

  char const* c_str() const noexcept { return text_; }
  operator std::string() const { return std::string(text_, size_); }

 private:
  /// Longer texts are cut.
  static constexpr std::size_t longest = 511;

  void push(char c) noexcept {
    if (size_ == longest) return;
    text_[size_++] = c;
    text_[size_] = 0;
  }

  char text_[longest + 1] = {};
  std::size_t size_ = 0;
};

/// The shortest digits that tell the value from its neighbours: 1e-20, where a fixed number of
/// decimals would say 0.
template <std::floating_point T>
message text(T const& value) noexcept {
  if (!is_finite(static_cast<double>(value))) return "not finite";
  char digits[64];
  *std::to_chars(digits, digits + sizeof digits - 1, value).ptr = 0;
  return digits;
}
inline message text(real const& value) noexcept {
  return text(value.value);
}
template <std::integral T>
message text(T value) noexcept {
  char digits[24];
  char* first = digits + sizeof digits - 1;
  *first = 0;
  bool is_negative = false;
  if constexpr (std::is_signed_v<T>) is_negative = value < 0;
  auto left = static_cast<unsigned long long>(value);
  if (is_negative) left = 0 - left;
  do {
    *--first = static_cast<char>('0' + left % 10);
    left /= 10;
  } while (left != 0);
  if (is_negative) *--first = '-';
  return first;
}

/// What DETENT_THROW does without exceptions.
[[noreturn]] inline void abort_with(char const* text) noexcept {
  std::fputs(text, stderr);
  std::fputc('\n', stderr);
  std::abort();
}

[[noreturn]] inline void fail(message const& name, message const& problem) {
  DETENT_THROW(invalid_argument((message("detent: ") + name + ": " + problem).c_str()));
  std::abort();  // A definition of DETENT_THROW that returns must not go on with a bad argument.
}

inline void require_finite(double const& value, char const* name) {
  if (!is_finite(value)) fail(name, "is not finite; a finite number is needed");
}

inline void require_positive(double const& value, char const* name) {
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
