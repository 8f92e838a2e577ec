// expect: a pointer does not tell how many elements there are: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A pointer has no size, whatever its elements are.

#include <detent/detent.hpp>

double range(detent::half const* w) {
  return detent::fit_range(detent::seq, detent::dorefa_grid(detent::bits{3}), w);
}
