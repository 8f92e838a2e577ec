// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The device against the host in one short program, which is compiled with one bug after another in
// the kernels (tests/mutation/mutate.py). Exit status 0 if all bits agree.

#include "layers.hpp"
// Before the rest: it stands in for CUDA.
#include <cstddef>
#include <cstdio>
#include <detent/algorithm/accumulate.hpp>
#include <detent/cuda/accumulate.cuh>
#include <detent/math/storage.hpp>
#include <vector>

namespace cuda = detent::cuda;
using cuda_test::device_memory;
using cuda_test::stream;

namespace {

struct parabola {
  static constexpr int parameters = 1;
  template <class T>
  DETENT_HD detent::term<T, 1> operator()(T w) const noexcept {
    return {w * w, T(2) * w, {w}};
  }
};

/// The number of tensors whose results or gradients differ in one of two passes.
template <class W, class G>
int differences(std::vector<std::size_t> const& sizes) {
  auto const all = cuda_test::tensors_of<W, G>(sizes);
  std::vector<cuda::regularized_layer<parabola, W, G>> layers;
  for (auto const& t : all)
    layers.push_back({{}, t->w_on_device.span(), t->g_on_device.span(), 0.5});
  // A byte more than needed would be read as part of a NaN.
  device_memory<std::byte> const memory(
      std::vector<std::byte>(cuda::plan_bytes(layers) + 64, std::byte{0xff}));
  cuda::plan const plan{stream, layers, memory.span()};
  device_memory<detent::result<1>> const results(sizes.size());
  int wrong = 0;
  for (int pass = 0; pass < 2; ++pass) {
    cuda::accumulate(stream, plan, results.span(),
                     pass == 0 ? cuda::into::overwrite : cuda::into::add);
    auto const got = results.read();
    for (std::size_t t = 0; t < all.size(); ++t) {
      auto const want = detent::accumulate(parabola{}, all[t]->w, all[t]->g, 0.5);
      double const factor = pass + 1;  // w has not changed
      wrong += got[t].value != factor * want.value || got[t].theta[0] != factor * want.theta[0] ||
               !all[t]->agrees();
    }
  }
  return wrong;
}

}  // namespace

int main() {
  int const wrong = differences<float, float>({20000, 0, 33000, 777, 3, 16384}) +
                    differences<detent::bfloat16, detent::bfloat16>({33000, 5}) +
                    differences<double, double>({5000, 20000}) +
                    differences<double, float>({130 * 8192});
  std::printf("%d tensors differ\n", wrong);
  return wrong != 0;
}
