// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The layers of every model by name.

#include <cstdint>
#include <string>
#include <string_view>

#include <trainer/error.hpp>
#include <trainer/image_shape.hpp>
#include <trainer/nn/architectures.hpp>
#include <trainer/nn/batch_norm.hpp>
#include <trainer/nn/convolution.hpp>
#include <trainer/nn/dense.hpp>
#include <trainer/nn/global_average_pool.hpp>
#include <trainer/nn/initialize.hpp>
#include <trainer/nn/max_pool.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/nn/residual.hpp>

namespace detent_trainer {

namespace {

void add_dense(model& m, const std::string& name, int outputs) {
  const image_shape in = m.output_shape();
  m.add<dense>(name, in.channels * in.height * in.width, outputs);
}

void add_dense_relu(model& m, const std::string& name, int outputs) {
  add_dense(m, name, outputs);
  m.add<relu>();
}

// The rectifier follows the pool: the same function as the other way round, on a quarter of the
// numbers.
void add_convolution_pool_relu(model& m, const std::string& name, int channels) {
  m.add<convolution>(name, m.output_shape(), channels, window{.side = 5});
  m.add<max_pool>();
  m.add<relu>();
}

// 256-128-classes.
void add_mlp(model& m, int classes) {
  add_dense_relu(m, "fc1", 256);
  add_dense_relu(m, "fc2", 128);
  add_dense(m, "fc3", classes);
}

// 32C5-MP2-64C5-MP2-512FC-classes, without padding: the LeNet-5 of the quantization papers.
void add_lenet5(model& m, int classes) {
  add_convolution_pool_relu(m, "conv1", 32);
  add_convolution_pool_relu(m, "conv2", 64);
  add_dense_relu(m, "fc1", 512);
  add_dense(m, "fc2", classes);
}

// 6C5-MP2-16C5-MP2-120-84-classes, without padding: the network of SinReQ's authors.
void add_simplenet(model& m, int classes) {
  add_convolution_pool_relu(m, "conv1", 6);
  add_convolution_pool_relu(m, "conv2", 16);
  add_dense_relu(m, "fc1", 120);
  add_dense_relu(m, "fc2", 84);
  add_dense(m, "fc3", classes);
}

// He et al. 2016, section 4.2, with n = 3.
void add_resnet20(model& m, int classes) {
  m.add<convolution>("conv1", m.output_shape(), 16, window{.side = 3, .padding = 1}, false);
  m.add<batch_norm>("bn1", 16);
  m.add<relu>();
  int channels = 16;
  for (int stage = 1; stage <= 3; ++stage, channels *= 2) {
    for (int block = 1; block <= 3; ++block) {
      const std::string name = "stage" + std::to_string(stage) + ".block" + std::to_string(block);
      const int stride = stage > 1 && block == 1 ? 2 : 1;
      m.add<residual>(name, m.output_shape(), channels, stride);
    }
  }
  m.add<global_average_pool>();
  add_dense(m, "fc", classes);
}

std::string names_in_words() {
  std::string words;
  for (const std::string_view name : model_names)
    words += (words.empty() ? "" : ", ") + std::string{name};
  return words;
}

}  // namespace

model make_model(std::string_view name, image_shape input, int classes, std::uint64_t seed) {
  if (classes < 2) throw error("classes: " + std::to_string(classes) + " is not at least 2");
  constexpr int smallest = 16;  // two convolutions of 5 and two pools leave one pixel
  if (input.channels < 1 || input.height < smallest || input.width < smallest) {
    throw error("images: " + std::to_string(input.channels) + " x " + std::to_string(input.height) +
                " x " + std::to_string(input.width) + ", at least 1 x 16 x 16 is needed");
  }
  model made{input};
  if (name == "mlp") {
    add_mlp(made, classes);
  } else if (name == "lenet5") {
    add_lenet5(made, classes);
  } else if (name == "simplenet") {
    add_simplenet(made, classes);
  } else if (name == "resnet20") {
    add_resnet20(made, classes);
  } else {
    throw error("model: '" + std::string{name} + "' is none of " + names_in_words());
  }
  std::uint64_t stream = 0;
  made.visit([&](parameter& p) {
    if (p.quantizable) initialize_weight(p, seed, stream);
    ++stream;
  });
  return made;
}

}  // namespace detent_trainer
