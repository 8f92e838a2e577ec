// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The second of two translation units that use the whole library.

#include <detent/detent.hpp>
#include <detent/detent.hpp>

#include <vector>

double second_penalty(const std::vector<float>& w);

double second_penalty(const std::vector<float>& w) {
  std::vector<float> g(w.size());
  const auto reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 0.1).value;
}
