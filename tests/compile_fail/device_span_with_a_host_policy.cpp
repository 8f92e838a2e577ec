// expect: a host policy cannot reach a device container's memory
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A pointer and a size, but of device memory.

#include <detent/cuda/device_span.cuh>
#include <detent/detent.hpp>

void round(detent::cuda::device_span<float> w) {
  detent::snap(detent::seq, detent::wrpn_grid(detent::bits{3}), w);
}
