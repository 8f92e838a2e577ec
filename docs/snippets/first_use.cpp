// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The first program: the penalty of three weights and the gradient that pulls them to 3-bit levels.

#include <cstdio>
#include <detent/detent.hpp>
#include <vector>

int main() {
  std::vector<float> w{0.1f, -0.4f, 0.8f}, g(3);

  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  double const loss = detent::accumulate(reg, w, g, 10.0).value;  // g += 10 · ∂R/∂w

  std::printf("loss %.4f, gradient %.3f %.3f %.3f\n", loss, g[0], g[1], g[2]);
}
