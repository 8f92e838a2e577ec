// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Penalties of a network that trains in full precision: gradient norms, kurtosis, bins.

#include <detent/regularizer/gradient_norm.hpp>
#include <detent/training/gradient_difference.hpp>
#include <detent/training/gradient_penalty.hpp>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include <trainer/quantization.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

class archive;
class model;
class relu;

/// What a penalty came to in one step.
struct penalty_figures {
  double value = 0;  ///< without its strength
  /// Estimate of the relative error of its gradient; NaN where none was made.
  double difference_error = std::numeric_limits<double>::quiet_NaN();
};

/// The penalty of method gradl1, gradl2, kure or bin.
///
/// Weights of products count, each with `strength`; for gradient norms the activations behind every
/// rectifier too, with `activation_strength`. The gradient of a norm reaches every parameter. Bins
/// are those of WRPN's grid, with the ranges of the weights when this was made.
class float_penalty {
 public:
  float_penalty(model& m, const settings& s);
  float_penalty(const float_penalty&) = delete;
  float_penalty& operator=(const float_penalty&) = delete;
  ~float_penalty();

  /// After the backward pass: adds the gradient of the penalty.
  /// @param  evaluate  runs forward and backward on the same batch once more
  /// @param  measured  whether the error of a difference is, for one evaluation more
  penalty_figures add(const std::function<void()>& evaluate, bool measured);

  /// Writes or reads the grids of the bins.
  void archive_state(archive& a);

 private:
  using layer_type = detent::penalized_layer<float>;

  template <detent::norm Norm>
  penalty_figures add_norm(const std::function<void()>& evaluate, bool measured);

  /// All parameters, since the penalty depends on all; and the activations.
  void take_layers();

  /// Root mean square; 1 where no unit is active.
  double magnitude_of(const relu& r) const;
  double add_kurtosis();

  model* model_;
  settings settings_;
  settings grid_settings_;
  std::optional<quantization> grids_;  // of method bin
  std::vector<layer_type> layers_;
  std::optional<detent::difference_workspace<float>> workspace_;
};

}  // namespace detent_trainer
