// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// A verb whose kernel faults: it is accepted, for nothing waits, and every later one says so. The
// device is lost to the process, and so this is a program of its own.

#include <cstdint>
#include <cstdio>
#include <detent/cuda/snap.cuh>
#include <detent/cuda/stream.cuh>
#include <detent/grid/convention.hpp>
#include <string>
#include <support/require_gpu.hpp>

namespace {

/// What the cuda_error of a verb on memory that is nobody's says; empty if it throws none.
std::string snapped_nowhere() {
  detent::cuda::device_span<float> const nowhere(reinterpret_cast<float*>(std::uintptr_t{4096}), 8);
  try {
    detent::cuda::snap(cudaStream_t(nullptr), detent::wrpn_grid(detent::bits{3}), nowhere);
  } catch (detent::cuda_error const& error) {
    return error.what();
  }
  return {};
}

int failed(std::string const& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  return 1;
}

}  // namespace

int main() {
  if (int const status = detent_test::status_without_device(); status != 0) return status;
  std::string const first = snapped_nowhere();
  if (!first.empty()) return failed("refused at once: " + first);
  cudaError_t const fault = cudaDeviceSynchronize();
  if (fault == cudaSuccess) return failed("a store to nobody's memory was not noticed");
  std::string const next = snapped_nowhere();
  std::string const expected =
      std::string("detent: launch of a pass: ") + cudaGetErrorString(fault);
  return next == expected ? 0 : failed("expected '" + expected + "', not '" + next + "'");
}
