// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What a model asks of a layer.

#include <functional>
#include <vector>

#include <trainer/image_shape.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/nn/tensor.hpp>

namespace detent_trainer {

/// A differentiable function of a batch, with parameters.
///
/// A layer owns what it returns and remembers where its input lies: the input of forward() must
/// stay unchanged until backward() has returned, and a returned tensor lives until the next call.
class layer {
 public:
  layer() = default;
  layer(const layer&) = delete;
  layer& operator=(const layer&) = delete;
  virtual ~layer() = default;

  virtual const tensor& forward(const tensor& input, bool training) = 0;

  /// Adds to the gradients of the parameters and returns the gradient of the input.
  /// @param  upstream  gradient of the loss by the output of the last forward(), in its shape
  virtual const tensor& backward(const tensor& upstream) = 0;

  /// Shape of an output image for an input image.
  virtual image_shape output_shape(image_shape input) const { return input; }

  virtual void visit(const std::function<void(parameter&)>&) {}

  /// Visits what is remembered but not trained: the running statistics of batch normalization.
  virtual void visit_state(const std::function<void(std::vector<float>&)>&) {}

  /// Visits this layer and then those inside it.
  virtual void visit_layers(const std::function<void(layer&)>& visitor) { visitor(*this); }

  /// The result does not depend on the number of threads, bit for bit.
  void set_threads(int threads) { threads_ = threads; }

  /// Spares the first layer of a model the gradient that nobody reads; backward() then returns an
  /// empty tensor.
  void skip_input_gradient() { needs_input_gradient_ = false; }

 protected:
  int threads_ = 1;
  bool needs_input_gradient_ = true;
};

}  // namespace detent_trainer
