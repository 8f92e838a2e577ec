// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Decoding UTF-8 and escaping the rest.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <trainer/printable.hpp>

namespace detent_trainer {

namespace {

/// A character and its bytes; no bytes where the text does not open with one.
struct character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;
};

/// The first character of a text that is not empty. Overlong forms, surrogates and codes beyond
/// U+10FFFF are none.
character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return std::uint32_t{static_cast<unsigned char>(text[i])};
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead >= 0xF8 || text.size() < bytes) return {};
  std::uint32_t code = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code < 0xE000;
  if (code < smallest[bytes] || is_surrogate || code > 0x10FFFF) return {};
  return {code, bytes};
}

bool is_between(std::uint32_t code, std::uint32_t first, std::uint32_t last) {
  return code >= first && code <= last;
}

bool is_shown(std::uint32_t code) {
  const bool is_control = code < 0x20 || is_between(code, 0x7F, 0x9F);
  const bool turns_writing = code == 0x061C || is_between(code, 0x200E, 0x200F) ||
                             is_between(code, 0x202A, 0x202E) || is_between(code, 0x2066, 0x2069);
  const bool separates_lines = is_between(code, 0x2028, 0x2029);
  return !is_control && !turns_writing && !separates_lines;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  while (!text.empty()) {
    const auto [code, bytes] = first_of(text);
    const std::string_view head = text.substr(0, bytes == 0 ? 1 : bytes);
    if (bytes > 0 && is_shown(code)) {
      shown += head;
    } else {
      for (const char c : head) {
        const auto value = static_cast<unsigned char>(c);
        shown += {'\\', 'x', digits[value >> 4U], digits[value & 0xFU]};
      }
    }
    text.remove_prefix(head.size());
  }
  return shown;
}

}  // namespace detent_trainer
