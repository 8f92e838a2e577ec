// expect: a list keeps no elements: a temporary container would be gone
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A list keeps pointers: a temporary vector would be gone before it is used.

#include <detent/detent.hpp>
#include <vector>

std::vector<float> weights();

auto one(std::vector<float>& g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::regularized_layer{reg, weights(), g, 1.0};
}
