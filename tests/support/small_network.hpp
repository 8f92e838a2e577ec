// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// A network of two dense layers that is a gradient oracle over any scalar, and its tensors.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/math/dual.hpp>
#include <detent/training/gradient_oracle.hpp>
#include <span>
#include <support/random.hpp>
#include <type_traits>
#include <vector>

namespace detent_test {

enum class bend { tanh, relu };

/// Softmax cross-entropy, mean over a batch, of W₂ f(W₁ x + b₁) + b₂. Layers are W₁, b₁, W₂, b₂
/// and, where there is a fifth, offsets of the hidden activations f, whose g becomes ∂E/∂f.
class small_network {
 public:
  std::size_t inputs = 8, hidden = 16, outputs = 4, batch = 32;
  bend shape = bend::tanh;

  explicit small_network(bend b = bend::tanh, std::size_t width = 16, std::size_t rows = 32)
      : hidden(width), batch(rows), shape(b) {
    random_numbers r(5);
    for (std::size_t i = 0; i < batch * inputs; ++i)
      x_.push_back(static_cast<float>(r.between(-1, 1)));
    for (std::size_t i = 0; i < batch; ++i)
      label_.push_back(static_cast<std::size_t>(r.integer(0, static_cast<int>(outputs) - 1)));
  }

  /// Weights uniform in ±√(3/inputs of the layer), biases small.
  template <class T>
  std::vector<std::vector<T>> weights(std::uint64_t seed) const {
    random_numbers r(seed);
    std::vector<std::vector<T>> w;
    double const bound[] = {std::sqrt(3.0 / static_cast<double>(inputs)), 0.1,
                            std::sqrt(3.0 / static_cast<double>(hidden)), 0.1};
    std::size_t const size[] = {hidden * inputs, hidden, outputs * hidden, outputs};
    for (int l = 0; l < 4; ++l) {
      w.emplace_back();
      for (std::size_t i = 0; i < size[l]; ++i)
        w.back().push_back(static_cast<T>(static_cast<float>(r.between(-bound[l], bound[l]))));
    }
    return w;
  }

  /// Writes the gradient; returns the loss.
  template <class S>
  S operator()(detent::oracle_layers<S> layers) const {
    auto const w1 = layers[0].w, b1 = layers[1].w, w2 = layers[2].w, b2 = layers[3].w;
    for (auto const& layer : layers) {
      for (S& g : layer.g)
        g = S(0);
    }
    S loss = S(0);
    S const share = S(1) / S(static_cast<float>(batch));
    std::vector<S> f(hidden), slope(hidden), y(outputs), back(outputs);
    for (std::size_t n = 0; n < batch; ++n) {
      for (std::size_t h = 0; h < hidden; ++h) {
        S z = b1[h];
        for (std::size_t i = 0; i < inputs; ++i)
          z += w1[h * inputs + i] * S(x_[n * inputs + i]);
        f[h] = bent(z);
        slope[h] = bent_slope(z, f[h]);
        if (layers.size() > 4) f[h] += layers[4].w[n * hidden + h];
      }
      S sum = S(0);
      for (std::size_t o = 0; o < outputs; ++o) {
        S z = b2[o];
        for (std::size_t h = 0; h < hidden; ++h)
          z += w2[o * hidden + h] * f[h];
        y[o] = exponential_of(z);
        sum += y[o];
      }
      for (std::size_t o = 0; o < outputs; ++o) {
        S const p = y[o] / sum;
        if (o == label_[n]) loss -= logarithm_of(p) * share;
        back[o] = (p - S(o == label_[n] ? 1 : 0)) * share;
        layers[3].g[o] += back[o];
        for (std::size_t h = 0; h < hidden; ++h)
          layers[2].g[o * hidden + h] += back[o] * f[h];
      }
      for (std::size_t h = 0; h < hidden; ++h) {
        S d = S(0);
        for (std::size_t o = 0; o < outputs; ++o)
          d += back[o] * w2[o * hidden + h];
        if (layers.size() > 4) layers[4].g[n * hidden + h] = d;
        d *= slope[h];
        layers[1].g[h] += d;
        for (std::size_t i = 0; i < inputs; ++i)
          layers[0].g[h * inputs + i] += d * S(x_[n * inputs + i]);
      }
    }
    return loss;
  }

 private:
  template <class S>
  static S exponential_of(S z) {
    using std::exp;
    return exp(z);
  }
  template <class S>
  static S logarithm_of(S z) {
    using std::log;
    return log(z);
  }
  template <class S>
  S bent(S z) const {
    using std::tanh;
    if (shape == bend::tanh) return tanh(z);
    return z > S(0) ? z : S(0);
  }
  template <class S>
  S bent_slope(S z, S f) const {
    if (shape == bend::tanh) return S(1) - f * f;
    return z > S(0) ? S(1) : S(0);
  }

  std::vector<float> x_;
  std::vector<std::size_t> label_;
};

/// Weights with gradients of the same sizes, and the layers that show them.
template <class T>
struct tensors_of_network {
  std::vector<std::vector<T>> w, g;

  explicit tensors_of_network(std::vector<std::vector<T>> weights) : w(std::move(weights)) {
    for (auto const& one : w)
      g.emplace_back(one.size());
  }
  std::vector<detent::oracle_layer<T>> layers() {
    std::vector<detent::oracle_layer<T>> all;
    for (std::size_t l = 0; l < w.size(); ++l)
      all.push_back({w[l], g[l]});
    return all;
  }
  /// Lets the oracle write g.
  template <class F>
  void differentiate(F const& oracle) {
    auto const all = layers();
    oracle(detent::oracle_layers<T>(all));
  }
};

/// ‖a - b‖/‖b‖ over all tensors.
template <class A, class B>
double relative_distance(std::vector<std::vector<A>> const& a,
                         std::vector<std::vector<B>> const& b) {
  double difference = 0, size = 0;
  for (std::size_t l = 0; l < a.size(); ++l) {
    for (std::size_t i = 0; i < a[l].size(); ++i) {
      double const exact = static_cast<double>(b[l][i]);
      double const d = static_cast<double>(a[l][i]) - exact;
      difference += d * d;
      size += exact * exact;
    }
  }
  return std::sqrt(difference / size);
}

}  // namespace detent_test
