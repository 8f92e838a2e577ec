// expect: a host policy cannot reach a device container's memory
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// fit_range reads host memory.

#include <cstddef>
#include <detent/detent.hpp>

struct device_pointer {
  float* get() const;
};
struct device_vector {
  device_pointer data() const;
  std::size_t size() const;
};

double range(device_vector const& w) {
  return detent::fit_range(detent::dorefa_grid(detent::bits{3}), w);
}
