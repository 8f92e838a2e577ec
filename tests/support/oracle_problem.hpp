// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Problems whose Hessian-vector products are known, and oracles that count.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/execution/policy.hpp>
#include <detent/training/hessian_vector_product.hpp>
#include <span>
#include <stdexcept>
#include <support/tensors.hpp>
#include <utility>
#include <vector>

namespace detent_test {

template <class T>
using tensors_of = std::vector<std::vector<T>>;

/// Weights, gradients, directions and products, and the layers that show them.
template <class T>
struct problem {
  tensors_of<T> w, g, v, product;

  explicit problem(tensors_of<T> weights) : w(std::move(weights)), g(w), v(w), product(w) {
    std::uint64_t seed = 77;
    for (std::size_t l = 0; l < w.size(); ++l) {
      v[l] = tensors::random<T>(w[l].size(), seed++, 1.0);
      std::fill(product[l].begin(), product[l].end(), T(99));
    }
  }
  std::vector<detent::directed_layer<T>> directed() {
    std::vector<detent::directed_layer<T>> all;
    for (std::size_t l = 0; l < w.size(); ++l)
      all.push_back({w[l], g[l], v[l], product[l]});
    return all;
  }
  template <class F>
  void differentiate(F const& oracle) {
    std::vector<detent::oracle_layer<T>> all;
    for (std::size_t l = 0; l < w.size(); ++l)
      all.push_back({w[l], g[l]});
    oracle(detent::oracle_layers<T>(all));
  }
  template <class F>
  detent::difference_report by_difference(F&& oracle,
                                          detent::difference_options const& options = {}) {
    auto const layers = directed();
    detent::difference_workspace workspace{layers};
    return detent::hessian_vector_product(detent::seq, oracle, layers, workspace, options);
  }
  template <class F>
  detent::difference_report by_dual(F&& oracle) {
    auto const layers = directed();
    detent::dual_workspace workspace{layers};
    return detent::hessian_vector_product(detent::seq, oracle, layers, workspace);
  }
};

template <class To, class From>
tensors_of<To> converted(tensors_of<From> const& from) {
  tensors_of<To> to;
  for (auto const& one : from)
    to.emplace_back(one.begin(), one.end());
  return to;
}

/// E = ½ wᵀA w - bᵀw over two tensors, A = Σ a_ij symmetric: its gradient is A w - b.
struct quadratic {
  static constexpr std::size_t size = 7;
  static double a(std::size_t i, std::size_t j) {
    return std::cos(static_cast<double>(i * j)) + (i == j ? 3.0 : 0.0);
  }
  template <class S>
  void operator()(detent::oracle_layers<S> layers) const {
    std::size_t const cut = layers[0].w.size();
    auto const w = [&](std::size_t i) { return i < cut ? layers[0].w[i] : layers[1].w[i - cut]; };
    for (std::size_t i = 0; i < size; ++i) {
      S sum = S(-0.5);
      for (std::size_t j = 0; j < size; ++j)
        sum += S(static_cast<float>(a(i, j))) * w(j);
      (i < cut ? layers[0].g[i] : layers[1].g[i - cut]) = sum;
    }
  }
};

/// Logistic regression with labels in {0, 1}, mean over a batch.
struct logistic_regression {
  static constexpr std::size_t inputs = 6, batch = 25;
  std::vector<double> x = tensors::random<double>(inputs * batch, 3, 2.0);

  template <class S>
  static S chance(S z) {
    using std::exp;
    return S(1) / (S(1) + exp(-z));
  }
  template <class S>
  S predict(std::span<S const> w, std::size_t n) const {
    S z = S(0);
    for (std::size_t i = 0; i < inputs; ++i)
      z += S(x[n * inputs + i]) * w[i];
    return chance(z);
  }
  template <class S>
  void operator()(detent::oracle_layers<S> layers) const {
    std::fill(layers[0].g.begin(), layers[0].g.end(), S(0));
    for (std::size_t n = 0; n < batch; ++n) {
      S const off = predict(std::span<S const>(layers[0].w), n) - S(n % 3 == 0 ? 1 : 0);
      for (std::size_t i = 0; i < inputs; ++i)
        layers[0].g[i] += off * S(x[n * inputs + i] / batch);
    }
  }
  /// (1/n) Xᵀ diag(p (1 - p)) X v.
  std::vector<double> exact(std::vector<double> const& w, std::vector<double> const& v) const {
    std::vector<double> product(inputs);
    for (std::size_t n = 0; n < batch; ++n) {
      double const p = predict(std::span<double const>(w), n);
      double along = 0;
      for (std::size_t i = 0; i < inputs; ++i)
        along += x[n * inputs + i] * v[i];
      for (std::size_t i = 0; i < inputs; ++i)
        product[i] += p * (1 - p) * along * x[n * inputs + i] / batch;
    }
    return product;
  }
};

/// An oracle that is called in its place, and counts.
template <class F>
struct counted {
  F const& oracle;
  int throws_at = -1;
  int calls = 0;

  template <class T>
  void operator()(detent::oracle_layers<T> layers) {
    ++calls;
    oracle(layers);
    if (calls == throws_at) throw std::runtime_error("out of batches");
  }
};

/// Every way of taking a difference.
inline constexpr detent::difference_options all_options[] = {
    {detent::difference::one_sided, 0, false},
    {detent::difference::one_sided, 0, true},
    {detent::difference::central, 0, false},
    {detent::difference::central, 0, true}};

}  // namespace detent_test
