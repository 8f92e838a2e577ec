// expect: a stream cannot reach a host container's memory
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// What every verb on a stream makes of a container.

#include <detent/cuda/device_span.cuh>
#include <vector>

detent::cuda::device_span<float> on_device(std::vector<float>& w) {
  return w;
}
