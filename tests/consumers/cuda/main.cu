// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// What a project with CUDA builds: weights snapped on a device. Exit status 77 where there is none.

#include <cstdio>
#include <detent/cuda/snap.cuh>
#include <detent/grid/convention.hpp>

int main() {
  float w[] = {0.9f, 0.4f, -0.4f};
  float* on_device = nullptr;
  if (cudaMalloc(&on_device, sizeof(w)) != cudaSuccess) {
    std::fputs("no CUDA device\n", stderr);
    return 77;
  }
  cudaMemcpy(on_device, w, sizeof(w), cudaMemcpyHostToDevice);
  // Levels of the 2-bit grid are -1, -1/3, 1/3 and 1.
  detent::cuda::snap(cudaStream_t(nullptr), detent::dorefa_grid(detent::bits{2}),
                     detent::cuda::device_span(on_device, 3));
  cudaMemcpy(w, on_device, sizeof(w), cudaMemcpyDeviceToHost);
  cudaFree(on_device);
  std::printf("%.9g %.9g %.9g\n", w[0], w[1], w[2]);
  return w[0] == 1.0f && w[1] == 1.0f / 3.0f && w[2] == -1.0f / 3.0f ? 0 : 1;
}
