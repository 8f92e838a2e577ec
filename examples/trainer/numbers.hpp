// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Words of the command line as numbers: one spelling, whatever the option and the locale.

#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace detent_trainer {

namespace numbers_detail {

/// Whether the digits open with a zero that is not the only one before the point: 010 could be
/// meant as octal.
inline bool has_leading_zero(std::string_view word) {
  if (word.starts_with('-')) word.remove_prefix(1);
  return word.size() > 1 && word[0] == '0' && word[1] >= '0' && word[1] <= '9';
}

template <class T>
std::optional<T> number(std::string_view word) {
  T value{};
  const char* const end = word.data() + word.size();
  const auto [rest, failure] = std::from_chars(word.data(), end, value);
  if (failure != std::errc() || rest != end || has_leading_zero(word)) return std::nullopt;
  return value;
}

}  // namespace numbers_detail

/// A whole number in decimal digits, with a minus where T has negative numbers; nothing else: no
/// plus, space, leading zero, other base, or number that T cannot hold.
template <std::integral T>
std::optional<T> whole_number(std::string_view word) {
  return numbers_detail::number<T>(word);
}

/// A finite number in decimal digits, with or without an exponent; nothing else: no plus, space,
/// leading zero, hexadecimal digits, infinity, NaN, or number beyond the range of double.
inline std::optional<double> decimal_number(std::string_view word) {
  const std::optional<double> value = numbers_detail::number<double>(word);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

/// What `whole_number` and `decimal_number` allow, for messages: "'010' is not …".
template <class T>
std::string not_a_number(std::string_view word) {
  std::string allowed = "a finite number in decimal digits";
  if constexpr (std::integral<T>) {
    allowed = "a whole number from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
              std::to_string(std::numeric_limits<T>::max());
  }
  return '\'' + std::string(word) + "' is not " + allowed +
         (numbers_detail::has_leading_zero(word) ? " without leading zeros" : "");
}

}  // namespace detent_trainer
