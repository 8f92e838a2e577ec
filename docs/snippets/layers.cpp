// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A whole network in one call: every tensor with its own grid and strength, chunks shared by all.

#include <cstdio>
#include <detent/detent.hpp>
#include <vector>

int main() {
  struct tensor {
    detent::bits bits;
    std::vector<float> w, g;
  };
  std::vector<tensor> network;
  for (int const bits : {4, 3, 2}) {
    std::size_t const size = 20000;
    tensor t{detent::bits{bits}, std::vector<float>(size), std::vector<float>(size)};
    for (std::size_t i = 0; i < size; ++i)
      t.w[i] = static_cast<float>(i) / 10000.0f - 1.0f;  // an even spread over [-1, 1)
    network.push_back(t);
  }

  // One entry a tensor: regularizer, weights, gradient, and the strength as a mean.
  std::vector<detent::regularized_layer<detent::sinusoidal<>, float, float>> layers;
  for (tensor& t : network) {
    detent::sinusoidal<> const reg{detent::wrpn_grid(t.bits)};
    layers.push_back({reg, t.w, t.g, 1.0 / static_cast<double>(t.w.size())});
  }

  std::vector<detent::result<>> results(layers.size());
  detent::accumulate(detent::seq, layers, results);

  for (std::size_t i = 0; i < results.size(); ++i)
    std::printf("%d bits: mean penalty %.5f\n", network[i].bits.count(), results[i].value);
}
