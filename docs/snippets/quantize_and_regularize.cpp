// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Quantized training in plain loops: y = ŵ·x is fitted with 2-bit DoReFa weights ŵ, and the matched
// regularizer draws the weights to the levels they are rounded to.

#include <cstdio>
#include <detent/detent.hpp>
#include <vector>

int main() {
  std::vector<float> w{0.55f, -0.50f, -0.08f, 0.10f};
  std::vector<float> const x{1.0f, 2.0f, -1.0f, 0.5f};
  float const target = -0.7f;

  for (int step = 0; step <= 60; ++step) {
    // The quantizer follows the weights: their largest magnitude sets its range.
    auto const magnitudes = detent::reduce(detent::magnitude{}, w);
    detent::dorefa_weights const quantizer{detent::bits{2}, magnitudes, 0.6};

    // Forward: the output is computed with the levels.
    std::vector<float> levels(w.size());
    detent::quantize(quantizer, w, levels);
    float y = 0;
    for (std::size_t i = 0; i < w.size(); ++i)
      y += levels[i] * x[i];

    // Backward: the gradient at the levels passes straight through to the weights.
    std::vector<float> at_levels(w.size()), g(w.size());
    for (std::size_t i = 0; i < w.size(); ++i)
      at_levels[i] = 2.0f * (y - target) * x[i];
    detent::backward(quantizer, w, at_levels, g);

    // Regularize: `matched` sees the weights as the quantizer does, tanh and range included.
    auto const regularizer = detent::matched(quantizer);
    double const penalty = detent::accumulate(regularizer, w, g, 2.0).value;

    for (std::size_t i = 0; i < w.size(); ++i)
      w[i] -= 0.04f * g[i];
    if (step % 20 == 0) std::printf("step %2d  penalty %.3f  output %5.2f\n", step, penalty, y);
  }

  auto const magnitudes = detent::reduce(detent::magnitude{}, w);
  detent::dorefa_weights const quantizer{detent::bits{2}, magnitudes, 0.6};
  auto const error = detent::reduce(detent::quantization_error{quantizer}, w);
  std::printf("on the grid: %.0f %% of the weights\n", 100.0 * error.on_grid_fraction());
}
