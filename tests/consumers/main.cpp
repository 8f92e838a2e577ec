// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// What each consumer project builds: the penalty and the gradient of three weights, as numbers.

#include <detent/detent.hpp>

#include <cmath>
#include <cstdio>
#include <numbers>
#include <vector>

int main() {
  const auto reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{2})};
  // Levels of the 2-bit grid are -1, -1/3, 1/3 and 1: a level, and twice a quarter step beside one.
  const std::vector<float> w{1.0f, 0.5f, -0.5f};
  std::vector<float> g(3, 1.0f);
  const double value = detent::accumulate(reg, w, g, 0.5).value;

  // Half of 2 (step / pi)^2 sin^2(pi / 4), and half of (step / pi) sin(pi / 2), for a step of 2/3.
  const double amplitude = 2.0 / (3.0 * std::numbers::pi);
  const double expected_value = 0.5 * amplitude * amplitude;
  const double expected_slope = 0.5 * amplitude;
  const bool right = std::abs(value - expected_value) < 1e-6 && std::abs(g[0] - 1.0) < 1e-6 &&
                     std::abs(g[1] - (1.0 + expected_slope)) < 1e-6 &&
                     std::abs(g[2] - (1.0 - expected_slope)) < 1e-6;
  std::printf("%.9g %.9g %.9g %.9g\n", value, static_cast<double>(g[0]), static_cast<double>(g[1]),
              static_cast<double>(g[2]));
  return right ? 0 : 1;
}
