// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Streams: what is captured and replayed, two at the same time, and what CUDA refuses.

#include "layers.hpp"
// Before the rest: without nvcc it stands in for CUDA.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/cuda/accumulate.cuh>
#include <detent/cuda/backward.cuh>
#include <detent/cuda/quantize.cuh>
#include <detent/cuda/reduce.cuh>
#include <detent/cuda/snap.cuh>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/lsq.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <detent/statistic/magnitude.hpp>
#include <memory>
#include <string>
#include <support/cuda_stream.hpp>
#include <vector>

namespace cuda = detent::cuda;
using cuda_test::device_memory;
using cuda_test::stream;
using detent::bits;
using detent_test::graph;
using detent_test::own_stream;
using tensors::same_bits;

namespace {

using regularizer = detent::sinusoidal<>;
using quantizer = detent::wrpn_weights;

regularizer regularizer_of(int round) {
  return regularizer{detent::dorefa_grid(bits{2 + round % 3}).scaled(1.0 + 0.1 * round)};
}
quantizer quantizer_of(int round) {
  return quantizer{bits{2 + round % 3}, 0.9 + 0.1 * round};
}
double strength_of(int round) {
  return 0.4 - 0.15 * round;
}

/// What a training step does with its tensors: penalties and gradients, added to those before, and
/// quantized weights. Functors and strength lie in device memory. The host does the same.
class training_step {
 public:
  training_step(cudaStream_t s, std::vector<std::size_t> const& sizes)
      : all_(cuda_test::tensors_of<float, float>(sizes)),
        levels_(cuda_test::tensors_of<float, float>(sizes)),
        sums_(sizes.size()),
        penalty_memory_(cuda::plan_bytes(regularized())),
        quantize_memory_(cuda::plan_bytes(quantized())),
        penalties_(s, regularized(), penalty_memory_.span()),
        quantization_(s, quantized(), quantize_memory_.span()),
        results_(sizes.size()) {}

  void set(int round) {
    functor_.write({regularizer_of(round)});
    rounding_.write({quantizer_of(round)});
    strength_.write({strength_of(round)});
  }

  void enqueue(cudaStream_t s) const {
    cuda::accumulate(s, penalties_, results_.span(), cuda::into::add);
    cuda::quantize(s, quantization_);
  }

  void run_on_host(int round) {
    for (std::size_t t = 0; t < all_.size(); ++t) {
      auto& [w, g, w_on_device, g_on_device] = *all_[t];
      sums_[t] += detent::accumulate(regularizer_of(round), w, g, strength_of(round)).value;
      detent::quantize(quantizer_of(round), w, levels_[t]->g);
    }
  }

  bool agrees() const {
    auto const results = results_.read();
    for (std::size_t t = 0; t < all_.size(); ++t) {
      if (!same_bits(results[t].value, sums_[t])) return false;
      if (!all_[t]->agrees() || !levels_[t]->agrees()) return false;
    }
    return true;
  }

 private:
  using regularized_layer = cuda::regularized_layer<cuda::in_memory<regularizer>, float, float>;
  using quantized_layer = cuda::quantized_layer<cuda::in_memory<quantizer>, float, float>;

  std::vector<regularized_layer> regularized() const {
    std::vector<regularized_layer> layers;
    for (auto const& t : all_) {
      double const* const strength = strength_.data();
      layers.push_back({{functor_.data()}, t->w_on_device.span(), t->g_on_device.span(), strength});
    }
    return layers;
  }
  std::vector<quantized_layer> quantized() const {
    std::vector<quantized_layer> layers;
    for (std::size_t t = 0; t < all_.size(); ++t) {
      layers.push_back(
          {{rounding_.data()}, all_[t]->w_on_device.span(), levels_[t]->g_on_device.span()});
    }
    return layers;
  }

  std::vector<std::unique_ptr<cuda_test::tensor<float, float>>> all_;
  std::vector<std::unique_ptr<cuda_test::tensor<float, float>>> levels_;  ///< in their gradients
  std::vector<double> sums_;
  device_memory<regularizer> functor_{std::vector{regularizer_of(0)}};
  device_memory<quantizer> rounding_{std::vector{quantizer_of(0)}};
  device_memory<double> strength_{1};
  device_memory<std::byte> penalty_memory_, quantize_memory_;
  cuda::plan<regularized_layer> penalties_;
  cuda::plan<quantized_layer> quantization_;
  device_memory<detent::result<>> results_;
};

#if !defined(__SANITIZE_ADDRESS__)
/// Whether `call` throws a cuda_error that names what was tried, and CUDA's reason, while the
/// default stream may not be used: another one is captured that waits for it.
template <class F>
bool is_refused(std::string const& tried, F call) {
  own_stream const captured(cudaStreamDefault);
  REQUIRE(cudaStreamBeginCapture(captured.get(), cudaStreamCaptureModeGlobal) == cudaSuccess);
  bool refused = false;
  try {
    call();
  } catch (detent::cuda_error const& error) {
    refused = error.code() != cudaSuccess &&
              error.what() == "detent: " + tried + ": " + cudaGetErrorString(error.code());
  }
  cudaGraph_t graph = nullptr;
  CHECK(cudaStreamEndCapture(captured.get(), &graph) != cudaSuccess);
  static_cast<void>(cudaGetLastError());  // which no later call is to find
  return refused;
}
#endif

template <class T>
__global__ void nothing(T) {}

}  // namespace

TEST_CASE("cuda stream: two verbs captured once and replayed have the host's bits each time") {
  own_stream const own;
  training_step step(own.get(), {50003, 0, 777, 16384, 1});
  graph const captured(own, [&] { step.enqueue(own.get()); });
  CHECK(step.agrees());  // nothing has run
  for (int round = 0; round < 5; ++round) {
    CAPTURE(round);
    step.set(round);
    captured.launch(own);
    step.run_on_host(round);
    CHECK(step.agrees());
  }
}

TEST_CASE("cuda stream: two streams with a plan each do not disturb each other") {
  own_stream const one, other;
  training_step first(one.get(), {200003, 5, 40000}), second(other.get(), {1, 180001, 20000});
  first.set(1);
  second.set(2);
  for (int pass = 0; pass < 3; ++pass) {
    first.enqueue(one.get());
    second.enqueue(other.get());
  }
  for (int pass = 0; pass < 3; ++pass) {
    first.run_on_host(1);
    second.run_on_host(2);
  }
  CHECK(first.agrees());
  CHECK(second.agrees());
}

// The address sanitizer makes compiling slow, and here no kernel runs for it to look at.
#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("cuda stream: every verb says what CUDA has refused, and has done nothing") {
  cuda_test::tensor<float, float> t(5000, 0);
  auto const w = t.w_on_device.span();
  auto const g = t.g_on_device.span();
  device_memory<std::byte> const memory(cuda::workspace_bytes(5000, 2));
  device_memory<detent::result<>> const loss(1);
  device_memory<detent::result<1>> const slope(1);
  device_memory<detent::magnitude> const largest(1);
  cuda::workspace const workspace{stream, memory.span()};
  auto const reg = regularizer_of(0);
  std::vector const layers{cuda::regularized_layer{reg, w, g, 1.0}};
  device_memory<std::byte> const plan_memory(cuda::plan_bytes(layers));
  cuda::plan const plan{stream, layers, plan_memory.span()};

  CHECK(is_refused("copy of a plan", [&] {
    cuda::plan const p{stream, layers, plan_memory.span()};
  }));
  CHECK(is_refused("clearing of a workspace", [&] {
    cuda::workspace const cleared{stream, memory.span()};
  }));
  auto const is_not_launched = [](auto call) { return is_refused("launch of a pass", call); };
  CHECK(is_not_launched([&] { cuda::accumulate(stream, plan, loss.span()); }));
  CHECK(is_not_launched([&] { cuda::accumulate(stream, reg, w, g, 1.0, workspace, loss.span()); }));
  CHECK(is_not_launched([&] { cuda::penalty(stream, reg, w, workspace, loss.span()); }));
  CHECK(is_not_launched([&] { cuda::quantize(stream, quantizer_of(0), w, g); }));
  auto const lsq = detent::lsq::weights(bits{3}, detent::step_size{0.2});
  CHECK(is_not_launched([&] { cuda::backward(stream, lsq, w, w, g, workspace, slope.span()); }));
  CHECK(is_not_launched([&] { cuda::backward(stream, quantizer_of(0), w, w, g); }));
  CHECK(is_not_launched([&] { cuda::snap(stream, detent::wrpn_grid(bits{3}), w); }));
  CHECK(is_not_launched(
      [&] { cuda::reduce(stream, detent::magnitude{}, w, workspace, largest.span()); }));
  CHECK(t.agrees());

  cuda::accumulate(stream, plan, loss.span());  // as if nothing had happened
  CHECK(same_bits(loss.read()[0].value, detent::accumulate(reg, t.w, t.g, 1.0).value));
  CHECK(t.agrees());
}

#endif

TEST_CASE("cuda stream: a launch that no device can do is a cuda_error with CUDA's reason") {
  try {
    cuda::detail::launch_kernel(stream, 1, 4096, nothing<int>, 0);
    FAIL("4096 threads to a block");
  } catch (detent::cuda_error const& error) {
    CHECK(error.code() == cudaErrorInvalidConfiguration);
    CHECK(std::string(error.what()) == std::string("detent: launch of a pass: ") +
                                           cudaGetErrorString(cudaErrorInvalidConfiguration));
  }
  static_cast<void>(cudaGetLastError());
}
