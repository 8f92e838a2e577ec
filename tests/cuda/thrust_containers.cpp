// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Thrust's and CCCL's containers as arguments of the verbs on a stream, against the host bit for
// bit. With nvcc their memory is a device's. Without, Thrust's devices are OpenMP's threads, and
// the verbs run emulated.

#if !defined(__CUDACC__)
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_OMP
// The answers that CCCL would give itself if it found no CUDA, whose headers may lie where the
// compiler looks by itself.
#define __CCCL_CUDA_TOOLKIT_H
#define _CCCL_HAS_CTK() 0
#define _CCCL_CTK_AT_LEAST(...) 0
#define _CCCL_CTK_BELOW(...) 0
#endif

#include <thrust/device_vector.h>
#include <thrust/host_vector.h>
#include <thrust/universal_vector.h>

#include <cuda/std/span>
// Before the rest: without nvcc it stands in for CUDA, which Thrust is not to see.
#include "layers.hpp"
#if defined(__CUDACC__)
#include <cuda/stream_ref>
#endif
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/algorithm/snap.hpp>
#include <detent/cuda/accumulate.cuh>
#include <detent/cuda/backward.cuh>
#include <detent/cuda/quantize.cuh>
#include <detent/cuda/reduce.cuh>
#include <detent/cuda/snap.cuh>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <detent/statistic/magnitude.hpp>
#include <vector>

namespace device = detent::cuda;  // `cuda` is CCCL's
using detent::bits;
using tensors::same_bits;

namespace {

std::size_t const size = 40000;
detent::sinusoidal<> const reg{detent::dorefa_grid(bits{3})};
detent::wrpn_weights const wrpn{bits{3}, 0.9};

#if defined(__CUDACC__)
cuda::stream_ref const stream{cudaStream_t(nullptr)};
#else
cudaStream_t const stream = nullptr;
#endif

/// What a container of the device holds, once all streams are done.
template <class C>
auto contents(C const& container) {
  return detent_test::read(device::device_span(container));
}

/// Memory and workspace for any verb of these tests.
struct meeting {
  thrust::device_vector<std::byte> memory{device::workspace_bytes(size, 2)};
  device::workspace workspace{stream, memory};
};

}  // namespace

TEST_CASE("thrust: accumulate and penalty take device vectors, alone and in a plan") {
  auto const w = tensors::random<float>(size, 1);
  auto g = tensors::random<float>(size, 2);
  thrust::device_vector<float> const w_on_device(w.begin(), w.end());
  thrust::device_vector<float> g_on_device(g.begin(), g.end());
  thrust::device_vector<detent::result<>> loss(1);
  meeting const meeting;

  device::accumulate(stream, reg, w_on_device, g_on_device, 0.1, meeting.workspace, loss);
  CHECK(same_bits(contents(loss)[0].value, detent::accumulate(reg, w, g, 0.1).value));
  CHECK(same_bits(contents(g_on_device), g));

  std::vector const layers{device::regularized_layer{reg, w_on_device, g_on_device, 0.2}};
  thrust::device_vector<std::byte> memory(device::plan_bytes(layers));
  device::plan const plan{stream, layers, memory};
  device::accumulate(stream, plan, loss);
  CHECK(same_bits(contents(loss)[0].value, detent::accumulate(reg, w, g, 0.2).value));
  CHECK(same_bits(contents(g_on_device), g));
  CHECK(same_bits(contents(w_on_device), w));

  device::penalty(stream, reg, w_on_device, meeting.workspace, loss);
  CHECK(same_bits(contents(loss)[0].value, detent::penalty(reg, w).value));
  thrust::host_vector<float> const copied = g_on_device;  // as an application would
  CHECK(same_bits(copied, g));
}

TEST_CASE("thrust: quantize, backward, snap and reduce take device vectors") {
  auto w = tensors::random<float>(size, 3);
  auto g = tensors::random<float>(size, 4);
  auto const upstream = tensors::random<float>(size, 5);
  std::vector<float> levels(size);
  std::vector<std::int8_t> codes(size);
  thrust::device_vector<float> w_on_device(w.begin(), w.end());
  thrust::device_vector<float> g_on_device(g.begin(), g.end());
  thrust::device_vector<float> const upstream_on_device(upstream.begin(), upstream.end());
  thrust::device_vector<float> levels_on_device(size);
  thrust::device_vector<std::int8_t> codes_on_device(size);
  thrust::device_vector<detent::magnitude> largest(1);
  meeting const meeting;

  device::quantize(stream, wrpn, w_on_device, levels_on_device);
  detent::quantize(wrpn, w, levels);
  CHECK(same_bits(contents(levels_on_device), levels));

  device::backward(stream, wrpn, w_on_device, upstream_on_device, g_on_device);
  detent::backward(wrpn, w, upstream, g);
  CHECK(same_bits(contents(g_on_device), g));

  device::reduce(stream, detent::magnitude{}, w_on_device, meeting.workspace, largest);
  CHECK(same_bits(contents(largest), std::vector{detent::reduce(detent::magnitude{}, w)}));

  device::snap(stream, wrpn.grid(), w_on_device, codes_on_device);
  detent::snap(wrpn.grid(), w, codes);
  CHECK(same_bits(contents(w_on_device), w));
  CHECK(same_bits(contents(codes_on_device), codes));
}

TEST_CASE("thrust: a universal vector and CCCL's span are the device's as well") {
  auto const w = tensors::random<float>(size, 6);
  auto g = tensors::random<float>(size, 7);
  thrust::universal_vector<float> shared(w.begin(), w.end());
  thrust::universal_vector<float> g_shared(g.begin(), g.end());
  cuda::std::span<float> const part(thrust::raw_pointer_cast(g_shared.data()) + 1, size - 1);
  cuda::std::span<float const> const w_of_part(thrust::raw_pointer_cast(shared.data()) + 1,
                                               size - 1);
  thrust::universal_vector<detent::result<>> loss(1);
  meeting const meeting;

  device::accumulate(stream, reg, shared, g_shared, 0.1, meeting.workspace, loss);
  CHECK(same_bits(contents(loss)[0].value, detent::accumulate(reg, w, g, 0.1).value));
  CHECK(same_bits(contents(g_shared), g));

  device::accumulate(stream, reg, w_of_part, part, 0.2, meeting.workspace, loss);
  std::vector<float> const rest(w.begin() + 1, w.end());
  std::vector<float> g_rest(g.begin() + 1, g.end());
  CHECK(same_bits(contents(loss)[0].value, detent::accumulate(reg, rest, g_rest, 0.2).value));
  CHECK(same_bits(contents(part), g_rest));
}
