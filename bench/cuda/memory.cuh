// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// device_array: numbers in device memory, and the candidates that only move them.

#include <bench/cuda/contest.cuh>
#include <cstddef>
#include <cstdint>
#include <detent/cuda/device_span.cuh>
#include <detent/math/storage.hpp>
#include <memory>

namespace bench::cuda {

/// Of every penalty that is measured.
inline constexpr double scale = 1e-3;

/// Numbers in [-range, range), which differ.
template <class T>
__global__ void fill(T* to, std::size_t size, float range) {
  std::size_t const i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= size) return;
  auto const bits = static_cast<std::uint32_t>(i) * 2654435769u;
  to[i] = detent::from_compute<T>(range * (static_cast<float>(bits >> 8) * 0x1p-23f - 1.0f));
}

/// g += a·w as one would write it down: an element a thread.
template <class W, class G>
__global__ void multiply_add(W const* w, G* g, std::size_t size, float a) {
  std::size_t const i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= size) return;
  using wide = detent::compute_type<G>;
  g[i] =
      detent::from_compute<G>(static_cast<wide>(a) * static_cast<wide>(detent::to_compute(w[i])) +
                              detent::to_compute(g[i]));
}

inline constexpr unsigned threads_of_block = 256;
inline unsigned blocks_of(std::size_t size) {
  return static_cast<unsigned>((size + threads_of_block - 1) / threads_of_block);
}

template <class T>
class device_array {
 public:
  /// Not initialized.
  explicit device_array(std::size_t size) : size_(size) {
    T* memory = nullptr;
    require(cudaMalloc(&memory, size * sizeof(T)), "allocation");
    memory_.reset(memory);
  }
  device_array(std::size_t size, float range) : device_array(size) {
    fill<<<blocks_of(size), threads_of_block>>>(data(), size, range);
    require(cudaGetLastError(), "launch of fill");
    require(cudaDeviceSynchronize(), "fill");
  }

  T* data() const { return memory_.get(); }
  std::size_t size() const { return size_; }
  detent::cuda::device_span<T> span() const { return {data(), size_}; }

 private:
  struct release {
    void operator()(T* p) const { cudaFree(p); }
  };
  std::unique_ptr<T, release> memory_;
  std::size_t size_;
};

/// Copies half of the bytes, each of which is read and written.
class copied {
 public:
  copied(std::size_t weights, double bytes, std::size_t sets)
      : bytes_(bytes),
        half_(static_cast<std::size_t>(bytes * static_cast<double>(weights) / 2)),
        from_(half_ / sizeof(float) * sets, 1.0f),
        to_(half_ * sets) {
    require(cudaMemset(to_.data(), 1, to_.size()), "first touch of a copy");
  }

  cuda::candidate candidate() const {
    return {"copy", bytes_, [this](cudaStream_t s, std::size_t set) {
              auto const* const from = reinterpret_cast<unsigned char const*>(from_.data());
              require(cudaMemcpyAsync(to_.data() + set * half_, from + set * half_, half_,
                                      cudaMemcpyDeviceToDevice, s),
                      "copy");
            }};
  }

 private:
  double bytes_;
  std::size_t half_;
  device_array<float> from_;
  device_array<unsigned char> to_;
};

}  // namespace bench::cuda
