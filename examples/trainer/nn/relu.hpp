// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The rectifier, with rounding of its outputs on request.

#include <cstddef>
#include <optional>
#include <vector>

#include <trainer/nn/layer.hpp>
#include <trainer/nn/learned_grid.hpp>

namespace detent_trainer {

/// y = max(x, 0), with slope 0 at 0; with fewer than 32 bits y = the nearest of the levels
/// 0 … range, with the straight-through slope 1 inside [0, range] and 0 outside. On a learned grid,
/// whose lowest level is 0 too, training goes by its method, and evaluation rounds.
class relu : public layer {
 public:
  /// What training adds to the outputs, and the loss's gradient by it. As the loss is a function of
  /// these numbers, a penalty on its gradients can include those of the activations.
  struct output_offsets {
    std::vector<float> added;     ///< zeros of the outputs' size, after a forward pass
    std::vector<float> gradient;  ///< after a backward pass
  };

  int bits = 32;    ///< of the activations; 32 leaves them as they are
  float range = 1;  ///< largest activation that the quantizer can represent, above 0
  std::optional<learned_grid> learned;  ///< in place of the range
  std::optional<output_offsets> offsets;

  const tensor& forward(const tensor& input, bool training) override;
  const tensor& backward(const tensor& upstream) override;

  /// What the last forward() returned.
  const tensor& output() const { return output_; }

 private:
  void add_offsets();

  /// Bits and range of the learned grid as it is now.
  void rest();
  static std::size_t count_of(int images, const tensor& of);

  const tensor* input_ = nullptr;
  tensor output_;
  tensor gradient_;
};

}  // namespace detent_trainer
