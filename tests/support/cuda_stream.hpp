// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Streams and captured graphs for tests, CUDA's or the emulator's.

#include <support/cuda_memory.hpp>
// Before the rest: without nvcc it stands in for CUDA.
#include <detent/cuda/stream.cuh>

namespace detent_test {

/// A stream of the test's own, which does not wait for the default one unless the flags say so.
class own_stream {
 public:
  explicit own_stream(unsigned flags = cudaStreamNonBlocking) {
    detent::cuda::detail::require_success(cudaStreamCreateWithFlags(&handle_, flags),
                                          "cudaStreamCreateWithFlags");
  }
  ~own_stream() { cudaStreamDestroy(handle_); }
  own_stream(own_stream const&) = delete;
  own_stream& operator=(own_stream const&) = delete;

  cudaStream_t get() const noexcept { return handle_; }

 private:
  cudaStream_t handle_ = nullptr;
};

/// What was enqueued while a stream was captured, to be run as often as wanted.
class graph {
 public:
  /// Captures what `enqueue()` enqueues on the stream. In the mode of capture that is the
  /// strictest: whatever allocates or waits meanwhile fails.
  template <class F>
  graph(own_stream const& from, F enqueue) {
    using detent::cuda::detail::require_success;
    require_success(cudaStreamBeginCapture(from.get(), cudaStreamCaptureModeGlobal),
                    "cudaStreamBeginCapture");
    enqueue();
    cudaGraph_t captured = nullptr;
    require_success(cudaStreamEndCapture(from.get(), &captured), "cudaStreamEndCapture");
    auto const instantiated = cudaGraphInstantiate(&executable_, captured);
    cudaGraphDestroy(captured);
    require_success(instantiated, "cudaGraphInstantiate");
  }
  ~graph() { cudaGraphExecDestroy(executable_); }
  graph(graph const&) = delete;
  graph& operator=(graph const&) = delete;

  void launch(own_stream const& to) const {
    detent::cuda::detail::require_success(cudaGraphLaunch(executable_, to.get()),
                                          "cudaGraphLaunch");
  }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

}  // namespace detent_test
