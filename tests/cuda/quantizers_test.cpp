// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Every quantizer on a stream against the host, bit for bit, draws included.

#include "layers.hpp"
// Before the rest: without nvcc it stands in for CUDA.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/cuda/backward.cuh>
#include <detent/cuda/quantize.cuh>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/dorefa_activations.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/quantizer/drop_bits.hpp>
#include <detent/quantizer/lsq.hpp>
#include <detent/quantizer/pact.hpp>
#include <detent/quantizer/relaxed.hpp>
#include <detent/quantizer/semi_relaxed.hpp>
#include <limits>
#include <vector>

namespace cuda = detent::cuda;
using cuda_test::device_memory;
using cuda_test::stream;
using detent::bfloat16;
using detent::bits;
using detent::step_size;
using tensors::same_bits;

namespace {

detent::uniform<double> const grid = detent::twos_complement_grid(bits{3}, step_size{0.35});
detent::philox_draws const draws{7, 3, 2};
double const noise = 0.35 / 3;

template <class Q, class W, class U, class G>
std::array<double, Q::parameters> backward_on_device(Q const& q, W const& w, U const& upstream,
                                                     G const& g) {
  if constexpr (Q::parameters == 0) {
    cuda::backward(stream, q, w, upstream, g);
    return {};
  } else {
    device_memory<std::byte> const memory(cuda::workspace_bytes(w.size(), Q::parameters));
    cuda::workspace const workspace{stream, memory.span()};
    device_memory<detent::result<Q::parameters>> const result(1);
    cuda::backward(stream, q, w, upstream, g, workspace, result.span());
    return result.read()[0].theta;
  }
}

/// None, a few, a row and a few, several chunks; the third is misaligned.
template <class W, class Q>
void check(Q const& q) {
  for (auto const& t : cuda_test::tensors_of<W, W>({0, 5, 1030, 17003})) {
    cuda::quantize(stream, q, t->w_on_device.span(), t->g_on_device.span());
    detent::quantize(q, t->w, t->g);
    CHECK(t->agrees());
    auto const upstream = tensors::random<W>(t->w.size(), 5);
    device_memory<W> const above(upstream);
    [[maybe_unused]] auto const got =
        backward_on_device(q, t->w_on_device.span(), above.span(), t->g_on_device.span());
    auto const want = detent::backward(q, t->w, upstream, t->g);
    if constexpr (Q::parameters > 0) CHECK(same_bits(got, want.theta));
    CHECK(t->agrees());
  }
}

template <class Q>
void check_nan(Q const& q) {
  float const nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> const w{0.1f, nan, 0.5f}, upstream{1, 1, 1};
  device_memory<float> const weights(w), above(upstream), out(3);
  cuda::quantize(stream, q, weights.span(), out.span());
  CHECK(std::isnan(out.read()[1]));
  CHECK_FALSE(std::isnan(out.read()[2]));
  std::vector<float> g(3);
  auto const want = detent::backward(q, w, upstream, g);
  device_memory<float> const gradient(3);
  auto const got = backward_on_device(q, weights.span(), above.span(), gradient.span());
  CHECK(std::isnan(gradient.read()[1]) == std::isnan(g[1]));
  for (std::size_t p = 0; p < Q::parameters; ++p)
    CHECK(std::isnan(got[p]) == std::isnan(want.theta[p]));
}

}  // namespace

TEST_CASE("cuda quantizers: relaxed draws what it draws on the host") {
  using detent::relaxed;
  check<float>(relaxed<>{grid, noise, draws, {1.0, 0}});
  check<float>(relaxed<>{grid, noise, draws, {0.7, 3}});
#if !defined(__SANITIZE_ADDRESS__)  // takes as long to compile as the rest of the room
  check<float>(relaxed<detent::relaxed_output::straight_through>{grid, noise, draws});
  check<bfloat16>(relaxed<>{grid, noise, draws});
  check<double>(relaxed<>{grid, noise, draws});
#endif
}

#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("cuda quantizers: semi_relaxed, of the chosen class and of all") {
  check<float>(detent::semi_relaxed<>{grid, noise});
  check<float>(detent::semi_relaxed<detent::relaxed_classes::all>{grid, noise});
}
#endif

TEST_CASE("cuda quantizers: drop_bits, with open, half open and shut gates") {
  using detent::drop_bits;
  using detent::mask_sharing;
  for (double const mask : {1.0, 0.3, 0.0})
    check<float>(drop_bits<2>{bits{4}, step_size{0.2}, 0.01, {mask, 0.7}});
#if !defined(__SANITIZE_ADDRESS__)
  check<float>(drop_bits<2, mask_sharing::bitwise, detent::relaxed_classes::all>{
      bits{4}, step_size{0.2}, 0.07, {0.4, 0.7}});
  check<float>(drop_bits<2, mask_sharing::endpoints>{bits{3}, step_size{0.3}, 0.1, {0.4, 0.7}});
#endif
}

TEST_CASE("cuda quantizers: those that round") {
  check<float>(detent::pact{bits{3}, 0.8});
#if !defined(__SANITIZE_ADDRESS__)
  check<float>(detent::dorefa_activations{bits{2}, 0.9});
  detent::magnitude m;
  for (double const w : {0.5, -1.25})
    m.observe(w);
  check<float>(detent::dorefa_weights{bits{1}, m});
  check<float>(detent::dorefa_weights{bits{3}, m});
#endif
}

TEST_CASE("cuda quantizers: NaN stays NaN, and gives the derivatives of the host") {
  check_nan(detent::relaxed<>{grid, noise, draws});
#if !defined(__SANITIZE_ADDRESS__)
  check_nan(detent::relaxed<detent::relaxed_output::straight_through>{grid, noise, draws});
  check_nan(detent::semi_relaxed<>{grid, noise});
  check_nan(detent::drop_bits<2>{bits{4}, step_size{0.2}, 0.05, {1.0, 0.5}});
  check_nan(detent::lsq{grid});
#endif
}
