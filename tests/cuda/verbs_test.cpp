// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// quantize, backward, snap and reduce on a stream against the host, bit for bit.

#include "layers.hpp"
// Before the rest: without nvcc it stands in for CUDA.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/algorithm/snap.hpp>
#include <detent/cuda/backward.cuh>
#include <detent/cuda/quantize.cuh>
#include <detent/cuda/reduce.cuh>
#include <detent/cuda/snap.cuh>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/lsq.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/statistic/magnitude.hpp>
#include <detent/statistic/moments.hpp>
#include <limits>
#include <string>
#include <vector>

namespace cuda = detent::cuda;
using cuda_test::device_memory;
using cuda_test::stream;
using detent::bfloat16;
using detent::bits;
using detent::half;
using tensors::message_of;
using tensors::same_bits;

namespace {

detent::wrpn_weights const wrpn{bits{3}, 0.9};
detent::lsq const lsq = detent::lsq::weights(bits{3}, detent::step_size{0.2});
std::vector<std::size_t> const sizes{0, 1, 5, 1024, 16385, 40000};

template <class W, class Out>
void check_quantize() {
  auto const all = cuda_test::tensors_of<W, Out>(sizes);
  std::vector<cuda::quantized_layer<detent::wrpn_weights, W, Out>> layers;
  for (auto const& t : all)
    layers.push_back({wrpn, t->w_on_device.span(), t->g_on_device.span()});
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  cuda::quantize(stream, cuda::plan{stream, layers, memory.span()});
  for (auto const& t : all) {
    detent::quantize(wrpn, t->w, t->g);
    CHECK(t->agrees());
    t->g_on_device.write(std::vector<Out>(t->w.size()));
    cuda::quantize(stream, wrpn, t->w_on_device.span(), t->g_on_device.span());
    CHECK(t->agrees());
  }
}

template <class W, class U, class G>
void check_backward() {
  auto const all = cuda_test::tensors_of<W, G>(sizes);
  for (auto const& t : all) {
    auto const upstream = tensors::random<U>(t->w.size(), 5);
    device_memory<U> const above(upstream);
    device_memory<std::byte> const memory(cuda::workspace_bytes(t->w.size(), 1));
    cuda::workspace const workspace{stream, memory.span()};
    device_memory<detent::result<1>> const result(1);
    cuda::backward(stream, lsq, t->w_on_device.span(), above.span(), t->g_on_device.span(),
                   workspace, result.span());
    auto const want = detent::backward(lsq, t->w, upstream, t->g);
    CHECK(same_bits(result.read()[0].theta, want.theta));
    CHECK(result.read()[0].value == 0);
    CHECK(t->agrees());
    cuda::backward(stream, wrpn, t->w_on_device.span(), above.span(), t->g_on_device.span());
    detent::backward(wrpn, t->w, upstream, t->g);
    CHECK(t->agrees());
  }
}

template <class W, class Code>
void check_snap() {
  auto const all = cuda_test::tensors_of<W, Code>(sizes);
  std::vector<cuda::snapped_layer<detent::uniform<double>, W, Code>> layers;
  for (auto const& t : all)
    layers.push_back({wrpn.grid(), t->w_on_device.span(), t->g_on_device.span()});
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  cuda::snap(stream, cuda::plan{stream, layers, memory.span()});
  for (auto const& t : all) {
    auto const before = t->w;
    detent::snap(wrpn.grid(), t->w, t->g);
    CHECK(t->agrees());
    t->w_on_device.write(before);
    cuda::snap(stream, wrpn.grid(), t->w_on_device.span());
    CHECK(t->agrees());
  }
}

template <class W, class S>
void check_reduce(S const& fresh) {
  auto const all = cuda_test::tensors_of<W, float>(sizes);
  std::vector<cuda::observed_layer<S, W>> layers;
  std::vector<S> want;
  for (auto const& t : all) {
    layers.push_back({fresh, t->w_on_device.span()});
    want.push_back(detent::reduce(fresh, t->w));
  }
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  cuda::plan const plan{stream, layers, memory.span()};
  device_memory<S> const results(std::vector<S>(all.size(), fresh));
  for (int pass = 0; pass < 2; ++pass) {
    cuda::reduce(stream, plan, results.span());
    CHECK(same_bits(results.read(), want));
  }
  device_memory<std::byte> const alone(cuda::workspace_bytes(40000, S::sums + S::maxima));
  cuda::workspace const workspace{stream, alone.span()};
  device_memory<S> const result(std::vector<S>{fresh});
  cuda::reduce(stream, fresh, all.back()->w_on_device.span(), workspace, result.span());
  CHECK(same_bits(result.read(), std::vector<S>{want.back()}));
}

}  // namespace

TEST_CASE("cuda quantize: the bits of the host") {
  check_quantize<float, float>();
  check_quantize<bfloat16, bfloat16>();
  check_quantize<half, float>();
}

TEST_CASE("cuda backward: the bits of the host, with and without parameters") {
  check_backward<float, float, float>();
  check_backward<bfloat16, bfloat16, float>();
}

TEST_CASE("cuda snap: the bits of the host, with and without codes") {
  check_snap<float, std::int8_t>();
  check_snap<half, std::int32_t>();
}

TEST_CASE("cuda reduce: the bits of the host") {
  check_reduce<float>(detent::magnitude{});
  check_reduce<half>(detent::moments{0.1});
}

TEST_CASE("cuda verbs: reject differing sizes, null data and narrow codes") {
  device_memory<float> const w(10), other(9);
  device_memory<std::int8_t> const codes(10);
  cuda::device_span<float> const null(nullptr, 10);
  CHECK(message_of([&] { cuda::quantize(stream, wrpn, w.span(), other.span()); }) ==
        "detent: out: has 9 elements where w has 10");
  CHECK(message_of([&] { cuda::quantize(stream, wrpn, null, w.span()); }) ==
        "detent: w: has null data and size 10");
  CHECK(message_of([&] { cuda::backward(stream, wrpn, w.span(), other.span(), w.span()); }) ==
        "detent: upstream: has 9 elements where w has 10");
  CHECK(message_of([&] { cuda::backward(stream, wrpn, w.span(), w.span(), other.span()); }) ==
        "detent: g: has 9 elements where w has 10");
  CHECK(message_of([&] { cuda::snap(stream, wrpn.grid(), null); }) ==
        "detent: w: has null data and size 10");
  CHECK(message_of([&] { cuda::snap(stream, wrpn.grid(), other.span(), codes.span()); }) ==
        "detent: codes: has 10 elements where w has 9");
  CHECK(message_of([&] {
          cuda::snap(stream, detent::wrpn_grid(bits{9}), w.span(), codes.span());
        }) == "detent: codes: cannot hold the codes -255 to 255 of the grid");
  device_memory<std::byte> const memory(16);
  cuda::workspace const workspace{stream, memory.span()};
  device_memory<detent::magnitude> const result(1);
  CHECK(message_of([&] {
          cuda::reduce(stream, detent::magnitude{}, w.span(), workspace, result.span());
        }) == "detent: workspace: has 16 bytes; 48 are needed");
  CHECK(w.read() == std::vector<float>(10));
}

TEST_CASE("cuda snap: codes that hold the highest alone are refused") {
  device_memory<float> const w(10);
  device_memory<std::uint8_t> const codes(10);
  CHECK(message_of([&] {
          cuda::snap(stream, detent::wrpn_grid(bits{3}), w.span(), codes.span());
        }) == "detent: codes: cannot hold the codes -3 to 3 of the grid");
}

TEST_CASE("cuda quantize: levels that alone are misaligned") {
  auto const w = tensors::random<float>(40000, 3, 1.5);
  std::vector<float> want(w.size());
  detent::quantize(wrpn, w, want);
  device_memory<float> const w_on_device(w), out(std::vector<float>(w.size()), 1);
  cuda::quantize(stream, wrpn, w_on_device.span(), out.span());
  CHECK(same_bits(out.read(), want));
}

TEST_CASE("cuda reduce: no weight behind the end, whatever lies there and in the workspace") {
  for (std::size_t const size : {1600U, 1700U, 1792U, 1800U, 2047U, 3700U, 18200U, 40000U}) {
    CAPTURE(size);
    auto w = tensors::random<float>(size, 4, 1.5);
    auto const want = detent::reduce(detent::magnitude{}, w);
    w.resize(size + 4096, 1e30f);
    device_memory<float> const on_device(w);
    device_memory<std::byte> const memory(
        std::vector<std::byte>(cuda::workspace_bytes(size, 2), std::byte{0x55}));
    cuda::workspace const workspace{stream, memory.span()};
    device_memory<detent::magnitude> const result(1);
    cuda::reduce(stream, detent::magnitude{}, cuda::device_span<float>(on_device.data(), size),
                 workspace, result.span());
    CHECK(same_bits(result.read(), std::vector<detent::magnitude>{want}));
  }
}
