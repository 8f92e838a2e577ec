// expect: (satisfaction of|does not satisfy) [^a-z]*(detent::)?execution_policy
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// An executor becomes a policy by on(executor), which says that it is kept by reference.

#include <cstddef>
#include <detent/detent.hpp>
#include <vector>

struct pool {
  template <class F>
  void bulk(std::size_t count, F f) {
    for (std::size_t i = 0; i < count; ++i)
      f(i);
  }
};

double loss(pool& threads, std::vector<float> const& w) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::penalty(threads, reg, w).value;
}
