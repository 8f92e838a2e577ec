// expect: (satisfaction of|does not satisfy) [^a-z]*(detent::)?element
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Weights are float, double, half or bfloat16.

#include <detent/detent.hpp>
#include <vector>

double loss(std::vector<int> const& w) {
  return detent::penalty(detent::sinusoidal{detent::dorefa_grid(detent::bits{3})}, w).value;
}
