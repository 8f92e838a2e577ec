// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The one header with kernels of CUB, which check_kernels.py compiles for every architecture too.

#include <cstddef>
#include <detent/cuda/histogram.cuh>

// Without `using namespace detent`: CCCL has a namespace cuda as well.
void count(cudaStream_t stream, detent::cuda::device_span<float> w,
           detent::cuda::device_span<std::byte> memory,
           detent::cuda::device_span<detent::histogram<64>> to) {
  detent::cuda::reduce(stream, detent::histogram<64>{-1.0, 1.0}, w, memory, to);
}
