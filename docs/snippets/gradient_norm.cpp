// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Gradient ℓ1 in plain loops: a small network trained twice, then rounded without further training.

#include <cmath>
#include <cstdio>
#include <detent/detent.hpp>
#include <vector>

namespace {

// 2-24-1 with tanh, on points inside or outside a ring; its loss is the mean logistic loss.
constexpr std::size_t hidden = 24, points = 512, batch = 64;

struct network {
  std::vector<float> in = std::vector<float>(3 * hidden);  // two weights and a bias a unit
  std::vector<float> out = std::vector<float>(hidden + 1);
  std::vector<float> in_gradient = in, out_gradient = out;

  network() {
    for (std::size_t i = 0; i < in.size(); ++i)
      in[i] = 2 * std::sin(1.7f * static_cast<float>(i * i + 1));
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = 0.5f * std::sin(2.3f * static_cast<float>(i * i + 1));
  }

  static float coordinate(std::size_t point, float ratio) {
    float const turn = ratio * static_cast<float>(point + 1);
    return 4 * (turn - std::floor(turn)) - 2;
  }

  // The mean loss over points [first, last); its gradient too.
  double forward_backward(std::size_t first, std::size_t last) {
    in_gradient.assign(in.size(), 0);
    out_gradient.assign(out.size(), 0);
    double loss = 0;
    for (std::size_t p = first; p < last; ++p) {
      float const x = coordinate(p, 0.61803399f), y = coordinate(p, 0.75487767f);
      float const sign = std::fabs(std::hypot(x, y) - 1.2f) < 0.45f ? 1.0f : -1.0f;
      float h[hidden], z = out[hidden];
      for (std::size_t j = 0; j < hidden; ++j) {
        h[j] = std::tanh(in[3 * j] * x + in[3 * j + 1] * y + in[3 * j + 2]);
        z += out[j] * h[j];
      }
      loss += std::log1p(std::exp(-static_cast<double>(sign * z)));
      float const dz = -sign / (1 + std::exp(sign * z)) / static_cast<float>(last - first);
      out_gradient[hidden] += dz;
      for (std::size_t j = 0; j < hidden; ++j) {
        float const d = dz * out[j] * (1 - h[j] * h[j]);
        out_gradient[j] += dz * h[j];
        in_gradient[3 * j] += d * x;
        in_gradient[3 * j + 1] += d * y;
        in_gradient[3 * j + 2] += d;
      }
    }
    return loss / static_cast<double>(last - first);
  }

  // The loss after rounding to levels with a sign and a zero, ranges by the largest magnitude.
  double rounded_loss(int bits) const {
    network copy = *this;
    for (auto* w : {&copy.in, &copy.out}) {
      double const range = reduce(detent::magnitude{}, *w).maximum();
      detent::rounding const round{detent::wrpn_grid(detent::bits{bits}).scaled(range)};
      detent::quantize(round, *w, *w);
    }
    return copy.forward_backward(0, points);
  }
};

network trained(double strength) {
  network n;
  std::vector layers{detent::penalized_layer{n.in, n.in_gradient, strength},
                     detent::penalized_layer{n.out, n.out_gradient, strength}};
  detent::difference_workspace workspace{layers};

  for (int epoch = 0; epoch < 2000; ++epoch) {
    for (std::size_t first = 0; first < points; first += batch) {
      auto const oracle = [&] { n.forward_backward(first, first + batch); };
      oracle();  // ∇E, and now += λ·∂(‖∂E/∂in‖₁ + ‖∂E/∂out‖₁)
      detent::accumulate(detent::seq, detent::gradient_norm<detent::norm::l1>{}, oracle, layers,
                         workspace);
      for (std::size_t i = 0; i < n.in.size(); ++i)
        n.in[i] -= 0.3f * n.in_gradient[i];
      for (std::size_t i = 0; i < n.out.size(); ++i)
        n.out[i] -= 0.3f * n.out_gradient[i];
    }
  }
  return n;
}

}  // namespace

int main() {
  for (double const strength : {0.0, 0.025}) {
    network n = trained(strength);
    std::printf("λ = %.3f: loss %.3f, at 5 bits %.3f, at 4 bits %.3f, at 3 bits %.3f\n", strength,
                n.forward_backward(0, points), n.rounded_loss(5), n.rounded_loss(4),
                n.rounded_loss(3));
  }
}
