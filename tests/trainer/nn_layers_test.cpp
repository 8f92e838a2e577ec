// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Values and gradients of the trainer's layers.

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <vector>

#include <trainer/nn/batch_norm.hpp>
#include <trainer/nn/convolution.hpp>
#include <trainer/nn/dense.hpp>
#include <trainer/nn/global_average_pool.hpp>
#include <trainer/nn/max_pool.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/nn/residual.hpp>
#include <trainer/nn/tensor.hpp>
#include <trainer/nn_check.hpp>

namespace {

using namespace detent_trainer;
using nn_check::check_gradients;
using nn_check::random_tensor;
using nn_check::randomize;
using nn_check::spaced_tensor;

constexpr nn_check::tolerance linear{0.5F, 0};

bool near(double seen, double expected, double scale) {
  return std::fabs(seen - expected) <= 1e-6 * scale;
}

// A convolution as its definition says it.
double plain_convolution(const tensor& x, const std::vector<float>& weight, window w, int image,
                         int channel, int y, int column) {
  double sum = 0;
  for (int c = 0; c < x.c; ++c) {
    for (int i = 0; i < w.side; ++i) {
      for (int j = 0; j < w.side; ++j) {
        const int row = y * w.stride + i - w.padding;
        const int col = column * w.stride + j - w.padding;
        if (row < 0 || row >= x.h || col < 0 || col >= x.w) continue;
        const int tap = ((channel * x.c + c) * w.side + i) * w.side + j;
        sum += static_cast<double>(weight[static_cast<std::size_t>(tap)]) *
               x.image(image)[(c * x.h + row) * x.w + col];
      }
    }
  }
  return sum;
}

struct convolution_case {
  int images, channels, height, width, outputs;
  window kernel;
};

// Widths below and above the block sizes of unfold, one image and several in a group, stride and
// padding.
const std::vector<convolution_case> convolution_cases{
    {3, 2, 7, 6, 3, {3, 1, 0}},   {9, 1, 9, 12, 5, {5, 1, 0}},  {2, 3, 8, 8, 4, {3, 2, 1}},
    {10, 3, 7, 9, 4, {3, 1, 1}},  {1, 2, 24, 25, 2, {5, 1, 2}}, {2, 1, 36, 36, 6, {5, 1, 0}},
    {2, 2, 11, 13, 3, {3, 3, 2}}, {17, 4, 5, 5, 7, {1, 1, 0}},  {1, 1, 5, 5, 1, {5, 1, 0}},
};

TEST_CASE("convolution: agrees with its definition") {
  for (const convolution_case& c : convolution_cases) {
    CAPTURE(c.width);
    CAPTURE(c.kernel.stride);
    CAPTURE(c.kernel.padding);
    const image_shape shape{c.channels, c.height, c.width};
    convolution layer{"conv", shape, c.outputs, c.kernel};
    randomize(layer);
    std::vector<std::vector<float>> values;
    layer.visit([&](parameter& p) { values.push_back(p.value); });
    const tensor x = random_tensor(c.images, c.channels, c.height, c.width, 1);
    const tensor& y = layer.forward(x, false);
    REQUIRE(y.shape().channels == c.outputs);
    REQUIRE(y.h == c.kernel.outputs(c.height));
    REQUIRE(y.w == c.kernel.outputs(c.width));
    bool all_near = true;
    for (int image = 0; image < y.n; ++image) {
      for (int channel = 0; channel < y.c; ++channel) {
        for (int p = 0; p < y.pixels(); ++p) {
          const double expected =
              plain_convolution(x, values[0], c.kernel, image, channel, p / y.w, p % y.w) +
              values[1][static_cast<std::size_t>(channel)];
          const double seen = y.image(image)[channel * y.pixels() + p];
          all_near = all_near && near(seen, expected, c.kernel.taps(shape));
        }
      }
    }
    CHECK(all_near);
  }
}

TEST_CASE("convolution: gradients agree with differences") {
  for (const convolution_case& c : convolution_cases) {
    CAPTURE(c.width);
    CAPTURE(c.kernel.stride);
    CAPTURE(c.kernel.padding);
    convolution layer{"conv", {c.channels, c.height, c.width}, c.outputs, c.kernel};
    randomize(layer);
    check_gradients(layer, random_tensor(c.images, c.channels, c.height, c.width, 2), linear, 4);
  }
}

TEST_CASE("convolution: counts its operations") {
  convolution layer{"conv1", {3, 32, 32}, 6, {5, 1, 0}};
  std::vector<std::string> names;
  layer.visit([&](parameter& p) {
    names.push_back(p.name);
    if (p.name != "conv1.weight") return;
    CHECK(p.quantizable);
    CHECK(p.fan_in == 75);
    CHECK(p.operations == std::size_t{6 * 75 * 28 * 28});
  });
  CHECK(names == std::vector<std::string>{"conv1.weight", "conv1.bias"});
}

TEST_CASE("dense: agrees with its definition") {
  for (const int images : {1, 2, 13}) {
    dense layer{"fc", 11, 9};
    randomize(layer);
    std::vector<std::vector<float>> values;
    layer.visit([&](parameter& p) { values.push_back(p.value); });
    const tensor x = random_tensor(images, 11, 1, 1, 3);
    const tensor& y = layer.forward(x, false);
    REQUIRE(y.n == images);
    REQUIRE(y.features() == 9);
    for (int i = 0; i < images; ++i) {
      for (std::size_t o = 0; o < 9; ++o) {
        double expected = values[1][o];
        for (std::size_t k = 0; k < 11; ++k) {
          expected += static_cast<double>(values[0][o * 11 + k]) * x.image(i)[k];
        }
        CHECK(near(y.image(i)[o], expected, 11));
      }
    }
  }
}

TEST_CASE("dense: gradients agree with differences") {
  for (const int images : {1, 5, 40}) {
    dense layer{"fc", 2 * 3 * 4, 10};
    randomize(layer);
    check_gradients(layer, random_tensor(images, 2, 3, 4, 4), linear, 4);
  }
}

TEST_CASE("dense: computes with the operand where there is one") {
  dense layer{"fc", 2, 1};
  layer.visit([](parameter& p) {
    if (p.quantizable) {
      p.value = {5, 5};
      p.operand = {1, -1};
    }
  });
  tensor x;
  x.resize(1, 2);
  x.data = {3, 7};
  CHECK(layer.forward(x, true).data[0] == -4.0F);
  tensor upstream;
  upstream.resize(1, 1);
  upstream.data = {2};
  CHECK(layer.backward(upstream).data == std::vector<float>{2, -2});
  layer.visit([](parameter& p) {
    if (p.quantizable) CHECK(p.gradient == std::vector<float>{6, 14});
  });
}

TEST_CASE("convolution: computes with the operand where there is one") {
  convolution layer{"conv", {1, 2, 2}, 1, {2, 1, 0}, false};
  layer.visit([](parameter& p) {
    p.value = {9, 9, 9, 9};
    p.operand = {1, 0, 0, -1};
  });
  tensor x;
  x.resize(1, 1, 2, 2);
  x.data = {1, 2, 3, 5};
  CHECK(layer.forward(x, true).data[0] == -4.0F);
  tensor upstream;
  upstream.resize(1, 1, 1, 1);
  upstream.data = {2};
  CHECK(layer.backward(upstream).data == std::vector<float>{2, 0, 0, -2});
}

TEST_CASE("layers: gradients are added to what is there") {
  dense layer{"fc", 3, 2};
  randomize(layer);
  const tensor x = random_tensor(4, 3, 1, 1, 5);
  const tensor upstream = random_tensor(4, 2, 1, 1, 6);
  std::vector<float> once;
  layer.forward(x, true);
  layer.backward(upstream);
  layer.visit([&](parameter& p) { once.insert(once.end(), p.gradient.begin(), p.gradient.end()); });
  layer.backward(upstream);
  std::size_t at = 0;
  layer.visit([&](parameter& p) {
    for (const float g : p.gradient)
      CHECK(near(g, 2 * static_cast<double>(once[at++]), 10));
  });
}

TEST_CASE("relu: cuts at zero, and passes no gradient there") {
  relu layer;
  tensor x;
  x.resize(1, 4);
  x.data = {-2, 0, 3, -0.5F};
  CHECK(layer.forward(x, true).data == std::vector<float>{0, 0, 3, 0});
  tensor upstream;
  upstream.resize(1, 4);
  upstream.data = {1, 2, 3, 4};
  CHECK(layer.backward(upstream).data == std::vector<float>{0, 0, 3, 0});
}

TEST_CASE("relu: gradients agree with differences") {
  relu layer;
  check_gradients(layer, spaced_tensor(9, 2, 3, 5, 7), {1 / 32.0F, 0}, 2);
}

TEST_CASE("max_pool: takes the largest of four and leaves an odd edge out") {
  max_pool layer;
  tensor x;
  x.resize(1, 1, 3, 5);
  x.data = {1, 5, 2, 2, 9,  //
            3, 4, 2, 2, 9,  //
            9, 9, 9, 9, 9};
  const tensor& y = layer.forward(x, true);
  CHECK(y.h == 1);
  CHECK(y.w == 2);
  CHECK(y.data == std::vector<float>{5, 2});
  tensor upstream;
  upstream.resize(1, 1, 1, 2);
  upstream.data = {7, 8};
  // Of equal numbers the first takes all.
  CHECK(layer.backward(upstream).data ==
        std::vector<float>{0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("max_pool: of equal numbers the first takes the gradient, whichever they are") {
  max_pool layer;
  tensor x;
  tensor upstream;
  x.resize(1, 1, 2, 2);
  upstream.resize(1, 1, 1, 1);
  upstream.data = {3};
  for (unsigned largest = 1; largest < 16; ++largest) {
    CAPTURE(largest);
    std::vector<float> expected(4);
    expected[static_cast<std::size_t>(std::countr_zero(largest))] = 3;
    for (unsigned i = 0; i < 4; ++i)
      x.data[i] = (largest >> i) % 2 == 1 ? 2.0F : 1.0F;
    CHECK(layer.forward(x, true).data == std::vector<float>{2});
    CHECK(layer.backward(upstream).data == expected);
  }
}

TEST_CASE("max_pool: gradients agree with differences") {
  for (const int side : {4, 5, 18}) {
    max_pool layer;
    check_gradients(layer, spaced_tensor(3, 2, side, side, 8), {1 / 32.0F, 0}, 2);
  }
}

TEST_CASE("global_average_pool: takes the mean of each channel") {
  global_average_pool layer;
  tensor x;
  x.resize(1, 2, 1, 3);
  x.data = {1, 2, 6, -1, 0, 4};
  CHECK(layer.forward(x, true).data == std::vector<float>{3, 1});
  check_gradients(layer, random_tensor(9, 3, 5, 7, 9), linear, 4);
}

TEST_CASE("batch_norm: training gives every channel mean 0 and deviation 1") {
  batch_norm layer{"bn", 3};
  tensor x = random_tensor(5, 3, 4, 5, 10);
  for (float& number : x.data)
    number = 3 * number + 7;
  const tensor& y = layer.forward(x, true);
  for (int channel = 0; channel < 3; ++channel) {
    double sum = 0;
    double squares = 0;
    for (int image = 0; image < 5; ++image) {
      for (int p = 0; p < 20; ++p) {
        const double number = y.image(image)[channel * 20 + p];
        sum += number;
        squares += number * number;
      }
    }
    CHECK(std::fabs(sum / 100) < 1e-6);
    // Less than one by epsilon over a variance of about three.
    CHECK(std::fabs(squares / 100 - 1) < 1e-5);
  }
}

TEST_CASE("batch_norm: evaluation uses the running statistics and leaves them") {
  batch_norm layer{"bn", 1};
  tensor x;
  x.resize(2, 1, 1, 2);
  x.data = {1, 2, 3, 6};  // mean 3, variance 3.5, unbiased 14/3
  layer.forward(x, true);
  std::vector<std::vector<float>> state;
  const auto read = [&] {
    state.clear();
    layer.visit_state([&](std::vector<float>& numbers) { state.push_back(numbers); });
  };
  read();
  REQUIRE(state.size() == 2);
  const double mean = 0.1 * 3;
  const double variance = 0.9 + 0.1 * 14 / 3;
  CHECK(near(state[0][0], mean, 1));
  CHECK(near(state[1][0], variance, 1));
  const std::vector<std::vector<float>> before = state;
  const tensor& y = layer.forward(x, false);
  for (std::size_t i = 0; i < 4; ++i) {
    const double number = x.data[i];
    CHECK(near(y.data[i], (number - mean) / std::sqrt(variance + batch_norm::epsilon), 10));
  }
  read();
  CHECK(state == before);
}

TEST_CASE("batch_norm: training on request leaves the running statistics, not what it computes") {
  batch_norm layer{"bn", 3};
  const tensor x = random_tensor(4, 3, 3, 6, 11);
  const std::vector<float> expected = layer.forward(x, true).data;
  std::vector<std::vector<float>> state;
  const auto read = [&] {
    state.clear();
    layer.visit_state([&](std::vector<float>& numbers) { state.push_back(numbers); });
    return state;
  };
  const auto before = read();
  layer.keeps_statistics = true;
  CHECK(layer.forward(x, true).data == expected);
  CHECK(read() == before);
  layer.keeps_statistics = false;
  layer.forward(x, true);
  CHECK(read() != before);
}

TEST_CASE("relu: offsets are added in training, and their gradient is the upstream one") {
  relu layer;
  const tensor x = random_tensor(4, 3, 3, 6, 12);
  const std::vector<float> plain = layer.forward(x, true).data;
  layer.offsets.emplace();
  CHECK(layer.forward(x, true).data == plain);
  REQUIRE(layer.offsets->added.size() == plain.size());
  layer.offsets->added.assign(plain.size(), 0.25F);
  layer.offsets->added[5] = -2;
  const std::vector<float> moved = layer.forward(x, true).data;
  for (std::size_t i = 0; i < plain.size(); ++i)
    CHECK(moved[i] == plain[i] + (i == 5 ? -2 : 0.25F));
  const tensor upstream = random_tensor(4, 3, 3, 6, 13);
  const std::vector<float> down = layer.backward(upstream).data;
  CHECK(layer.offsets->gradient == upstream.data);
  for (std::size_t i = 0; i < down.size(); ++i)
    CHECK(down[i] == (x.data[i] > 0 ? upstream.data[i] : 0));
  CHECK(layer.forward(x, false).data == plain);
}

TEST_CASE("batch_norm: gradients agree with differences") {
  batch_norm layer{"bn", 3};
  randomize(layer);
  // Numbers of deviation 0.6 move by up to 1/64: the cubic term is below (1/64 / 0.6)² ~ 1e-3.
  check_gradients(layer, random_tensor(4, 3, 3, 6, 11), {1 / 64.0F, 2e-3}, 4);
}

TEST_CASE("residual: gradients agree with differences") {
  struct block_case {
    int inputs, outputs, stride, side;
  };
  for (const block_case c :
       {block_case{3, 3, 1, 6}, block_case{3, 6, 2, 6}, block_case{2, 4, 2, 7}}) {
    CAPTURE(c.outputs);
    CAPTURE(c.side);
    residual block{"block", {c.inputs, c.side, c.side}, c.outputs, c.stride};
    randomize(block);
    // A step moves the inner numbers, of deviation one, by about a 500th: so many of the
    // rectifiers switch, each with half an error.
    check_gradients(block, random_tensor(6, c.inputs, c.side, c.side, 12), {1 / 512.0F, 1e-2}, 4);
  }
}

TEST_CASE("residual: the shortcut carries every second pixel and adds channels of zeros") {
  residual block{"block", {1, 4, 4}, 2, 2};
  block.visit([](parameter& p) {
    // With scale 0 the convolutions say nothing.
    if (p.name.find("bn2.scale") != std::string::npos) p.value = {0, 0};
  });
  tensor x;
  x.resize(1, 1, 4, 4);
  for (std::size_t i = 0; i < 16; ++i)
    x.data[i] = static_cast<float>(i + 1);
  CHECK(block.forward(x, false).data == std::vector<float>{1, 3, 9, 11, 0, 0, 0, 0});
}

TEST_CASE("residual: visits the layers inside") {
  residual block{"block", {2, 4, 4}, 2, 1};
  int rectifiers = 0;
  int layers = 0;
  block.visit_layers([&](layer& one) {
    ++layers;
    if (dynamic_cast<relu*>(&one) != nullptr) ++rectifiers;
  });
  CHECK(layers == 7);
  CHECK(rectifiers == 2);
}

}  // namespace
