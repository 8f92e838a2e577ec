// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// accumulate and penalty on a stream against the host, bit for bit: functors, types, sizes, plans.

#include "layers.hpp"
// Before the rest: without nvcc it stands in for CUDA.
#include <doctest/doctest.h>

#include <cstddef>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/cuda/accumulate.cuh>
#include <detent/grid/convention.hpp>
#include <detent/grid/domain.hpp>
#include <detent/grid/period.hpp>
#include <detent/regularizer/bin.hpp>
#include <detent/regularizer/differentiate.hpp>
#include <detent/regularizer/kurtosis.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <detent/regularizer/through.hpp>
#include <detent/regularizer/waveq.hpp>
#include <detent/statistic/bins.hpp>
#include <limits>
#include <span>
#include <vector>

namespace cuda = detent::cuda;
using cuda_test::device_memory;
using cuda_test::stream;
using detent::bfloat16;
using detent::bits;
using detent::half;

namespace {

detent::sinusoidal<> const reg{detent::dorefa_grid(bits{3}).scaled(1.2)};

/// A penalty of a user, differentiated by the library.
struct double_well {
  template <class T>
  DETENT_HD T operator()(T w) const noexcept {
    return w * w * (w - 1) * (w + 2);
  }
};

/// The weight, so that little is computed of many.
struct itself {
  static constexpr int parameters = 0;
  template <class T>
  DETENT_HD detent::term<T> operator()(T w) const noexcept {
    return {w, T(1)};
  }
};

/// Two learnable parameters, and little to compute.
struct parabola {
  static constexpr int parameters = 2;
  double a, b;
  template <class T>
  DETENT_HD detent::term<T, 2> operator()(T w) const noexcept {
    T const slant = static_cast<T>(a), distance = w - static_cast<T>(b);
    T const square = distance * distance;
    return {slant * square, T(2) * slant * distance, {square, T(-2) * slant * distance}};
  }
};

parabola const well{0.3, 0.1};

template <int P>
bool same_result(detent::result<P> const& a, detent::result<P> const& b) {
  return tensors::same_bits(a.value, b.value) && tensors::same_bits(a.theta, b.theta);
}

/// One launch over all tensors against one host call each, twice: the plan is to be used again.
template <class W, class G, class R>
void check_plan(R const& functor, std::vector<std::size_t> const& sizes) {
  constexpr int parameters = R::parameters;
  auto const all = cuda_test::tensors_of<W, G>(sizes);
  std::vector<cuda::regularized_layer<R, W, G>> layers;
  for (auto const& t : all) {
    layers.push_back({functor, t->w_on_device.span(), t->g_on_device.span(),
                      cuda_test::strength_of(layers.size())});
  }
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  cuda::plan const plan{stream, layers, memory.span()};
  device_memory<detent::result<parameters>> const results(sizes.size());
  for (int pass = 0; pass < 2; ++pass) {
    cuda::accumulate(stream, plan, results.span());
    auto const got = results.read();
    for (std::size_t t = 0; t < all.size(); ++t) {
      CAPTURE(t);
      auto const want =
          detent::accumulate(functor, all[t]->w, all[t]->g, cuda_test::strength_of(t));
      CHECK(same_result(got[t], want));
      CHECK(all[t]->agrees());
    }
  }
  cuda::penalty(stream, plan, results.span());
  auto const got = results.read();
  for (std::size_t t = 0; t < all.size(); ++t) {
    auto want = detent::penalty(functor, all[t]->w);
    want.value *= cuda_test::strength_of(t);
    for (double& theta : want.theta)
      theta *= cuda_test::strength_of(t);
    CHECK(same_result(got[t], want));
    CHECK(all[t]->agrees());
  }
}

/// The verbs on one tensor.
template <class W, class G, class R>
void check_one(R const& functor, std::size_t size, std::size_t number) {
  cuda_test::tensor<W, G> t(size, number);
  device_memory<std::byte> const memory(cuda::workspace_bytes(size, R::parameters));
  cuda::workspace const workspace{stream, memory.span()};
  device_memory<detent::result<R::parameters>> const result(1);
  cuda::accumulate(stream, functor, t.w_on_device.span(), t.g_on_device.span(), 0.7, workspace,
                   result.span());
  CHECK(same_result(result.read()[0], detent::accumulate(functor, t.w, t.g, 0.7)));
  CHECK(t.agrees());
  cuda::penalty(stream, functor, t.w_on_device.span(), workspace, result.span());
  CHECK(same_result(result.read()[0], detent::penalty(functor, t.w)));
  CHECK(t.agrees());
}

}  // namespace

TEST_CASE("cuda accumulate: the bits of the host for every type and mixture") {
  auto const sizes = cuda_test::layer_sizes();
  std::vector<std::size_t> const few{20000, 0, 777, 16385};
  check_plan<float, float>(well, sizes);
  check_plan<double, double>(well, sizes);
  check_plan<bfloat16, bfloat16>(well, sizes);
  check_plan<bfloat16, float>(well, few);
#if !defined(__SANITIZE_ADDRESS__)
  check_plan<half, half>(well, sizes);
#endif
#if !defined(__CUDACC__)  // which takes long
  check_plan<double, half>(well, few);
#endif
#if !defined(__CUDACC__) && !defined(__SANITIZE_ADDRESS__)
  check_plan<half, double>(well, few);
  check_plan<float, bfloat16>(well, few);
#endif
}

// The address sanitizer makes compiling slow, and what it looks for does not depend on arithmetic.
#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("cuda accumulate: the bits of the host for every regularizer") {
  std::vector<std::size_t> const sizes{20000, 0, 777};
  check_plan<float, float>(reg, sizes);
  check_plan<double, double>(reg, sizes);
#if !defined(__CUDACC__)
  check_plan<float, float>(detent::sinusoidal<detent::extent::periodic>{detent::wrpn_grid(bits{4})},
                           sizes);
  check_plan<float, float>(detent::waveq<>{detent::period<>{3.3, 1.1}}, sizes);
#endif
  check_plan<float, float>(
      detent::waveq<detent::bit_convention::dorefa, 2, detent::extent::periodic,
                    detent::learns::bit_width_and_range>{
          detent::period<detent::bit_convention::dorefa>{2.5}},
      sizes);
  check_plan<float, float>(detent::through(detent::tanh_domain{}, reg), sizes);
  check_plan<float, float>(detent::differentiate(double_well{}), sizes);
}
#endif

#if !defined(__CUDACC__) && !defined(__SANITIZE_ADDRESS__)  // nvcc wants lambdas annotated
TEST_CASE("cuda accumulate: the bits of the host for a lambda") {
  auto const lambda = detent::differentiate([](auto w) { return sinpi_squared(4 * w) + w * w; });
  check_plan<float, float>(lambda, {20000, 0, 777});
}
#endif

TEST_CASE("cuda accumulate: one tensor, without a plan") {
  for (std::size_t const number : {0u, 2u}) {
    for (std::size_t const size : {0u, 1u, 5u, 1024u, 16384u, 16385u, 40000u})
      check_one<float, float>(well, size, number);
  }
}

TEST_CASE("cuda accumulate: more chunks than groups") {
  cuda_test::tensor<double, double> const t(257 * 8192 + 1, 0);
  device_memory<std::byte> const memory(cuda::workspace_bytes(t.w.size()));
  cuda::workspace const workspace{stream, memory.span()};
  device_memory<detent::result<>> const result(1);
  cuda::penalty(stream, itself{}, t.w_on_device.span(), workspace, result.span());
  CHECK(same_result(result.read()[0], detent::penalty(itself{}, t.w)));
}

TEST_CASE("cuda accumulate: in any order of blocks and threads") {
  for (int shuffle = 0; shuffle < 4; ++shuffle)
    check_plan<float, float>(well, {50001, 2000});
}

TEST_CASE("cuda accumulate: adds to results that are there") {
  cuda_test::tensor<float, float> t(20000, 0);
  device_memory<std::byte> const memory(cuda::workspace_bytes(20000, 2));
  cuda::workspace const workspace{stream, memory.span()};
  device_memory<detent::result<2>> const result(std::vector<detent::result<2>>{{1.5, {2.5, -3.5}}});
  parabola const functor{0.3, 0.1};
  cuda::penalty(stream, functor, t.w_on_device.span(), workspace, result.span(), cuda::into::add);
  auto const alone = detent::penalty(functor, t.w);
  CHECK(same_result(result.read()[0],
                    {1.5 + alone.value, {2.5 + alone.theta[0], alone.theta[1] - 3.5}}));
}

TEST_CASE("cuda accumulate: strength and functor are read from memory when a kernel runs") {
  cuda_test::tensor<float, float> t(20000, 0);
  device_memory<parabola> functor(std::vector<parabola>{{0.3, 0.1}});
  device_memory<double> scale(std::vector<double>{0.4});
  std::vector const layers{cuda::regularized_layer{cuda::in_memory<parabola>{functor.data()},
                                                   t.w_on_device.span(), t.g_on_device.span(),
                                                   static_cast<double const*>(scale.data())}};
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  cuda::plan const plan{stream, layers, memory.span()};
  device_memory<detent::result<2>> const results(1);
  cuda::accumulate(stream, plan, results.span());
  CHECK(same_result(results.read()[0], detent::accumulate(parabola{0.3, 0.1}, t.w, t.g, 0.4)));
  CHECK(t.agrees());
  functor.write({{-1.7, 0.6}});
  scale.write({2.5});
  cuda::accumulate(stream, plan, results.span());
  CHECK(same_result(results.read()[0], detent::accumulate(parabola{-1.7, 0.6}, t.w, t.g, 2.5)));
  CHECK(t.agrees());
}

TEST_CASE("cuda accumulate: a regularizer with a table looks it up in device memory") {
  cuda_test::tensor<float, float> t(20000, 0);
  detent::bin<> const drawn{
      detent::reduce(detent::bins<>{detent::dorefa_grid(bits{5}).scaled(1.2)}, t.w)};
  device_memory<detent::bin<>> const functor(std::vector<detent::bin<>>{drawn});
  device_memory<std::byte> const memory(cuda::workspace_bytes(20000));
  cuda::workspace const workspace{stream, memory.span()};
  device_memory<detent::result<>> const result(std::vector<detent::result<>>(1));
  cuda::accumulate(stream, cuda::in_memory<detent::bin<>>{functor.data()}, t.w_on_device.span(),
                   t.g_on_device.span(), 0.7, workspace, result.span());
  CHECK(same_result(result.read()[0], detent::accumulate(drawn, t.w, t.g, 0.7)));
  CHECK(t.agrees());
}

TEST_CASE("cuda accumulate: a NaN weight makes a NaN penalty and a NaN in its own gradient") {
  cuda_test::tensor<float, float> t(5000, 0);
  auto w = t.w;
  w[4321] = std::numeric_limits<float>::quiet_NaN();
  t.w_on_device.write(w);
  device_memory<std::byte> const memory(cuda::workspace_bytes(5000));
  cuda::workspace const workspace{stream, memory.span()};
  device_memory<detent::result<>> const result(1);
  cuda::accumulate(stream, reg, t.w_on_device.span(), t.g_on_device.span(), 0.7, workspace,
                   result.span());
  double const value = result.read()[0].value;
  CHECK(value != value);
  auto const got = t.g_on_device.read();
  detent::accumulate(reg, t.w, t.g, 0.7);
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (i == 4321) {
      CHECK(got[i] != got[i]);
    } else {
      CHECK(got[i] == t.g[i]);
    }
  }
}
