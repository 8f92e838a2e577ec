// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// stream: where the device verbs enqueue their work, and the exception for what CUDA refuses.

#include <concepts>
#include <detent/config.hpp>
#include <stdexcept>
#include <string>

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#endif

namespace detent::inline DETENT_ABI {

/// A call of the CUDA runtime that failed. The message names what was tried and CUDA's reason.
class cuda_error : public std::runtime_error {
 public:
  cuda_error(cudaError_t code, std::string const& tried)
      : std::runtime_error("detent: " + tried + ": " + cudaGetErrorString(code)), code_(code) {}

  cudaError_t code() const noexcept { return code_; }

 private:
  cudaError_t code_;
};

namespace cuda {

namespace detail {

inline void require_success(cudaError_t code, char const* tried) {
  if (code != cudaSuccess) DETENT_THROW(cuda_error(code, tried));
}

}  // namespace detail

/// A stream: made from a `cudaStream_t`, or from anything whose `get()` returns one, such as
/// CCCL's `cuda::stream_ref`. It owns nothing.
class stream {
 public:
  stream(cudaStream_t handle) noexcept : handle_(handle) {}
  template <class S>
  requires requires(S const& s) {
    { s.get() } -> std::convertible_to<cudaStream_t>;
  }
  stream(S const& s) : handle_(s.get()) {}

  cudaStream_t get() const noexcept { return handle_; }

 private:
  cudaStream_t handle_;
};

}  // namespace cuda
}  // namespace detent::inline DETENT_ABI
