// expect: (satisfaction of|does not satisfy) [^a-z]*(detent::)?element
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Weights are float or double.

#include <detent/detent.hpp>
#include <vector>

double loss(std::vector<int> const& w) {
  return detent::penalty(detent::sinusoidal{detent::dorefa_grid(detent::bits{3})}, w).value;
}
