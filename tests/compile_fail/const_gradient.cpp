// expect: (satisfaction of|does not satisfy) [^a-z]*(detent::)?writable
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A gradient that is read-only cannot be added to.

#include <detent/detent.hpp>
#include <vector>

double loss(std::vector<float> const& w, std::vector<float> const& g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
