// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// A sequence of layers.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/nn/layer.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/nn/tensor.hpp>

namespace detent_trainer {

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
  const tensor& forward(const tensor& images, bool training) {
    check_images(images);
    const tensor* current = &images;
    for (const auto& one : layers_)
      current = &one->forward(*current, training);
    return *current;
  }

  /// Adds the gradients of the last forward pass to those of the parameters.
  void backward(const tensor& upstream) {
    const tensor* current = &upstream;
    for (auto one = layers_.rbegin(); one != layers_.rend(); ++one) {
      current = &(*one)->backward(*current);
    }
  }

  void visit(const std::function<void(parameter&)>& visitor) {
    for (const auto& one : layers_)
      one->visit(visitor);
  }

  void for_each_layer(const std::function<void(layer&)>& visitor) {
    for (const auto& one : layers_)
      one->visit_layers(visitor);
  }

  void for_each_relu(const std::function<void(relu&)>& visitor) {
    for_each_layer([&visitor](layer& one) {
      if (auto* rectifier = dynamic_cast<relu*>(&one)) visitor(*rectifier);
    });
  }

  void zero_gradients() {
    visit([](parameter& p) { std::fill(p.gradient.begin(), p.gradient.end(), 0.0F); });
  }

  /// Results do not depend on the number of threads, bit for bit.
  void set_threads(int threads) {
    if (threads < 1) throw error("threads: " + std::to_string(threads) + " is not at least 1");
    for_each_layer([threads](layer& one) { one.set_threads(threads); });
  }

  /// Copies the values of all parameters and the running statistics of batch normalization.
  weights state() {
    weights copy;
    visit_remembered([&copy](std::vector<float>& numbers) { copy.push_back(numbers); });
    return copy;
  }

  /// Takes what state() of a model of the same shape returned; throws, unchanged, for any other.
  void load(const weights& saved) {
    std::vector<std::vector<float>*> own;
    visit_remembered([&own](std::vector<float>& numbers) { own.push_back(&numbers); });
    if (own.size() != saved.size()) {
      throw error("state: " + std::to_string(saved.size()) + " tensors, this model has " +
                  std::to_string(own.size()));
    }
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (own[i]->size() == saved[i].size()) continue;
      throw error("state: tensor " + std::to_string(i) + " has " + std::to_string(saved[i].size()) +
                  " numbers, this model's has " + std::to_string(own[i]->size()));
    }
    for (std::size_t i = 0; i < own.size(); ++i)
      *own[i] = saved[i];
  }

 private:
  void visit_remembered(const std::function<void(std::vector<float>&)>& visitor) {
    visit([&visitor](parameter& p) { visitor(p.value); });
    for (const auto& one : layers_)
      one->visit_state(visitor);
  }

  void check_images(const tensor& images) const {
    if (images.c == input_.channels && images.h == input_.height && images.w == input_.width)
      return;
    const auto text = [](image_shape s) {
      return std::to_string(s.channels) + " x " + std::to_string(s.height) + " x " +
             std::to_string(s.width);
    };
    throw error("images: " + text(images.shape()) + ", this model takes " + text(input_));
  }

  image_shape input_;
  image_shape output_;
  std::vector<std::unique_ptr<layer>> layers_;
};

}  // namespace detent_trainer
