// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The least a user writes: check_kernels.py reports how long it takes to compile.

#include <detent/cuda.cuh>
#include <detent/grid/convention.hpp>
#include <detent/regularizer/sinusoidal.hpp>

void add_penalty(cudaStream_t stream, float const* w, float* g, std::size_t n,
                 detent::cuda::workspace const& workspace, detent::result<>* loss) {
  detent::sinusoidal const reg{detent::dorefa_grid(detent::bits{3})};
  detent::cuda::accumulate(stream, reg, detent::cuda::device_span(w, n),
                           detent::cuda::device_span(g, n), 0.1, workspace,
                           detent::cuda::device_span(loss, 1));
}
