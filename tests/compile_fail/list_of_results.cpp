// expect: nothing shows that the elements of this container lie one after another: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Results are as contiguous as tensors.

#include <detent/detent.hpp>
#include <list>
#include <vector>

using layer = detent::regularized_layer<detent::sinusoidal<>, float, float>;

void losses(std::vector<layer> const& layers, std::list<detent::result<>>& results) {
  detent::accumulate(detent::seq, layers, results);
}
