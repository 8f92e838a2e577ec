// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// detent_cuda_peer: accumulate on a stream, as C functions, for bench/cuda/pytorch_cuda.py to call
// on PyTorch's tensors; and the sizes of the networks that are measured.

#include <bench/cuda/networks.hpp>
#include <bench/support/functors.hpp>
#include <cstddef>
#include <detent/cuda/accumulate.cuh>
#include <detent/cuda/plan.cuh>
#include <numeric>
#include <string_view>
#include <vector>

namespace {

using detent::cuda::device_span;
using layer = detent::cuda::regularized_layer<decltype(bench::bounded()), float, float>;

struct memory {
  std::byte* data = nullptr;
  std::size_t size;

  explicit memory(std::size_t bytes) : size(bytes) {
    if (cudaMalloc(&data, bytes) != cudaSuccess) data = nullptr;
  }
  ~memory() { cudaFree(data); }
  memory(memory const&) = delete;
  memory& operator=(memory const&) = delete;
  device_span<std::byte> span() const { return {data, size}; }
};

/// Tensors of one launch, and where their results go.
struct planned {
  memory of_plan, of_results;
  detent::cuda::plan<layer> plan;
  std::size_t count;

  explicit planned(std::vector<layer> const& layers)
      : of_plan(detent::cuda::plan_bytes(layers)),
        of_results(layers.size() * sizeof(detent::result<>)),
        plan(cudaStream_t(nullptr), layers, of_plan.span()),
        count(layers.size()) {}

  device_span<detent::result<>> results() const {
    return {reinterpret_cast<detent::result<>*>(of_results.data), count};
  }
};

bench::network const* network_of(char const* name) {
  for (bench::network const& n : bench::networks())
    if (std::string_view(name) == n.name) return &n;
  return nullptr;
}

}  // namespace

/// Of `count` tensors; null where CUDA refuses. The plan is made on the default stream.
extern "C" void* detent_plan(float const* const* w, float* const* g, std::size_t const* size,
                             std::size_t count, double scale) try {
  std::vector<layer> layers;
  for (std::size_t t = 0; t < count; ++t)
    layers.push_back({bench::bounded(), device_span<float const>(w[t], size[t]),
                      device_span<float>(g[t], size[t]), scale});
  auto* const p = new planned(layers);
  cudaDeviceSynchronize();
  return p;
} catch (std::exception const&) {
  return nullptr;
}

/// 0 where it was enqueued.
extern "C" int detent_accumulate(void const* plan, cudaStream_t stream) try {
  auto const& p = *static_cast<planned const*>(plan);
  detent::cuda::accumulate(stream, p.plan, p.results());
  return 0;
} catch (std::exception const&) {
  return 1;
}

/// The penalty of all tensors at the last call; waits for it.
extern "C" double detent_value(void const* plan) {
  auto const& p = *static_cast<planned const*>(plan);
  std::vector<detent::result<>> results(p.count);
  cudaDeviceSynchronize();
  cudaMemcpy(results.data(), p.results().data(), p.of_results.size, cudaMemcpyDeviceToHost);
  return std::accumulate(results.begin(), results.end(), 0.0,
                         [](double sum, detent::result<> const& r) { return sum + r.value; });
}

extern "C" void detent_destroy(void* plan) {
  delete static_cast<planned*>(plan);
}

/// Tensors of a network, 0 for an unknown one; their sizes.
extern "C" std::size_t detent_tensors(char const* network) {
  auto const* const n = network_of(network);
  return n == nullptr ? 0 : n->sizes.size();
}
extern "C" std::size_t detent_tensor_size(char const* network, std::size_t tensor) {
  return network_of(network)->sizes[tensor];
}
