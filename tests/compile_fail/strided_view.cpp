// expect: this container has strides, or may be a view of another one's elements: copy it, pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A view with strides, whose iterators claim that it is contiguous.

#include <cstddef>
#include <detent/detent.hpp>

struct view {
  float* data() const;
  float* begin() const;
  float* end() const;
  std::size_t size() const;
  std::size_t stride(int dimension) const;
};

double loss(view const& w, view& g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
