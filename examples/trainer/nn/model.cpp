// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Walking through a model's layers; keeping and taking its state.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/nn/layer.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/nn/tensor.hpp>

namespace detent_trainer {

const tensor& model::forward(const tensor& images, bool training) {
  check_images(images);
  const tensor* current = &images;
  for (const auto& one : layers_)
    current = &one->forward(*current, training);
  return *current;
}

void model::backward(const tensor& upstream) {
  const tensor* current = &upstream;
  for (auto one = layers_.rbegin(); one != layers_.rend(); ++one) {
    current = &(*one)->backward(*current);
  }
}

void model::visit(const std::function<void(parameter&)>& visitor) {
  for (const auto& one : layers_)
    one->visit(visitor);
}

void model::for_each_layer(const std::function<void(layer&)>& visitor) {
  for (const auto& one : layers_)
    one->visit_layers(visitor);
}

void model::for_each_relu(const std::function<void(relu&)>& visitor) {
  for_each_layer([&visitor](layer& one) {
    if (auto* rectifier = dynamic_cast<relu*>(&one)) visitor(*rectifier);
  });
}

void model::zero_gradients() {
  visit([](parameter& p) { std::fill(p.gradient.begin(), p.gradient.end(), 0.0F); });
}

void model::set_threads(int threads) {
  if (threads < 1) throw error("threads: " + std::to_string(threads) + " is not at least 1");
  for_each_layer([threads](layer& one) { one.set_threads(threads); });
}

model::weights model::state() {
  weights copy;
  visit_remembered([&copy](std::vector<float>& numbers) { copy.push_back(numbers); });
  return copy;
}

void model::load(const weights& saved) {
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

void model::visit_remembered(const std::function<void(std::vector<float>&)>& visitor) {
  visit([&visitor](parameter& p) { visitor(p.value); });
  for (const auto& one : layers_)
    one->visit_state(visitor);
}

void model::check_images(const tensor& images) const {
  if (images.c == input_.channels && images.h == input_.height && images.w == input_.width) return;
  const auto text = [](image_shape s) {
    return std::to_string(s.channels) + " x " + std::to_string(s.height) + " x " +
           std::to_string(s.width);
  };
  throw error("images: " + text(images.shape()) + ", this model takes " + text(input_));
}

}  // namespace detent_trainer
