// expect: results must be a container of result
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Results of layers hold as many parameters as their regularizer has.

#include <detent/detent.hpp>
#include <vector>

using reg = detent::sinusoidal<>;

void losses(std::vector<detent::regularized_layer<reg, float, float>> const& layers) {
  std::vector<detent::result<1>> results(layers.size());
  detent::accumulate(detent::seq, layers, results);
}
