// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The main function of the doctest executable that runs on a device.

#define DOCTEST_CONFIG_IMPLEMENT
#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <cstdio>
#include <support/require_gpu.hpp>

int main(int argc, char** argv) {
  if (int const status = detent_test::status_without_device(); status != 0) return status;
  int const failures = doctest::Context(argc, argv).run();
  // What went wrong after the last test that looked.
  cudaError_t const last = cudaDeviceSynchronize();
  if (last == cudaSuccess) return failures;
  std::fprintf(stderr, "after the tests: %s\n", cudaGetErrorString(last));
  return 1;
}
