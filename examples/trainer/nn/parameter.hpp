// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// A trained tensor of a layer: its value, its gradient, and what the forward pass uses for it.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace detent_trainer {

/// Trained numbers with their gradient.
///
/// A quantizer writes its levels into `operand`; layers compute forward and backward with used(),
/// so `gradient` is the gradient with respect to what was used, and the quantizer's backward turns
/// it into the gradient of `value`.
struct parameter {
  std::string name;
  std::vector<float> value;
  std::vector<float> gradient;
  std::vector<float> operand;  ///< as long as value, or empty: value itself is used
  bool quantizable = false;    ///< weights of products, not biases and normalization
  int fan_in = 0;              ///< inputs of one output, for the initial deviation
  std::size_t operations = 0;  ///< multiply-accumulates per image

  parameter() = default;
  parameter(std::string its_name, std::size_t count, float start)
      : name{std::move(its_name)}, value(count, start), gradient(count) {}

  const float* used() const { return operand.empty() ? value.data() : operand.data(); }
};

}  // namespace detent_trainer
