// expect: a host policy cannot reach a device container's memory
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// unpack writes host memory.

#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <vector>

struct device_pointer {
  float* get() const;
};
struct device_vector {
  device_pointer data() const;
  std::size_t size() const;
};

void weights(std::vector<std::uint8_t> const& bytes, device_vector& w) {
  detent::bits const three{3};
  detent::unpack(detent::wrpn_grid(three), detent::packed_codes{bytes, three}, w);
}
