// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The containers of Thrust and CCCL as arguments of a verb on a stream: it compiles.

#include <thrust/device_vector.h>
#include <thrust/universal_vector.h>

#include <cstddef>
#include <cuda/std/span>
#include <cuda/stream_ref>
#include <detent/cuda.cuh>
#include <detent/grid/convention.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <vector>

void add_penalties(cuda::stream_ref stream, thrust::device_vector<float> const& w,
                   thrust::device_vector<float>& g, thrust::universal_vector<float>& shared,
                   cuda::std::span<float> part) {
  namespace device = detent::cuda;
  detent::sinusoidal<> const reg{detent::dorefa_grid(detent::bits{3})};
  thrust::device_vector<std::byte> memory(device::workspace_bytes(w.size()));
  device::workspace const workspace{stream, memory};
  thrust::device_vector<detent::result<>> loss(1);
  device::accumulate(stream, reg, w, g, 0.1, workspace, loss);
  device::accumulate(stream, reg, shared, part, 0.1, workspace, loss);
  std::vector const layers{device::regularized_layer{reg, w, g, 0.1}};
  thrust::device_vector<std::byte> memory_of_plan(device::plan_bytes(layers));
  device::plan const plan{stream, layers, memory_of_plan};
  device::accumulate(stream, plan, loss);
}
