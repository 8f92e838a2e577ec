// expect: a pointer does not tell how many elements there are: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A pointer has no size.

#include <detent/detent.hpp>

double loss(float const* w, float* g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
