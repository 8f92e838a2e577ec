// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The first of two translation units that use the whole library: both must link into one program.

#include <detent/detent.hpp>
#include <detent/detent.hpp>

#include <vector>

double second_penalty(const std::vector<float>& w);

static double first_penalty(const std::vector<float>& w) {
  std::vector<float> g(w.size());
  const auto reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 0.1).value;
}

int main() {
  const std::vector<float> w{0.1f, -0.4f, 0.8f};
  const double first = first_penalty(w);
  return first > 0.0 && first == second_penalty(w) ? 0 : 1;
}
