// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The host's accumulate for every pair of types that is measured on a GPU.

#include <bench/cuda/host.hpp>
#include <bench/support/functors.hpp>
#include <cstring>
#include <detent/algorithm/accumulate.hpp>
#include <detent/math/storage.hpp>
#include <stdexcept>
#include <vector>

namespace bench {

namespace {

template <class W, class G>
double accumulated(void const* w, void* g, std::size_t size, double scale) {
  std::vector<W> weights(size);
  std::vector<G> gradient(size);
  std::memcpy(weights.data(), w, size * sizeof(W));
  std::memcpy(gradient.data(), g, size * sizeof(G));
  double const value = detent::accumulate(bounded(), weights, gradient, scale).value;
  std::memcpy(g, gradient.data(), size * sizeof(G));
  return value;
}

}  // namespace

double accumulate_on_host(number of_w, number of_g, void const* w, void* g, std::size_t size,
                          double scale) {
  using detent::bfloat16;
  using detent::half;
  if (of_w == number::bfloat16 && of_g == number::float32) {
    return accumulated<bfloat16, float>(w, g, size, scale);
  }
  if (of_w != of_g) throw std::invalid_argument("bench: no such pair of types");
  switch (of_w) {
    case number::float32:
      return accumulated<float, float>(w, g, size, scale);
    case number::float64:
      return accumulated<double, double>(w, g, size, scale);
    case number::half:
      return accumulated<half, half>(w, g, size, scale);
    case number::bfloat16:
      return accumulated<bfloat16, bfloat16>(w, g, size, scale);
  }
  throw std::invalid_argument("bench: no such type");
}

}  // namespace bench
