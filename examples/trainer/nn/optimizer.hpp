// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// From gradients to new weights: gradient descent with momentum, and Adam.

#include <cmath>
#include <cstddef>
#include <vector>

#include <trainer/nn/model.hpp>

namespace detent_trainer {

/// Changes the values of a model's parameters by their gradients.
///
/// An optimizer remembers each parameter by its place in the model, so it serves one model only.
class optimizer {
 public:
  virtual ~optimizer() = default;
  virtual void step(model& trained, double learning_rate) = 0;
};

struct sgd_options {
  double momentum = 0.9;
  double weight_decay = 0;  ///< of quantizable weights only
};

/// v = momentum · v + (g + decay · w);  w -= rate · v
class sgd : public optimizer {
 public:
  explicit sgd(sgd_options options = {}) : options_{options} {}

  void step(model& trained, double learning_rate) override {
    const auto momentum = static_cast<float>(options_.momentum);
    const auto rate = static_cast<float>(learning_rate);
    std::size_t place = 0;
    trained.visit([&](parameter& p) {
      if (place == velocities_.size()) velocities_.emplace_back(p.value.size());
      const auto decay = static_cast<float>(p.quantizable ? options_.weight_decay : 0.0);
      float* w = p.value.data();
      float* v = velocities_[place++].data();
      const float* g = p.gradient.data();
      for (std::size_t i = 0; i < p.value.size(); ++i) {
        v[i] = momentum * v[i] + (g[i] + decay * w[i]);
        w[i] -= rate * v[i];
      }
    });
  }

 private:
  sgd_options options_;
  std::vector<std::vector<float>> velocities_;
};

struct adam_options {
  double first_decay = 0.9;
  double second_decay = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;  ///< of quantizable weights only, added to their gradient
};

/// m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g²;  w -= rate · m̂ / (sqrt(v̂) + epsilon)
///
/// with m̂ = m / (1 - b1^t) and v̂ = v / (1 - b2^t) at step t (Kingma and Ba 2015).
class adam : public optimizer {
 public:
  explicit adam(adam_options options = {}) : options_{options} {}

  void step(model& trained, double learning_rate) override {
    ++steps_;
    const auto first = static_cast<float>(options_.first_decay);
    const auto second = static_cast<float>(options_.second_decay);
    const auto epsilon = static_cast<float>(options_.epsilon);
    const auto rate =
        static_cast<float>(learning_rate / (1 - std::pow(options_.first_decay, steps_)));
    const auto correction =
        static_cast<float>(1 / std::sqrt(1 - std::pow(options_.second_decay, steps_)));
    std::size_t place = 0;
    trained.visit([&](parameter& p) {
      if (place == moments_.size()) {
        moments_.push_back(
            {std::vector<float>(p.value.size()), std::vector<float>(p.value.size())});
      }
      const auto decay = static_cast<float>(p.quantizable ? options_.weight_decay : 0.0);
      float* w = p.value.data();
      float* m = moments_[place].first.data();
      float* v = moments_[place++].second.data();
      for (std::size_t i = 0; i < p.value.size(); ++i) {
        const float g = p.gradient[i] + decay * w[i];
        m[i] = first * m[i] + (1 - first) * g;
        v[i] = second * v[i] + (1 - second) * g * g;
        w[i] -= rate * m[i] / (std::sqrt(v[i]) * correction + epsilon);
      }
    });
  }

 private:
  struct moment_pair {
    std::vector<float> first;
    std::vector<float> second;
  };

  adam_options options_;
  int steps_ = 0;
  std::vector<moment_pair> moments_;
};

}  // namespace detent_trainer
