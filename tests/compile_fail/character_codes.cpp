// expect: (satisfaction of|does not satisfy) [^a-z]*(detent::)?code_element
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// char is text: codes go to std::int8_t.

#include <detent/detent.hpp>
#include <vector>

void round(std::vector<float>& w, std::vector<char>& codes) {
  detent::snap(detent::wrpn_grid(detent::bits{3}), w, codes);
}
