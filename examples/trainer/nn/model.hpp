// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// A sequence of layers.

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <trainer/nn/layer.hpp>
#include <trainer/nn/tensor.hpp>

namespace detent_trainer {

class relu;

/// Layers one after the other; the first takes the images, the last gives an output for each class.
///
/// Independent models may run in threads of their own: nothing is shared between them.
class model {
 public:
  using weights = std::vector<std::vector<float>>;

  explicit model(image_shape input) : input_{input}, output_{input} {}

  /// Appends a layer, constructed from the arguments.
  template <class Layer, class... Arguments>
  void add(Arguments&&... arguments) {
    auto added = std::make_unique<Layer>(std::forward<Arguments>(arguments)...);
    if (layers_.empty()) added->skip_input_gradient();
    output_ = added->output_shape(output_);
    layers_.push_back(std::move(added));
  }

  image_shape input_shape() const { return input_; }
  image_shape output_shape() const { return output_; }

  /// @param  images    must stay unchanged until backward() has returned
  /// @param  training  batch normalization uses, and remembers, the statistics of this batch
  const tensor& forward(const tensor& images, bool training);

  /// Adds the gradients of the last forward pass to those of the parameters.
  void backward(const tensor& upstream);
  void visit(const std::function<void(parameter&)>& visitor);
  void for_each_layer(const std::function<void(layer&)>& visitor);
  void for_each_relu(const std::function<void(relu&)>& visitor);
  void zero_gradients();

  /// Results do not depend on the number of threads, bit for bit.
  void set_threads(int threads);

  /// Copies the values of all parameters and the running statistics of batch normalization.
  weights state();

  /// Takes what state() of a model of the same shape returned; throws, unchanged, for any other.
  void load(const weights& saved);

 private:
  void visit_remembered(const std::function<void(std::vector<float>&)>& visitor);
  void check_images(const tensor& images) const;

  image_shape input_;
  image_shape output_;
  std::vector<std::unique_ptr<layer>> layers_;
};

}  // namespace detent_trainer
