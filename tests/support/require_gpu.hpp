// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What a program that needs a device does where there is none.

#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace detent_test {

/// 0 where there is a device. Else says so on stderr, and returns the status to exit with: 77,
/// which CTest takes for a skipped test, or 1 where the environment has DETENT_REQUIRE_GPU=1.
inline int status_without_device() {
  int devices = 0;
  cudaError_t const answer = cudaGetDeviceCount(&devices);
  if (answer == cudaSuccess && devices > 0) return 0;
  cudaGetLastError();
  std::fprintf(stderr, "no CUDA device: %s\n",
               answer == cudaSuccess ? "none is there" : cudaGetErrorString(answer));
  char const* const required = std::getenv("DETENT_REQUIRE_GPU");
  return required != nullptr && std::strcmp(required, "1") == 0 ? 1 : 77;
}

}  // namespace detent_test
