// expect: trivially copyable: capture plain values, not containers
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A penalty goes to other threads and devices by value: it must not own memory.

#include <detent/detent.hpp>
#include <vector>

auto penalty_of(std::vector<float> strengths) {
  return detent::differentiate([strengths](auto w) { return strengths[0] * w * w; });
}
