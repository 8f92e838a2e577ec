// expect: this container has strides, or may be a view of another one's elements: copy it, pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// size() of a boost::multi_array is its first extent.

#include <cstddef>
#include <detent/detent.hpp>

struct multi_array {
  float* data() const;
  std::size_t size() const;
  std::size_t num_elements() const;
};

double loss(multi_array const& w, multi_array& g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
