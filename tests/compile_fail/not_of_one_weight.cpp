// expect: callable with one weight of type dual
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A penalty for float alone cannot be differentiated.

#include <detent/detent.hpp>

auto square() {
  return detent::differentiate([](float w) { return w * w; });
}
