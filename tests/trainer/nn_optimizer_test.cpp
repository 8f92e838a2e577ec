// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The steps of the trainer's optimizers against steps by hand.

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <trainer/nn/dense.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/optimizer.hpp>
#include <trainer/nn/parameter.hpp>

namespace {

using namespace detent_trainer;

// One weight of 2 and one bias of 1.
model small_model() {
  model made{{1, 1, 1}};
  made.add<dense>("fc", 1, 1);
  made.visit([](parameter& p) { p.value = {p.quantizable ? 2.0F : 1.0F}; });
  return made;
}

void set_gradients(model& m, float weight, float bias) {
  m.visit([&](parameter& p) { p.gradient = {p.quantizable ? weight : bias}; });
}

struct numbers {
  double weight, bias;
};

numbers values(model& m) {
  numbers read{};
  m.visit([&](parameter& p) {
    (p.quantizable ? read.weight : read.bias) = static_cast<double>(p.value[0]);
  });
  return read;
}

bool near(double seen, double expected) {
  return std::fabs(seen - expected) < 1e-6;
}

TEST_CASE("sgd: two steps with momentum, and decay of the weight only") {
  model m = small_model();
  sgd descent{{.momentum = 0.5, .weight_decay = 0.1}};
  set_gradients(m, 1, 4);
  descent.step(m, 0.1);
  // v = 1 + 0.1 · 2 = 1.2 and 4
  CHECK(near(values(m).weight, 2 - 0.12));
  CHECK(near(values(m).bias, 1 - 0.4));
  set_gradients(m, -1, 0);
  descent.step(m, 0.2);
  // v = 0.5 · 1.2 - 1 + 0.1 · 1.88 = -0.212 and 2
  CHECK(near(values(m).weight, 1.88 + 0.2 * 0.212));
  CHECK(near(values(m).bias, 0.6 - 0.4));
}

TEST_CASE("sgd: without momentum a step is the rate times the gradient") {
  model m = small_model();
  sgd descent{{.momentum = 0}};
  for (int i = 0; i < 3; ++i) {
    set_gradients(m, 1, -2);
    descent.step(m, 0.25);
  }
  CHECK(near(values(m).weight, 2 - 0.75));
  CHECK(near(values(m).bias, 1 + 1.5));
}

TEST_CASE("adam: the first step has the length of the rate") {
  model m = small_model();
  adam descent;
  set_gradients(m, 1e-3F, -50);
  descent.step(m, 0.01);
  CHECK(near(values(m).weight, 2 - 0.01));
  CHECK(near(values(m).bias, 1 + 0.01));
}

TEST_CASE("adam: two steps by hand, with decay of the weight only") {
  model m = small_model();
  adam descent{{.first_decay = 0.5, .second_decay = 0.75, .epsilon = 0.1, .weight_decay = 0.5}};
  const auto by_hand = [](double w, double first_gradient, double second_gradient, double decay) {
    double m1 = 0;
    double v1 = 0;
    for (int t = 1; t <= 2; ++t) {
      const double g = (t == 1 ? first_gradient : second_gradient) + decay * w;
      m1 = 0.5 * m1 + 0.5 * g;
      v1 = 0.75 * v1 + 0.25 * g * g;
      const double corrected = std::sqrt(v1 / (1 - std::pow(0.75, t))) + 0.1;
      w -= 0.1 * m1 / (1 - std::pow(0.5, t)) / corrected;
    }
    return w;
  };
  set_gradients(m, 1, 4);
  descent.step(m, 0.1);
  set_gradients(m, -3, 1);
  descent.step(m, 0.1);
  CHECK(near(values(m).weight, by_hand(2, 1, -3, 0.5)));
  CHECK(near(values(m).bias, by_hand(1, 4, 1, 0)));
}

}  // namespace
