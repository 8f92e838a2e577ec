// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// From gradients to new weights: gradient descent with momentum, and Adam.

#include <vector>

namespace detent_trainer {

class archive;
class model;

/// Changes the values of a model's parameters by their gradients.
///
/// An optimizer remembers each parameter by its place in the model, so it serves one model only.
class optimizer {
 public:
  virtual ~optimizer() = default;
  virtual void step(model& trained, double learning_rate) = 0;

  /// Writes or reads what is remembered of the parameters of `trained`.
  virtual void archive_state(archive& a, model& trained) = 0;
};

struct sgd_options {
  double momentum = 0.9;
  double weight_decay = 0;  ///< of quantizable weights only
};

/// v = momentum · v + (g + decay · w);  w -= rate · v
class sgd : public optimizer {
 public:
  explicit sgd(sgd_options options = {}) : options_{options} {}

  void step(model& trained, double learning_rate) override;
  void archive_state(archive& a, model& trained) override;

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

  void step(model& trained, double learning_rate) override;
  void archive_state(archive& a, model& trained) override;

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
