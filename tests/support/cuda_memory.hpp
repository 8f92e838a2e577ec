// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Device memory for tests: CUDA's under nvcc, else the emulator's, of exactly the size asked for,
// so that the address sanitizer sees every step beyond it.

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#else
#include <support/cuda_emulator.hpp>
#endif

#include <cstddef>
#include <cstring>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/stream.cuh>
#include <new>
#include <vector>

namespace detent_test {

inline constexpr cudaStream_t stream = nullptr;

namespace detail {

#if defined(__CUDACC__)
inline void* allocate(std::size_t bytes) {
  void* memory = nullptr;
  detent::cuda::detail::require_success(cudaMalloc(&memory, bytes + 1), "cudaMalloc");
  return memory;
}
inline void deallocate(void* memory) noexcept {
  cudaFree(memory);
}
inline void copy(void* to, void const* from, std::size_t bytes) {
  detent::cuda::detail::require_success(cudaMemcpy(to, from, bytes, cudaMemcpyDefault),
                                        "cudaMemcpy");
}
#else
inline constexpr std::align_val_t alignment{256};
inline void* allocate(std::size_t bytes) {
  return operator new(bytes, alignment);
}
inline void deallocate(void* memory) noexcept {
  operator delete(memory, alignment);
}
inline void copy(void* to, void const* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}
#endif

}  // namespace detail

/// Elements in device memory, `offset` elements from an aligned address.
template <class T>
class device_memory {
 public:
  explicit device_memory(std::vector<T> const& from, std::size_t offset = 0)
      : memory_(static_cast<T*>(detail::allocate((offset + from.size()) * sizeof(T)))),
        offset_(offset),
        size_(from.size()) {
    write(from);
  }
  explicit device_memory(std::size_t size) : device_memory(std::vector<T>(size)) {}
  ~device_memory() { detail::deallocate(memory_); }
  device_memory(device_memory const&) = delete;
  device_memory& operator=(device_memory const&) = delete;

  detent::cuda::device_span<T> span() const { return {memory_ + offset_, size_}; }
  T* data() const { return span().data(); }
  std::vector<T> read() const {
    std::vector<T> out(size_);
    detail::copy(out.data(), data(), size_ * sizeof(T));
    return out;
  }
  void write(std::vector<T> const& from) { detail::copy(data(), from.data(), size_ * sizeof(T)); }

 private:
  T* memory_;
  std::size_t offset_;
  std::size_t size_;
};

}  // namespace detent_test
