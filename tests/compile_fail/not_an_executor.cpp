// expect: (satisfaction of [^a-z]*(detent::)?executor|constraints not satisfied for class template .executor_policy)
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Threads are handed over as an object with bulk(count, f), not as their number.

#include <detent/detent.hpp>
#include <vector>

double loss(std::vector<float> const& w) {
  int threads = 4;
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::penalty(detent::on(threads), reg, w).value;
}
