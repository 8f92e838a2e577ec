// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// One functor a channel on a stream, against the host.

#include "layers.hpp"
// Before the rest: without nvcc it stands in for CUDA.
#include <doctest/doctest.h>

#include <cstddef>
#include <detent/algorithm/channels.hpp>
#include <detent/cuda/channels.cuh>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/lsq.hpp>
#include <detent/quantizer/relaxed.hpp>
#include <detent/regularizer/waveq.hpp>
#include <vector>

namespace cuda = detent::cuda;
using cuda_test::device_memory;
using cuda_test::stream;
using detent::bits;
using detent::channel_extents;
using detent::seq;
using tensors::message_of;
using tensors::same_bits;

namespace {

channel_extents const extents{1, 5, 1031};
std::size_t const size = 5 * 1031;

}  // namespace

TEST_CASE("cuda channels: accumulate with one regularizer each, also from memory") {
  std::vector<detent::waveq<>> regs;
  for (int c = 0; c < 5; ++c)
    regs.emplace_back(detent::period<>(2.0 + 0.3 * c));
  std::vector<detent::result<1>> want(5);
  cuda_test::tensor<float, float> t(size, 0);
  auto const before = t.g;
  detent::accumulate(seq, extents, regs, t.w, t.g, 0.1, want);
  device_memory<detent::result<1>> const results(5);
  auto const check = [&](auto const& layers) {
    t.g_on_device.write(before);
    device_memory<std::byte> const memory(cuda::plan_bytes(layers));
    cuda::accumulate(stream, cuda::plan{stream, layers, memory.span()}, results.span());
    CHECK(same_bits(results.read(), want));
    CHECK(t.agrees());
  };
  auto const w = t.w_on_device.span(), g = t.g_on_device.span();
  check(cuda::regularized_channels(extents, regs, w, g, 0.1));
  device_memory<detent::waveq<>> const on_device(regs);
  std::vector<cuda::in_memory<detent::waveq<>>> behind;
  for (std::size_t c = 0; c < 5; ++c)
    behind.push_back({on_device.data() + c});
  check(cuda::regularized_channels(extents, behind, w, g, 0.1));
}

TEST_CASE("cuda channels: quantize and backward with one quantizer each") {
  std::vector<detent::lsq> quantizers;
  for (int c = 0; c < 5; ++c)
    quantizers.push_back(detent::lsq::weights(bits{3}, detent::step_size{0.1 + 0.05 * c}));
  cuda_test::tensor<float, float> t(size, 0);
  auto const w = t.w_on_device.span(), g = t.g_on_device.span();
  auto const rounded = cuda::quantized_channels(extents, quantizers, w, g);
  device_memory<std::byte> const memory(cuda::plan_bytes(rounded));
  cuda::quantize(stream, cuda::plan{stream, rounded, memory.span()});
  detent::quantize(seq, extents, quantizers, t.w, t.g);
  CHECK(t.agrees());

  auto const upstream = tensors::random<float>(size, 5);
  device_memory<float> const above(upstream);
  std::vector<detent::result<1>> want(5);
  device_memory<detent::result<1>> const results(5);
  auto const pulled = cuda::straight_through_channels(extents, quantizers, w, above.span(), g);
  device_memory<std::byte> const more(cuda::plan_bytes(pulled));
  cuda::backward(stream, cuda::plan{stream, pulled, more.span()}, results.span());
  detent::backward(seq, extents, quantizers, t.w, upstream, t.g, want);
  CHECK(same_bits(results.read(), want));
  CHECK(t.agrees());
}

TEST_CASE("cuda channels: a quantizer that draws knows the whole tensor, also in many blocks") {
  channel_extents const blocks{3, 2, 700};
  auto const grid = detent::twos_complement_grid(bits{3}, detent::step_size{0.35});
  std::vector<detent::relaxed<>> const quantizers(2, {grid, 0.1, detent::philox_draws{7, 3, 2}});
  cuda_test::tensor<float, float> t(3 * 2 * 700, 0);
  auto const layers =
      cuda::quantized_channels(blocks, quantizers, t.w_on_device.span(), t.g_on_device.span());
  CHECK(layers.size() == 6);
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  cuda::quantize(stream, cuda::plan{stream, layers, memory.span()});
  detent::quantize(seq, blocks, quantizers, t.w, t.g);
  CHECK(t.agrees());
}

TEST_CASE("cuda channels: reject other numbers of functors, and extents of another size") {
  std::vector<detent::lsq> const four(4, detent::lsq::weights(bits{3}, detent::step_size{0.1}));
  device_memory<float> const w(size), other(size - 1);
  CHECK(message_of([&] { cuda::quantized_channels(extents, four, w.span(), w.span()); }) ==
        "detent: quantizers: has 4 elements where channels has 5");
  CHECK(message_of([&] { cuda::quantized_channels(extents, four, w.span(), other.span()); }) ==
        "detent: out: has 5154 elements where extents has 5155");
}
