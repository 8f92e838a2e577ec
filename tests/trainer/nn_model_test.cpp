// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Whole models of the trainer: construction, gradients, determinism, state.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/nn/architectures.hpp>
#include <trainer/nn/initialize.hpp>
#include <trainer/nn/loss.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/optimizer.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/nn/tensor.hpp>
#include <trainer/nn_check.hpp>

namespace {

using namespace detent_trainer;
using nn_check::random_tensor;
using labels = std::vector<int>;

labels some_labels(int count) {
  labels made;
  for (int i = 0; i < count; ++i)
    made.push_back(static_cast<std::uint8_t>(7 * i % 10));
  return made;
}

model::weights gradients_of(model& m) {
  model::weights gradients;
  m.visit([&](parameter& p) { gradients.push_back(p.gradient); });
  return gradients;
}

template <class F>
std::string message_of(F f) {
  try {
    f();
  } catch (const error& e) {
    return e.what();
  }
  return "no error";
}

// Weights, gradients and outputs after a step.
model::weights one_step_of(std::string_view name, image_shape shape, int threads, int images) {
  model m = make_model(name, shape, 10, 3);
  m.set_threads(threads);
  sgd descent;
  const tensor x = random_tensor(images, shape.channels, shape.height, shape.width, 40);
  tensor gradient;
  softmax_cross_entropy(m.forward(x, true), some_labels(images), &gradient);
  m.zero_gradients();
  m.backward(gradient);
  descent.step(m, 0.05);
  model::weights all = m.state();
  for (auto& one : gradients_of(m))
    all.push_back(one);
  all.push_back(m.forward(x, false).data);
  return all;
}

TEST_CASE("make_model: every model takes MNIST and CIFAR images") {
  for (const std::string_view name : model_names) {
    for (const image_shape shape : {image_shape{1, 28, 28}, image_shape{3, 32, 32}}) {
      CAPTURE(std::string{name});
      model m = make_model(name, shape, 10, 1);
      const tensor x = random_tensor(2, shape.channels, shape.height, shape.width, 41);
      tensor gradient;
      const tensor& y = m.forward(x, true);
      CHECK(y.n == 2);
      CHECK(y.features() == 10);
      softmax_cross_entropy(y, labels{1, 2}, &gradient);
      m.backward(gradient);
      m.visit([](parameter& p) {
        INFO(p.name);
        bool moved = false;
        for (const float g : p.gradient)
          moved = moved || g != 0;
        CHECK(moved);
      });
    }
  }
}

TEST_CASE("make_model: parameters and operations are those of the papers") {
  struct expected {
    std::string_view name;
    image_shape shape;
    std::size_t weights, operations;
  };
  // simplenet: 450 + 2400 + 48000 + 10080 + 840; resnet20: 0.27 M weights, 41 M operations.
  const std::size_t r1 = 3 * 16 * 9 + 6 * 16 * 16 * 9;
  const std::size_t r2 = 16 * 32 * 9 + 5 * 32 * 32 * 9;
  const std::size_t r3 = 32 * 64 * 9 + 5 * 64 * 64 * 9;
  for (const expected& e : {
           expected{"mlp", {1, 28, 28}, 784 * 256 + 256 * 128 + 1280, 784 * 256 + 256 * 128 + 1280},
           expected{"lenet5",
                    {1, 28, 28},
                    800 + 51200 + 1024 * 512 + 5120,
                    800 * 576 + 51200 * 64 + 1024 * 512 + 5120},
           expected{"simplenet",
                    {3, 32, 32},
                    450 + 2400 + 48000 + 10080 + 840,
                    450 * 784 + 2400 * 100 + 48000 + 10080 + 840},
           expected{
               "resnet20", {3, 32, 32}, r1 + r2 + r3 + 640, r1 * 1024 + r2 * 256 + r3 * 64 + 640},
       }) {
    CAPTURE(std::string{e.name});
    model m = make_model(e.name, e.shape, 10, 1);
    std::size_t weights = 0;
    std::size_t operations = 0;
    m.visit([&](parameter& p) {
      operations += p.operations;
      if (p.quantizable) weights += p.value.size();
    });
    CHECK(weights == e.weights);
    CHECK(operations == e.operations);
  }
}

TEST_CASE("make_model: names its parameters") {
  std::vector<std::string> names;
  make_model("simplenet", {3, 32, 32}, 10, 1).visit([&](parameter& p) { names.push_back(p.name); });
  CHECK(names == std::vector<std::string>{"conv1.weight", "conv1.bias", "conv2.weight",
                                          "conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight",
                                          "fc2.bias", "fc3.weight", "fc3.bias"});
  names.clear();
  make_model("resnet20", {3, 32, 32}, 10, 1).visit([&](parameter& p) {
    if (p.quantizable) names.push_back(p.name);
  });
  REQUIRE(names.size() == 20);
  CHECK(names[0] == "conv1.weight");
  CHECK(names[1] == "stage1.block1.conv1.weight");
  CHECK(names[18] == "stage3.block3.conv2.weight");
  CHECK(names[19] == "fc.weight");
}

TEST_CASE("make_model: rejects unknown names, small images and less than two classes") {
  CHECK(message_of([] {
          make_model("vgg", {3, 32, 32}, 10, 1);
        }) == "model: 'vgg' is none of mlp, lenet5, simplenet, resnet20");
  CHECK(message_of([] {
          make_model("mlp", {3, 15, 32}, 10, 1);
        }) == "images: 3 x 15 x 32, at least 1 x 16 x 16 is needed");
  CHECK(message_of([] { make_model("mlp", {3, 32, 32}, 1, 1); }) == "classes: 1 is not at least 2");
  CHECK(message_of([] { make_model("lenet5", {1, 16, 16}, 2, 1); }) == "no error");
}

TEST_CASE("model: rejects images of another shape and no threads") {
  model m = make_model("mlp", {1, 28, 28}, 10, 1);
  const tensor x = random_tensor(1, 3, 28, 28, 42);
  CHECK(message_of([&] { m.forward(x, false); }) ==
        "images: 3 x 28 x 28, this model takes 1 x 28 x 28");
  CHECK(message_of([&] { m.set_threads(0); }) == "threads: 0 is not at least 1");
}

TEST_CASE("initialize_weight: normal numbers of deviation sqrt(1 / (3 fan_in))") {
  double sum = 0;
  double squares = 0;
  double fourth = 0;
  constexpr int count = 100'000;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double x = normal_number(5, 6, i);
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  // Five deviations of each mean: sqrt(1/n), sqrt(2/n), sqrt(96/n).
  CHECK(std::fabs(sum / count) < 5 * std::sqrt(1.0 / count));
  CHECK(std::fabs(squares / count - 1) < 5 * std::sqrt(2.0 / count));
  CHECK(std::fabs(fourth / count - 3) < 5 * std::sqrt(96.0 / count));

  parameter p{"fc.weight", 2, 0.0F};
  p.fan_in = 12;  // sqrt(1/36)
  initialize_weight(p, 5, 6);
  for (std::uint64_t i = 0; i < 2; ++i) {
    const double expected = normal_number(5, 6, i) / 6;
    CHECK(std::fabs(p.value[i] - expected) <= 1e-7 * std::fabs(expected));
  }
}

TEST_CASE("make_model: the seed decides the weights") {
  const auto weights = [](std::uint64_t seed) {
    return make_model("simplenet", {1, 28, 28}, 10, seed).state();
  };
  CHECK(weights(1) == weights(1));
  CHECK(weights(1) != weights(2));
  const model::weights one = weights(1);
  for (const float bias : one[1])
    CHECK(bias == 0.0F);
  CHECK(one[0][0] != one[2][0]);
}

// Weights of deviation sqrt(2 / fan_in): with make_model's flatter ones the loss changes so little
// that its float outputs drown the differences.
model steep_model(std::string_view name, image_shape shape, std::uint64_t seed) {
  model m = make_model(name, shape, 10, seed);
  m.visit([](parameter& p) {
    if (!p.quantizable) return;
    for (float& value : p.value)
      value *= std::sqrt(6.0F);
  });
  return m;
}

// Along a direction of a tenth of the weights' size some rectifiers and maxima switch; each adds
// an error of the order of the step, so the slope by differences is good to a few per cent.
TEST_CASE("model: gradients agree with differences") {
  for (const std::string_view name : model_names) {
    CAPTURE(std::string{name});
    const image_shape shape{2, 16, 16};
    constexpr int images = 6;
    model m = steep_model(name, shape, 4);
    const tensor x = random_tensor(images, 2, 16, 16, 43);
    tensor gradient;
    const auto loss = [&] {
      return softmax_cross_entropy(m.forward(x, true), some_labels(images), &gradient).loss;
    };
    loss();
    m.zero_gradients();
    m.backward(gradient);
    const model::weights gradients = gradients_of(m);
    std::size_t place = 0;
    m.visit([&](parameter& p) {
      INFO(p.name);
      const std::vector<float>& g = gradients[place++];
      const std::vector<float> direction = nn_check::direction_for(g, 44);
      const double expected = nn_check::dot(g, direction);
      // A step that changes the loss by about 2e-3, far above the rounding of its float outputs.
      const auto step = static_cast<float>(1e-3 / std::fabs(expected));
      const double slope = nn_check::slope_along(p.value, direction, step, loss);
      CHECK(std::fabs(slope - expected) < 0.05 * std::fabs(expected));
    });
  }
}

TEST_CASE("model: the same bits for 1, 2 and 3 threads") {
  for (const std::string_view name : model_names) {
    CAPTURE(std::string{name});
    // Shards of two and three images; of one image or none.
    const image_shape shape{1, 18, 16};
    const int images = name == "lenet5" ? 5 : 19;
    const model::weights one = one_step_of(name, shape, 1, images);
    CHECK(one == one_step_of(name, shape, 2, images));
    CHECK(one == one_step_of(name, shape, 3, images));
  }
}

TEST_CASE("model: the number of threads may change between forward and backward") {
  model m = make_model("simplenet", {1, 20, 20}, 10, 5);
  const tensor x = random_tensor(9, 1, 20, 20, 45);
  tensor gradient;
  softmax_cross_entropy(m.forward(x, true), some_labels(9), &gradient);
  m.backward(gradient);
  const model::weights expected = gradients_of(m);
  m.zero_gradients();
  m.forward(x, true);
  m.set_threads(3);
  m.backward(gradient);
  CHECK(gradients_of(m) == expected);
}

TEST_CASE("model: models in threads of their own do not meet") {
  const image_shape shape{1, 20, 18};
  const model::weights alone = one_step_of("lenet5", shape, 1, 9);
  std::vector<model::weights> side_by_side(3);
  std::vector<std::thread> threads;
  for (model::weights& result : side_by_side) {
    threads.emplace_back([&result, shape] { result = one_step_of("lenet5", shape, 1, 9); });
  }
  for (std::thread& one : threads)
    one.join();
  for (const model::weights& result : side_by_side)
    CHECK(result == alone);
}

TEST_CASE("model: batches may change their size") {
  model m = make_model("simplenet", {1, 20, 20}, 10, 5);
  const tensor large = random_tensor(12, 1, 20, 20, 46);
  tensor small = random_tensor(3, 1, 20, 20, 46);
  const std::vector<float> of_small = m.forward(small, false).data;
  const std::vector<float> of_large = m.forward(large, false).data;
  CHECK(m.forward(small, false).data == of_small);
  // The first images of both batches are the same.
  for (std::size_t i = 0; i < of_small.size(); ++i) {
    CHECK(std::fabs(of_small[i] - of_large[i]) <= 1e-5F);
  }
}

TEST_CASE("model: a saved state brings back the outputs, running statistics included") {
  model m = make_model("resnet20", {1, 16, 16}, 10, 6);
  const tensor x = random_tensor(4, 1, 16, 16, 47);
  m.forward(x, true);  // moves the running statistics
  const std::vector<float> before = m.forward(x, false).data;
  const model::weights saved = m.state();
  model other = make_model("resnet20", {1, 16, 16}, 10, 7);
  CHECK(other.forward(x, false).data != before);
  other.load(saved);
  CHECK(other.forward(x, false).data == before);
  CHECK(other.state() == saved);
}

TEST_CASE("model: rejects the state of another model and stays as it was") {
  model m = make_model("mlp", {1, 28, 28}, 10, 1);
  const model::weights before = m.state();
  model::weights wrong = make_model("lenet5", {1, 28, 28}, 10, 1).state();
  CHECK(message_of([&] { m.load(wrong); }) == "state: 8 tensors, this model has 6");
  wrong = make_model("mlp", {1, 28, 28}, 9, 2).state();
  CHECK(message_of([&] { m.load(wrong); }) ==
        "state: tensor 4 has 1152 numbers, this model's has 1280");
  CHECK(m.state() == before);
}

TEST_CASE("model: for_each_relu finds every rectifier") {
  const auto count = [](std::string_view name) {
    int found = 0;
    make_model(name, {3, 32, 32}, 10, 1).for_each_relu([&](relu&) { ++found; });
    return found;
  };
  CHECK(count("mlp") == 2);
  CHECK(count("lenet5") == 3);
  CHECK(count("simplenet") == 4);
  CHECK(count("resnet20") == 19);
}

TEST_CASE("model: training learns random labels by heart") {
  model m = steep_model("simplenet", {1, 16, 16}, 8);
  sgd descent;
  const tensor x = random_tensor(16, 1, 16, 16, 48);
  tensor gradient;
  batch_result result;
  for (int step = 0; step < 60; ++step) {
    result = softmax_cross_entropy(m.forward(x, true), some_labels(16), &gradient);
    m.zero_gradients();
    m.backward(gradient);
    descent.step(m, 0.02);
  }
  CHECK(result.correct == 16);
  CHECK(result.loss < 0.1);
}

}  // namespace
