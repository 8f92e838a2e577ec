// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A regularizer of your own from one line: its slope comes from dual numbers.

#include <cstdio>
#include <detent/detent.hpp>
#include <vector>

int main() {
  // Ternary weights: |w| is drawn to 0 or to `level`, whichever is nearer.
  double const level = 0.5;
  auto const ternary =
      detent::differentiate([level](auto w) { return square(min(abs(w), abs(abs(w) - level))); });

  std::vector<double> w{0.1, 0.3, -0.6, 0.5}, g(4);
  double const loss = detent::accumulate(ternary, w, g, 1.0).value;

  std::printf("loss %.2f\n", loss);
  for (std::size_t i = 0; i < w.size(); ++i)
    std::printf("w %5.2f  slope %5.2f\n", w[i], g[i]);
}
