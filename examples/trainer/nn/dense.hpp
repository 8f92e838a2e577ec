// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Fully connected layer.

#include <cstddef>
#include <functional>
#include <string>

#include <trainer/nn/layer.hpp>

namespace detent_trainer {

/// y = W x + b for every image, with W as rows of one output each.
///
/// Threads share the outputs (forward), the inputs (backward) or the rows of W, never the batch:
/// every number is one sum, made by one thread.
class dense : public layer {
 public:
  dense(const std::string& name, int inputs, int outputs);

  image_shape output_shape(image_shape) const override { return {outputs_, 1, 1}; }

  const tensor& forward(const tensor& input, bool) override;
  const tensor& backward(const tensor& upstream) override;
  void visit(const std::function<void(parameter&)>& visitor) override;

 private:
  std::ptrdiff_t row(int output) const { return std::ptrdiff_t{output} * inputs_; }

  int inputs_;
  int outputs_;
  parameter weight_;
  parameter bias_;
  const tensor* input_ = nullptr;
  tensor output_;
  tensor gradient_;
};

}  // namespace detent_trainer
