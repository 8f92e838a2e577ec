// expect: nothing shows that the elements of this container lie one after another: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A list is not contiguous.

#include <detent/detent.hpp>
#include <list>

double loss(std::list<float> const& w) {
  return detent::penalty(detent::sinusoidal{detent::dorefa_grid(detent::bits{3})}, w).value;
}
