// expect: (satisfaction of|does not satisfy) [^a-z]*(detent::)?writable
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Weights that are read-only cannot be rounded in place.

#include <detent/detent.hpp>
#include <span>

void round(std::span<float const> w) {
  detent::snap(detent::wrpn_grid(detent::bits{3}), w);
}
