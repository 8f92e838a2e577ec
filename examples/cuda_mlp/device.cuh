// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// device: a GPU as `network` and `experiment` ask for it, of Thrust, cuBLAS and CUDA graphs.

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <thrust/device_vector.h>

#include <cstddef>
#include <detent/cuda/stream.cuh>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "network.cuh"

namespace cuda_mlp {

inline void require(cudaError_t status, char const* tried) {
  if (status != cudaSuccess) throw detent::cuda_error(status, tried);
}

/// A call of cuBLAS that failed.
inline void require(cublasStatus_t status, std::string const& tried) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw std::runtime_error(tried + ": " + cublasGetStatusName(status) + ", " +
                           cublasGetStatusString(status));
}

/// A captured graph, ready to be launched.
class graph {
 public:
  /// Errors: detent::cuda_error, or what `enqueue` throws.
  template <class F>
  graph(cudaStream_t stream, F const& enqueue) {
    require(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "begin of a capture");
    cudaGraph_t captured = nullptr;
    try {
      enqueue();
    } catch (...) {
      cudaStreamEndCapture(stream, &captured);
      if (captured != nullptr) cudaGraphDestroy(captured);
      throw;
    }
    require(cudaStreamEndCapture(stream, &captured), "end of a capture");
    cudaError_t const status = cudaGraphInstantiate(&executable_, captured, 0);
    cudaGraphDestroy(captured);
    require(status, "instantiation of a graph");
  }
  graph(graph&& other) noexcept : executable_(std::exchange(other.executable_, nullptr)) {}
  graph& operator=(graph&&) = delete;
  ~graph() {
    if (executable_ != nullptr) cudaGraphExecDestroy(executable_);
  }

  void launch(cudaStream_t stream) {
    require(cudaGraphLaunch(executable_, stream), "launch of a graph");
  }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

/// A stream, and cuBLAS on it.
class device {
 public:
  template <class T>
  using vector = thrust::device_vector<T>;
  using graph = cuda_mlp::graph;

  /// @param  math  CUBLAS_DEFAULT_MATH: products in float; CUBLAS_TF32_TENSOR_OP_MATH: of numbers
  ///               rounded to TF32, on tensor cores
  explicit device(cublasMath_t math) : workspace_(workspace_bytes) {
    // Not a non-blocking one: it is to wait for the default stream, on which Thrust fills vectors.
    require(cudaStreamCreate(&stream_), "creation of a stream");
    require(cublasCreate(&blas_), "cublasCreate");
    require(cublasSetMathMode(blas_, math), "cublasSetMathMode");
    // In this order: setting the stream gives back the workspace. With one of its own, on one
    // stream, cuBLAS neither allocates in a capture nor chooses differently from run to run.
    require(cublasSetStream(blas_, stream_), "cublasSetStream");
    require(cublasSetWorkspace(blas_, thrust::raw_pointer_cast(workspace_.data()), workspace_bytes),
            "cublasSetWorkspace");
  }
  device(device const&) = delete;
  device& operator=(device const&) = delete;
  ~device() {
    cublasDestroy(blas_);
    cudaStreamDestroy(stream_);
  }

  cudaStream_t stream() const { return stream_; }

  void wait() const { require(cudaStreamSynchronize(stream_), "work on the stream"); }

  template <class T>
  std::vector<T> read(vector<T> const& from) const {
    std::vector<T> to(from.size());
    require(cudaMemcpyAsync(to.data(), thrust::raw_pointer_cast(from.data()), to.size() * sizeof(T),
                            cudaMemcpyDeviceToHost, stream_),
            "copy from the device");
    wait();
    return to;
  }

  /// c = op(a) op(b), column-major.
  void gemm(transpose of_a, transpose of_b, int m, int n, int k, float const* a, int lda,
            float const* b, int ldb, float* c, int ldc) {
    float const one = 1, zero = 0;
    require(cublasSgemm(blas_, operation(of_a), operation(of_b), m, n, k, &one, a, lda, b, ldb,
                        &zero, c, ldc),
            "cublasSgemm, " + std::to_string(m) + " x " + std::to_string(n) + " x " +
                std::to_string(k));
  }

  template <class F>
  graph record(F const& enqueue) const {
    return graph(stream_, enqueue);
  }
  void replay(graph& recorded) const { recorded.launch(stream_); }

 private:
  static constexpr std::size_t workspace_bytes = std::size_t{32} << 20;  // what Hopper asks for

  static cublasOperation_t operation(transpose of) {
    return of == transpose::yes ? CUBLAS_OP_T : CUBLAS_OP_N;
  }

  vector<std::byte> workspace_;
  cudaStream_t stream_ = nullptr;
  cublasHandle_t blas_ = nullptr;
};

}  // namespace cuda_mlp
