// expect: a list keeps no elements: a temporary container would be gone
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Codes are packed into memory that lives on.

#include <cstdint>
#include <detent/detent.hpp>
#include <vector>

auto codes() {
  return detent::packed_codes{std::vector<std::uint8_t>(100), detent::bits{3}};
}
