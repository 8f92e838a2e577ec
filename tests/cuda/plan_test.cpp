// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// plan and workspace: sizes, and what they and the verbs reject before anything is written.

#include "layers.hpp"
// Before the rest: without nvcc it stands in for CUDA.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <detent/cuda/accumulate.cuh>
#include <detent/grid/convention.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <limits>
#include <string>
#include <support/tensors.hpp>
#include <vector>

namespace cuda = detent::cuda;
using cuda_test::device_memory;
using cuda_test::stream;
using tensors::message_of;

namespace {

using sinusoidal = detent::sinusoidal<>;
using layer = cuda::regularized_layer<sinusoidal, float, float>;
sinusoidal const reg{detent::dorefa_grid(detent::bits{3})};

/// A layer that no kernel will see.
layer layer_of(std::size_t size) {
  // Addresses that nobody follows, different for each layer.
  static std::uintptr_t somewhere = 4096;
  auto* const memory = reinterpret_cast<float*>(somewhere);
  somewhere += (size + 1) * sizeof(float);
  return {reg, cuda::device_span<float const>(memory, size), cuda::device_span<float>(memory, size),
          1.0};
}

struct accumulated {
  cuda_test::tensor<float, float> t{5000, 0};
  device_memory<std::byte> memory{cuda::workspace_bytes(5000)};
  cuda::workspace workspace{stream, memory.span()};
  device_memory<detent::result<>> result{1};

  /// What the verb says, which must leave the gradient alone.
  std::string rejected(cuda::device_span<float const> w, cuda::device_span<float> g, double scale,
                       cuda::device_span<detent::result<>> to) {
    std::string const message =
        message_of([&] { cuda::accumulate(stream, reg, w, g, scale, workspace, to); });
    CHECK(t.agrees());
    return message;
  }
};

}  // namespace

TEST_CASE("cuda plan: its size is a function of the layers, and grows with their chunks") {
  std::vector<layer> const none;
  CHECK(cuda::plan_bytes(none) == 0);
  std::size_t const one = cuda::plan_bytes(std::vector{layer_of(1)});
  CHECK(cuda::plan_bytes(std::vector{layer_of(0)}) == one);  // someone must write the result
  CHECK(cuda::plan_bytes(std::vector{layer_of(16384)}) == one);
  CHECK(cuda::plan_bytes(std::vector{layer_of(16384 * 64)}) > one);
  CHECK(cuda::plan_bytes(std::vector{layer_of(16384 * 64), layer_of(1)}) > one);
  CHECK(cuda::plan_bytes(std::vector{layer_of(std::size_t{1} << 40)}) < std::size_t{1} << 31);
}

TEST_CASE("cuda plan: more chunks than a launch has blocks are rejected") {
  CHECK(message_of([] { cuda::plan_bytes(std::vector{layer_of(std::size_t{1} << 46)}); }) ==
        "detent: chunks of all layers: is 4294967296; allowed are 0 to 2147483647");
}

TEST_CASE("cuda plan: without layers launches nothing") {
  std::vector<layer> const none;
  device_memory<std::byte> const memory(0);
  cuda::plan const plan{stream, none, memory.span()};
  CHECK(plan.size() == 0);
  CHECK(plan.chunks() == 0);
  cuda::accumulate(stream, plan, cuda::device_span<detent::result<>>(nullptr, 0));
}

TEST_CASE("cuda plan: rejects memory that is null, misaligned or too small") {
  std::vector const layers{layer_of(5)};
  std::size_t const bytes = cuda::plan_bytes(layers);
  device_memory<std::byte> const memory(bytes + 1);
  auto const message = [&](std::byte* data, std::size_t size) {
    return message_of([&] {
      cuda::plan const p{stream, layers, cuda::device_span<std::byte>(data, size)};
    });
  };
  CHECK(message(nullptr, bytes) ==
        "detent: memory of a plan: has null data and size " + std::to_string(bytes));
  CHECK(message(memory.data() + 1, bytes) ==
        "detent: memory of a plan: is not aligned to 16 bytes");
  CHECK(message(memory.data(), bytes - 1) == "detent: memory of a plan: has " +
                                                 std::to_string(bytes - 1) + " bytes; " +
                                                 std::to_string(bytes) + " are needed");
  CHECK(message(memory.data(), bytes).empty());
}

TEST_CASE("cuda plan: rejects the layers that the verbs would") {
  auto const message = [](layer const& bad) {
    std::vector const layers{layer_of(5), bad};
    device_memory<std::byte> const memory(cuda::plan_bytes(layers));
    return message_of([&] { cuda::plan const p{stream, layers, memory.span()}; });
  };
  layer bad = layer_of(5);
  bad.g = layer_of(4).g;
  CHECK(message(bad) == "detent: g of layer 1: has 4 elements where its w has 5");
  bad = layer_of(5);
  bad.w = cuda::device_span<float const>(nullptr, 5);
  CHECK(message(bad) == "detent: w of layer 1: has null data and size 5");
  bad = layer_of(5);
  bad.g = cuda::device_span<float>(nullptr, 5);
  CHECK(message(bad) == "detent: g of layer 1: has null data and size 5");
  for (double const scale :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 1e300}) {
    bad = layer_of(5);
    bad.scale = scale;
    CHECK(message(bad) == "detent: scale of layer 1: is not finite; a finite number is needed");
  }
}

TEST_CASE("cuda plan: names the layers that share memory, and what overlaps within one") {
  auto const message = [](std::vector<layer> const& layers) {
    device_memory<std::byte> const memory(cuda::plan_bytes(layers));
    return message_of([&] { cuda::plan const p{stream, layers, memory.span()}; });
  };
  device_memory<float> const memory(100);
  float* const at = memory.data();
  auto const of = [&](std::size_t w, std::size_t g) {
    return layer{reg, cuda::device_span<float const>(at + w, 10),
                 cuda::device_span<float>(at + g, 10), 1.0};
  };
  std::string const rest =
      ", and one of them is written; layers share no memory that one of them "
      "writes";
  CHECK(message({of(0, 10), of(0, 20), of(0, 30)}).empty());
  CHECK(message({of(0, 10), of(20, 30), of(40, 15)}) ==
        "detent: g of layer 2: overlaps g of layer 0" + rest);
  CHECK(message({of(0, 10), of(19, 30)}) == "detent: w of layer 1: overlaps g of layer 0" + rest);
  CHECK(message({of(0, 0), of(0, 20)}) == "detent: w of layer 1: overlaps g of layer 0" + rest);
  CHECK(message({of(0, 0), of(10, 10)}).empty());
  CHECK(message({of(20, 30), of(0, 9)}) ==
        "detent: g of layer 1: overlaps w; they may be the same elements, or share none");
  CHECK(message_of([] {
          cuda::plan_bytes(std::span<layer const>(static_cast<layer*>(nullptr), 3));
        }) == "detent: layers: has null data and size 3");
}

TEST_CASE("cuda plan: the verbs reject another number of results, and null ones") {
  std::vector const layers{layer_of(5), layer_of(6)};
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  cuda::plan const plan{stream, layers, memory.span()};
  device_memory<detent::result<>> const results(3);
  CHECK(message_of([&] { cuda::accumulate(stream, plan, results.span()); }) ==
        "detent: results: has 3 elements where layers has 2");
  CHECK(message_of([&] { cuda::penalty(stream, plan, results.span()); }) ==
        "detent: results: has 3 elements where layers has 2");
  CHECK(message_of([&] {
          cuda::accumulate(stream, plan, cuda::device_span<detent::result<>>(nullptr, 2));
        }) == "detent: results: has null data and size 2");
}

TEST_CASE("cuda accumulate: rejects what the host's does, and leaves the gradient alone") {
  accumulated a;
  auto const w = a.t.w_on_device.span();
  auto const g = a.t.g_on_device.span();
  auto const to = a.result.span();
  CHECK(a.rejected(w, {g.data(), 4999}, 0.5, to) ==
        "detent: g: has 4999 elements where w has 5000");
  CHECK(a.rejected({nullptr, 5000}, g, 0.5, to) == "detent: w: has null data and size 5000");
  CHECK(a.rejected(w, {nullptr, 5000}, 0.5, to) == "detent: g: has null data and size 5000");
  CHECK(a.rejected(w, g, std::numeric_limits<double>::infinity(), to) ==
        "detent: scale: is not finite; a finite number is needed");
  CHECK(a.rejected(w, g, 0.5, {nullptr, 1}) == "detent: results: has null data and size 1");
  CHECK(a.rejected(w, g, 0.5, {a.result.data(), 0}) ==
        "detent: results: has 0 elements where layers has 1");
}

TEST_CASE("cuda workspace: too small a one is rejected") {
  cuda_test::tensor<float, float> const t(40000, 0);
  std::size_t const bytes = 16 + 3 * sizeof(double);  // three chunks, one sum
  device_memory<std::byte> const memory(bytes);
  device_memory<detent::result<>> const result(1);
  cuda::workspace const small{stream, cuda::device_span<std::byte>(memory.data(), bytes - 1)};
  CHECK(message_of([&] {
          cuda::penalty(stream, reg, t.w_on_device.span(), small, result.span());
        }).find("detent: workspace: has 39 bytes") == 0);
  CHECK(message_of([&] {
          cuda::workspace const none{stream, cuda::device_span<std::byte>(nullptr, 0)};
        }) == "detent: memory of a workspace: has 0 bytes; 16 are needed");
}

#if !defined(__CUDACC__)
TEST_CASE("cuda verbs: what CUDA refuses is a cuda_error that says what was tried") {
  auto& machine = cuda_emulator::the_machine();
  std::vector const layers{layer_of(0)};
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  auto const message = [&](auto call) -> std::string {
    machine.next_error = cudaErrorLaunchOutOfResources;
    try {
      call();
    } catch (detent::cuda_error const& error) {
      CHECK(error.code() == cudaErrorLaunchOutOfResources);
      return error.what();
    }
    machine.next_error = cudaSuccess;
    return "no error";
  };
  CHECK(message([&] {
          cuda::plan const p{stream, layers, memory.span()};
        }) == "detent: copy of a plan: an emulated error");
  CHECK(message([&] {
          cuda::workspace const w{stream, memory.span()};
        }) == "detent: clearing of a workspace: an emulated error");
  cuda::plan const plan{stream, layers, memory.span()};
  device_memory<detent::result<>> const results(1);
  CHECK(message([&] { cuda::accumulate(stream, plan, results.span()); }) ==
        "detent: launch of a pass: an emulated error");
}

TEST_CASE("cuda verbs: launch once for all tensors, on the stream they are given") {
  auto const given = reinterpret_cast<cudaStream_t>(std::uintptr_t{0x1234});
  std::vector const layers{layer_of(0), layer_of(0), layer_of(0)};
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  cuda::plan const plan{given, layers, memory.span()};
  device_memory<detent::result<>> const results(3);
  auto& machine = cuda_emulator::the_machine();
  std::size_t const before = machine.launches;
  cuda::accumulate(given, plan, results.span());
  CHECK(machine.launches == before + 1);
  CHECK(machine.last_stream == given);
  struct {
    cudaStream_t get() const { return stream; }
  } const by_reference;
  cuda::accumulate(by_reference, plan, results.span());
  CHECK(machine.last_stream == stream);
}
#endif
