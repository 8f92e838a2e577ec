// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Numbers as the text that stored bits are compared by.

#include <cstdint>
#include <cstdio>
#include <string>

namespace detent_test {

/// All bits of a double.
inline std::string hexadecimal(double x) {
  char text[40];
  std::snprintf(text, sizeof(text), "%a", x);
  return text;
}

/// Of a checksum: 16 digits.
inline std::string hexadecimal(std::uint64_t x) {
  char text[40];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(x));
  return text;
}

}  // namespace detent_test
