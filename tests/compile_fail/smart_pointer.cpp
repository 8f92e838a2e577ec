// expect: a pointer does not tell how many elements there are: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A smart pointer has no size.

#include <detent/detent.hpp>
#include <memory>

void round(std::unique_ptr<float[]>& w) {
  detent::snap(detent::wrpn_grid(detent::bits{3}), w);
}
