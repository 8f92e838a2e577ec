// expect: nothing shows that the elements of this container lie one after another: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// data() and size() may be those of a parent, or of the first dimension.

#include <cstddef>
#include <detent/detent.hpp>

struct rows {
  float* data() const;
  std::size_t size() const;
};

double loss(rows const& w, rows& g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
