// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Tensors of awkward sizes on host and device, for the tests that compare the two bit for bit.

// The baseline's bits are those of AVX2 and AVX-512 (tests/execution), and compile in a third of
// the time.
#if !defined(DETENT_ISA_DISPATCH)
#define DETENT_ISA_DISPATCH 0
#endif

#include <support/cuda_memory.hpp>
// Before the rest: without nvcc it stands in for CUDA.
#include <cstddef>
#include <cstdint>
#include <detent/cuda/device_span.cuh>
#include <memory>
#include <support/tensors.hpp>
#include <vector>

namespace cuda_test {

using detent_test::device_memory;
using detent_test::stream;

/// None, one, a few, whole rows, a chunk and one weight more, several chunks.
inline std::vector<std::size_t> layer_sizes() {
  return {50003, 1, 0, 4096, 777, 16384, 8193, 32769, 3, 2048};
}

/// A tensor and its gradient, as the host has it and as the device does. Every third is misaligned.
template <class W, class G>
struct tensor {
  std::vector<W> w;
  std::vector<G> g;
  device_memory<W> w_on_device;
  device_memory<G> g_on_device;

  tensor(std::size_t size, std::size_t number, double range = 1.5)
      : w(tensors::random<W>(size, 2 * number + 1, range)),
        g(tensors::random<G>(size, 2 * number + 2)),
        w_on_device(w, number % 3 == 2 ? 1 : 0),
        g_on_device(g, number % 3 == 2 ? 1 : 0) {}

  /// Whether host and device have the same gradient, and the device the same weights as before.
  bool agrees() const {
    return tensors::same_bits(g, g_on_device.read()) && tensors::same_bits(w, w_on_device.read());
  }
};

template <class W, class G>
std::vector<std::unique_ptr<tensor<W, G>>> tensors_of(std::vector<std::size_t> const& sizes) {
  std::vector<std::unique_ptr<tensor<W, G>>> all;
  for (std::size_t const size : sizes)
    all.push_back(std::make_unique<tensor<W, G>>(size, all.size()));
  return all;
}

/// A different strength for every tensor.
inline double strength_of(std::size_t t) {
  return 0.1 + 0.3 * static_cast<double>(t);
}

}  // namespace cuda_test
