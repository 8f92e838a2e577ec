// expect: nothing shows that the elements of this container lie one after another: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A device container's data() is a pointer class, which a host policy must not follow.

#include <cstddef>
#include <detent/detent.hpp>

struct device_pointer {
  float* raw;
  float& operator*() const;
};
struct device_vector {
  device_pointer data() const;
  std::size_t size() const;
};

double loss(device_vector const& w, device_vector& g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
