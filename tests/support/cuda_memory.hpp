// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Device memory for tests: CUDA's under nvcc, else the emulator's, of exactly the size asked for,
// so that the address sanitizer sees every step beyond it. A copy waits for all streams, and throws
// what went wrong in them.

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#else
#include <support/cuda_emulator.hpp>
#endif

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/stream.cuh>
#include <new>
#include <type_traits>
#include <vector>

namespace detent_test {

inline constexpr cudaStream_t stream = nullptr;

namespace detail {

#if defined(__CUDACC__)
inline void* allocate(std::size_t bytes) {
  void* memory = nullptr;
  detent::cuda::detail::require_success(cudaMalloc(&memory, bytes > 0 ? bytes : 1), "cudaMalloc");
  return memory;
}
inline void deallocate(void* memory) noexcept {
  auto const error = cudaFree(memory);
  if (error != cudaSuccess) std::fprintf(stderr, "cudaFree: %s\n", cudaGetErrorString(error));
}
/// A copy from pageable memory may go on after cudaMemcpy has returned, and no copy is in any order
/// with a stream that does not block.
inline void copy(void* to, void const* from, std::size_t bytes) {
  using detent::cuda::detail::require_success;
  require_success(cudaDeviceSynchronize(), "work before a copy");
  if (bytes > 0) require_success(cudaMemcpy(to, from, bytes, cudaMemcpyDefault), "cudaMemcpy");
  require_success(cudaDeviceSynchronize(), "a copy");
}
/// Leaves it to compute-sanitizer to know which bytes nobody has written.
inline void spoil(void*, std::size_t) {}
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
inline void spoil(void* memory, std::size_t bytes) {
  std::memset(memory, 0xff, bytes);
}
#endif

}  // namespace detail

/// The elements, once all streams are done.
template <class T>
std::vector<std::remove_const_t<T>> read(detent::cuda::device_span<T> const& from) {
  std::vector<std::remove_const_t<T>> out(from.size());
  detail::copy(out.data(), from.data(), from.size() * sizeof(T));
  return out;
}

/// Asks for memory that nobody has written.
struct uninitialized {};

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
  device_memory(uninitialized, std::size_t size)
      : memory_(static_cast<T*>(detail::allocate(size * sizeof(T)))), offset_(0), size_(size) {
    detail::spoil(memory_, size * sizeof(T));
  }
  ~device_memory() { detail::deallocate(memory_); }
  device_memory(device_memory const&) = delete;
  device_memory& operator=(device_memory const&) = delete;

  detent::cuda::device_span<T> span() const { return {memory_ + offset_, size_}; }
  T* data() const { return span().data(); }
  std::vector<T> read() const { return detent_test::read(span()); }
  void write(std::vector<T> const& from) { detail::copy(data(), from.data(), size_ * sizeof(T)); }

 private:
  T* memory_;
  std::size_t offset_;
  std::size_t size_;
};

}  // namespace detent_test
