// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The basic block of residual networks for CIFAR.

#include <functional>
#include <string>
#include <vector>

#include <trainer/nn/batch_norm.hpp>
#include <trainer/nn/convolution.hpp>
#include <trainer/nn/layer.hpp>
#include <trainer/nn/relu.hpp>

namespace detent_trainer {

/// y = relu(norm(conv(relu(norm(conv(x))))) + shortcut(x)) with convolutions of 3 x 3.
///
/// The shortcut has no parameters (option A of He et al.): it takes every stride-th pixel and adds
/// channels of zeros, so every weight of the block sits in one of the two convolutions.
class residual : public layer {
 public:
  residual(const std::string& name, image_shape input, int channels, int stride);

  image_shape output_shape(image_shape input) const override { return first_.output_shape(input); }

  const tensor& forward(const tensor& input, bool training) override;
  const tensor& backward(const tensor& upstream) override;
  void visit(const std::function<void(parameter&)>& visitor) override;
  void visit_state(const std::function<void(std::vector<float>&)>& visitor) override;
  void visit_layers(const std::function<void(layer&)>& visitor) override;

 private:
  // Calls f(index into the input, index into the sum) for every pixel that the shortcut carries.
  template <class F>
  void for_each_pair(const tensor& input, int image, F f) const;

  int stride_;
  convolution first_;
  batch_norm first_norm_;
  relu first_relu_;
  convolution second_;
  batch_norm second_norm_;
  relu second_relu_;
  tensor sum_;
  tensor gradient_;
};

}  // namespace detent_trainer
