// expect: (satisfaction of|does not satisfy) [^a-z]*(detent::)?readable
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A list is not contiguous.

#include <detent/detent.hpp>
#include <list>

double loss(std::list<float> const& w) {
  return detent::penalty(detent::sinusoidal{detent::dorefa_grid(detent::bits{3})}, w).value;
}
