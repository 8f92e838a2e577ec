// expect: a host policy cannot reach a device container's memory
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// What a verb makes of thrust::device_vector, whose data() is a pointer class with get().

#include <cstddef>
#include <detent/detent.hpp>

struct device_pointer {
  float* get() const;
};
struct device_vector {
  device_pointer data() const;
  std::size_t size() const;
};

double loss(device_vector const& w, device_vector& g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
