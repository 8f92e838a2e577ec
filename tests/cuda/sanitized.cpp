// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Every verb once, in memory that nobody has written where nobody must: what compute-sanitizer
// looks at (sanitize.sh). Exit status 0 if device and host have the same bits.

#include "layers.hpp"
// Before the rest: without nvcc it stands in for CUDA.
#include <cstddef>
#include <cstdint>
#include <cstdio>
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
#include <detent/quantizer/lsq.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/statistic/magnitude.hpp>
#include <vector>
#if defined(__CUDACC__)
#include <support/require_gpu.hpp>
#endif

namespace cuda = detent::cuda;
using cuda_test::device_memory;
using cuda_test::stream;
using detent::bits;
using tensors::same_bits;

namespace {

detent_test::uninitialized const raw;
std::vector<std::size_t> const sizes{33000, 0, 777, 16384};  // the third is misaligned
detent::wrpn_weights const wrpn{bits{3}, 0.9};

struct parabola {
  static constexpr int parameters = 1;
  template <class T>
  DETENT_HD detent::term<T, 1> operator()(T w) const noexcept {
    return {w * w, T(2) * w, {w}};
  }
};

/// Memory for one tensor to meet in.
struct meeting {
  explicit meeting(std::size_t size) : memory(raw, cuda::workspace_bytes(size, 2)) {}
  device_memory<std::byte> memory;
  cuda::workspace workspace{stream, memory.span()};
};

template <class W, class G>
int wrong_sums() {
  auto const all = cuda_test::tensors_of<W, G>(sizes);
  std::vector<cuda::regularized_layer<parabola, W, G>> layers;
  for (auto const& t : all)
    layers.push_back({{}, t->w_on_device.span(), t->g_on_device.span(), 0.5});
  device_memory<std::byte> const memory(raw, cuda::plan_bytes(layers));
  cuda::plan const plan{stream, layers, memory.span()};
  device_memory<detent::result<1>> const results(raw, sizes.size());
  int wrong = 0;
  for (int pass = 0; pass < 2; ++pass) {
    cuda::accumulate(stream, plan, results.span());
    auto const got = results.read();
    for (std::size_t t = 0; t < all.size(); ++t) {
      auto const want = detent::accumulate(parabola{}, all[t]->w, all[t]->g, 0.5);
      wrong += !same_bits(got[t].value, want.value) || !same_bits(got[t].theta, want.theta) ||
               !all[t]->agrees();
    }
  }
  for (auto const& t : all) {
    meeting const meeting(t->w.size());
    device_memory<detent::result<1>> const result(raw, 1);
    cuda::penalty(stream, parabola{}, t->w_on_device.span(), meeting.workspace, result.span());
    wrong += !same_bits(result.read()[0].value, detent::penalty(parabola{}, t->w).value);
  }
  return wrong;
}

int wrong_levels() {
  int wrong = 0;
  for (auto const& t : cuda_test::tensors_of<detent::half, float>(sizes)) {
    device_memory<float> const levels(raw, t->w.size());
    cuda::quantize(stream, wrpn, t->w_on_device.span(), levels.span());
    detent::quantize(wrpn, t->w, t->g);
    wrong += !same_bits(levels.read(), t->g);
    device_memory<std::int8_t> const codes(raw, t->w.size());
    cuda::snap(stream, wrpn.grid(), t->w_on_device.span(), codes.span());
    std::vector<std::int8_t> codes_on_host(t->w.size());
    detent::snap(wrpn.grid(), t->w, codes_on_host);
    wrong += !same_bits(codes.read(), codes_on_host) || !same_bits(t->w_on_device.read(), t->w);
  }
  return wrong;
}

int wrong_gradients() {
  auto const lsq = detent::lsq::weights(bits{3}, detent::step_size{0.2});
  int wrong = 0;
  for (auto const& t : cuda_test::tensors_of<float, float>(sizes)) {
    meeting const meeting(t->w.size());
    device_memory<detent::result<1>> const result(raw, 1);
    auto const w = t->w_on_device.span();
    cuda::backward(stream, lsq, w, w, t->g_on_device.span(), meeting.workspace, result.span());
    auto const want = detent::backward(lsq, t->w, t->w, t->g);
    wrong += !same_bits(result.read()[0].theta, want.theta) || !t->agrees();
    device_memory<detent::magnitude> const largest(raw, 1);
    cuda::reduce(stream, detent::magnitude{}, w, meeting.workspace, largest.span());
    std::vector const largest_on_host{detent::reduce(detent::magnitude{}, t->w)};
    wrong += !same_bits(largest.read(), largest_on_host);
  }
  return wrong;
}

}  // namespace

int main() {
#if defined(__CUDACC__)
  if (int const status = detent_test::status_without_device(); status != 0) return status;
#endif
  int const wrong = wrong_sums<float, float>() + wrong_sums<detent::bfloat16, float>() +
                    wrong_levels() + wrong_gradients();
  std::printf("%d results differ\n", wrong);
  return wrong != 0;
}
