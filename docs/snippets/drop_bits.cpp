// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// DropBits in plain loops: step, noise and bit-length of a quantizer are learned, so that its
// levels are near given numbers and bits that are not worth their price are dropped.

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <detent/detent.hpp>
#include <vector>

int main() {
  std::vector<float> w(256), levels(256), upstream(256), g(256);
  for (std::size_t i = 0; i < w.size(); ++i)
    w[i] = std::sin(0.7f * static_cast<float>(i));
  double const n = static_cast<double>(w.size());

  for (double const price : {1e-3, 1e-1}) {
    auto const start =
        detent::noisy_range::weights(detent::bits{4}, reduce(detent::magnitude{}, w));
    detent::bit_gates gates{detent::bits{4}};  // on the bits above 2

    for (std::uint32_t t = 0; t < 300; ++t) {
      // Forward: the levels under this step's masks. Draws are a function of (seed, step, tensor).
      auto const drawn = gates.sample(detent::philox_draws{.seed = 1, .step = t, .tensor = 0});
      using drop_two =
          detent::drop_bits<2, detent::mask_sharing::bitwise, detent::relaxed_classes::all>;
      drop_two const q{detent::bits{4}, start.step, start.noise,
                       std::array{drawn[0].mask, drawn[1].mask}};
      detent::quantize(q, w, levels);

      // Backward, of the squared error. g is for the weights; theta for step and noise, which a
      // network learns in a `positive` each, and for the masks.
      for (std::size_t i = 0; i < w.size(); ++i)
        upstream[i] = 2 * (levels[i] - w[i]) / static_cast<float>(n);
      auto const r = detent::backward(q, w, upstream, g);

      auto const bits = gates.penalty();  // Σ P(Z ≠ 0): what is paid for
      gates.descend(std::array{r.theta[2] * drawn[0].slope + price * bits.slopes[0],
                               r.theta[3] * drawn[1].slope + price * bits.slopes[1]},
                    10.0);
    }

    // At test time: plain rounding on what the gates leave.
    detent::rounding const at_rest{gates.grid(start.step)};
    auto const error = detent::reduce(detent::quantization_error{at_rest}, w);
    std::printf("price %g: %d bits, mean squared error %.4f\n", price, gates.length().count(),
                error.mean_squared_error());
  }
}
