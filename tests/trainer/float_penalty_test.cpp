// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Penalties in full precision: values by plain loops, gradients by differences, nothing disturbed.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <detent/detent.hpp>
#include <trainer/float_penalty.hpp>
#include <trainer/nn/architectures.hpp>
#include <trainer/nn/dense.hpp>
#include <trainer/nn/initialize.hpp>
#include <trainer/nn/loss.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/nn/tensor.hpp>
#include <trainer/nn_check.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>
#include <trainer/tiny_run.hpp>

namespace {

using namespace detent_trainer;
using tiny_run::finetuned;
using tiny_run::options;

settings with_strength(const char* method, double strength, double for_activations = 0) {
  settings s = options(method);
  s.strength = strength;
  s.activation_strength = for_activations;
  return s;
}

/// A model and a batch, with a step's forward and backward pass.
class batch_of_model {
 public:
  explicit batch_of_model(const char* name, image_shape shape = {1, 28, 28}, int images = 16)
      : batch_of_model{make_model(name, shape, 10, 5), shape, images} {}

  batch_of_model(model made, image_shape shape, int images)
      : m{std::move(made)},
        images_{nn_check::random_tensor(images, shape.channels, shape.height, shape.width, 3)} {
    for (int i = 0; i < images; ++i)
      labels_.push_back(7 * i % 10);
  }

  void evaluate() {
    softmax_cross_entropy(m.forward(images_, true), labels_, &output_gradient_);
    m.backward(output_gradient_);
  }

  /// Gradient of the loss, then what the penalty adds to it.
  penalty_figures add(float_penalty& penalty, bool measured = false) {
    m.zero_gradients();
    evaluate();
    loss_gradient = gradients();
    const auto figures = penalty.add([&] { evaluate(); }, measured);
    added = gradients();
    for (std::size_t t = 0; t < added.size(); ++t) {
      for (std::size_t i = 0; i < added[t].size(); ++i)
        added[t][i] -= loss_gradient[t][i];
    }
    return figures;
  }

  /// Weights along what was added, times a share.
  void move(float share) {
    std::size_t t = 0;
    m.visit([&](parameter& p) {
      for (std::size_t i = 0; i < p.value.size(); ++i)
        p.value[i] += share * added[t][i];
      ++t;
    });
  }

  model::weights gradients() {
    model::weights all;
    m.visit([&](const parameter& p) { all.push_back(p.gradient); });
    return all;
  }

  model m;
  model::weights loss_gradient, added;

 private:
  tensor images_, output_gradient_;
  std::vector<int> labels_;
};

double squared(const model::weights& all) {
  double sum = 0;
  for (const auto& one : all)
    sum += nn_check::dot(one, one);
  return sum;
}

/// A network whose rectifier never switches: every unit has a bias far above what it may get.
model without_kinks() {
  model m{{1, 4, 4}};
  m.add<dense>("fc1", 16, 12);
  m.add<relu>();
  m.add<dense>("fc2", 12, 10);
  std::uint64_t stream = 0;
  m.visit([&](parameter& p) {
    if (p.quantizable) initialize_weight(p, 2, stream++);
    if (p.name == "fc1.bias") std::fill(p.value.begin(), p.value.end(), 3.0F);
  });
  return m;
}

/// Σ over the weights of products: Σ|g|, or √Σg².
double norm_by_hand(model& m, const char* method) {
  double sum = 0;
  m.visit([&](const parameter& p) {
    if (!p.quantizable) return;
    double own = 0;
    for (const float g : p.gradient)
      own += std::string(method) == "gradl1" ? std::abs(g) : static_cast<double>(g) * g;
    sum += std::string(method) == "gradl1" ? own : std::sqrt(own);
  });
  return sum;
}

bool near(double value, double expected, double share) {
  const bool good = std::abs(value - expected) <= share * std::abs(expected);
  if (!good) MESSAGE("value: ", value, "   expected: ", expected);
  return good;
}

}  // namespace

TEST_CASE("float_penalty: a gradient norm is that of the weights of products, layer by layer") {
  for (const char* method : {"gradl1", "gradl2"}) {
    CAPTURE(method);
    batch_of_model b{"mlp"};
    b.evaluate();
    const double expected = norm_by_hand(b.m, method);
    float_penalty penalty{b.m, with_strength(method, 0.5)};
    CHECK(near(b.add(penalty).value, expected, 1e-6));
  }
}

TEST_CASE("float_penalty: a gradient norm changes by its gradient, within the error it tells") {
  for (const char* method : {"gradl1", "gradl2"}) {
    for (const double for_activations : {0.0, 0.25}) {
      CAPTURE(method);
      CAPTURE(for_activations);
      batch_of_model b{without_kinks(), {1, 4, 4}, 16};
      float_penalty penalty{b.m, with_strength(method, 0.5, for_activations)};
      // A step of 2^-7 of the weights, chosen for networks with kinks, errs by a few percent, and
      // knows.
      const double error = b.add(penalty, true).difference_error;
      CHECK(error > 1e-3);
      CHECK(error < 0.15);
      const double slope = squared(b.added);
      REQUIRE(slope > 0);
      // Weights move by a thousandth of themselves, all along the steepest way.
      const float step = static_cast<float>(1e-3 * std::sqrt(squared(b.m.state()) / slope));
      b.move(step);
      const auto kept = b.added;
      const double above = 0.5 * b.add(penalty).value;
      b.added = kept;
      b.move(-2 * step);
      const double below = 0.5 * b.add(penalty).value;
      CHECK(near((above - below) / (2 * static_cast<double>(step)), slope, 1.5 * error));
    }
  }
}

TEST_CASE("float_penalty: the activations' gradients count, and no offset is left") {
  batch_of_model b{"mlp"};
  float_penalty weights{b.m, with_strength("gradl1", 0.5)};
  const double of_weights = b.add(weights).value;
  b.m.for_each_relu([](relu& r) { CHECK_FALSE(r.offsets.has_value()); });
  {
    float_penalty both{b.m, with_strength("gradl1", 0.5, 0.25)};
    const double value = b.add(both).value;
    double of_activations = 0;
    b.m.for_each_relu([&](relu& r) {
      REQUIRE(r.offsets.has_value());
      REQUIRE(r.offsets->added.size() == r.output().size());
      for (const float offset : r.offsets->added)
        REQUIRE(offset == 0);
      for (const float g : r.offsets->gradient)
        of_activations += std::abs(g);
    });
    CHECK(of_activations > 0);
    CHECK(near(value, of_weights + 0.5 * of_activations, 1e-6));
    float_penalty alone{b.m, with_strength("gradl1", 0, 0.25)};
    CHECK(near(b.add(alone).value, of_activations, 1e-6));
    CHECK(squared(b.added) > 0);
  }
  b.m.for_each_relu([](relu& r) { CHECK_FALSE(r.offsets.has_value()); });
}

TEST_CASE("float_penalty: weights and batch statistics are what they were, bit for bit") {
  batch_of_model b{"resnet20", {3, 16, 16}, 8};
  b.evaluate();
  const auto before = b.m.state();
  float_penalty penalty{b.m, with_strength("gradl1", 0.5, 0.5)};
  const auto plain = [&] {
    b.m.load(before);
    b.m.zero_gradients();
    b.evaluate();
    return b.m.state();
  }();
  REQUIRE(plain != before);  // a step of its own moves the statistics
  b.m.load(before);
  const auto figures = b.add(penalty, true);
  CHECK(b.m.state() == plain);
  CHECK(squared(b.added) > 0);
  CHECK(figures.difference_error > 0);
  b.m.load(before);
  CHECK(std::isnan(b.add(penalty).difference_error));
}

TEST_CASE("float_penalty: an evaluation that throws leaves everything as it was") {
  batch_of_model b{"resnet20", {3, 16, 16}, 4};
  float_penalty penalty{b.m, with_strength("gradl1", 0.5)};
  b.m.zero_gradients();
  b.evaluate();
  const auto before = b.m.state();
  const auto gradients = b.gradients();
  CHECK_THROWS_AS(penalty.add(
                      [&] {
                        b.evaluate();
                        throw std::runtime_error("interrupted");
                      },
                      false),
                  std::runtime_error);
  CHECK(b.m.state() == before);
  CHECK(b.gradients() == gradients);
  b.evaluate();
  CHECK(b.m.state() != before);  // statistics move again
}

TEST_CASE("float_penalty: kurtosis and bins by plain loops, and their gradients by differences") {
  for (const char* method : {"kure", "bin"}) {
    CAPTURE(method);
    batch_of_model b{"mlp"};
    float_penalty penalty{b.m, with_strength(method, 2)};
    const double value = b.add(penalty).value;
    double expected = 0;
    b.m.visit([&](const parameter& p) {
      if (!p.quantizable) return;
      const double count = static_cast<double>(p.value.size());
      if (std::string(method) == "kure") {
        double mean = 0, second = 0, fourth = 0;
        for (const float w : p.value)
          mean += static_cast<double>(w) / count;
        for (const float w : p.value) {
          const double square = (w - mean) * (w - mean);
          second += square / count;
          fourth += square * square / count;
        }
        expected += std::pow(fourth / (second * second) - 1.8, 2);
        return;
      }
      const auto unit = detent::wrpn_grid(detent::bits{3});
      const auto grid = unit.scaled(detent::fit_range(unit, p.value));
      std::vector<double> squares(7), counts(7);
      for (const float w : p.value) {
        const int code = grid.code(static_cast<double>(w));
        const auto bin = static_cast<std::size_t>(code - grid.lowest_code());
        squares[bin] += std::pow(w - grid.level(code), 2);
        ++counts[bin];
      }
      for (std::size_t i = 0; i < 7; ++i)
        expected += counts[i] > 0 ? squares[i] / counts[i] : 0;
    });
    CHECK(near(value, expected, 1e-5));

    const double slope = squared(b.added);
    const float step = static_cast<float>(1e-3 * std::sqrt(squared(b.m.state()) / slope));
    b.move(step);
    const auto kept = b.added;
    const double above = 2 * b.add(penalty).value;
    b.added = kept;
    b.move(-2 * step);
    const double below = 2 * b.add(penalty).value;
    // Weights that change their bin make the bins' penalty jump.
    const double share = std::string(method) == "kure" ? 5e-3 : 0.1;
    CHECK(near((above - below) / (2 * static_cast<double>(step)), slope, share));
  }
}

TEST_CASE("float_penalty: a run with strength 0, and one up to the start epoch, is a plain one") {
  settings plain = options("none");
  plain.epochs = 2;
  const run_result expected = finetuned(plain);
  for (const char* method : {"gradl1", "gradl2", "kure", "bin"}) {
    CAPTURE(method);
    settings s = with_strength(method, 0);
    s.epochs = 2;
    const run_result none = finetuned(s);
    REQUIRE(none.history.size() == 2);
    CHECK(none.history[1].task_loss == expected.history[1].task_loss);
    CHECK(none.test_accuracy == expected.test_accuracy);
    CHECK(none.bits == 32);
    CHECK(none.forward == "float");
    s.strength = 5;
    s.start_epoch = 2;
    const run_result late = finetuned(s);
    CHECK(late.history[0].task_loss == expected.history[0].task_loss);
    CHECK(late.history[0].validation_accuracy == expected.history[0].validation_accuracy);
    CHECK(late.history[0].penalty == 0);
    CHECK(late.history[0].strength == 0);
    CHECK(late.history[1].task_loss != expected.history[1].task_loss);
    CHECK(late.history[1].penalty > 0);
    CHECK(late.history[1].strength == 5);
    CHECK(late.start_epoch == 2);
    CHECK(late.regularizer_share > 0);
    CHECK(std::isfinite(late.history[1].difference_error) == s.penalizes_gradients());
    CHECK(std::isnan(late.history[0].difference_error));
  }
}

TEST_CASE(
    "float_penalty: runs do not depend on the number of threads, and bring the penalty down") {
  for (const char* method : {"gradl1", "gradl2", "kure", "bin"}) {
    CAPTURE(method);
    settings s = with_strength(method, 0.05, std::string(method).starts_with("g") ? 0.01 : 0);
    if (std::string(method) == "bin") s.strength = 50;
    s.epochs = 3;
    s.learning_rate = 0.005;
    s.ptq = {{4, 4}};
    const run_result one = finetuned(s);
    s.threads = 3;
    const run_result three = finetuned(s);
    for (std::size_t e = 0; e < 3; ++e) {
      CHECK(one.history[e].task_loss == three.history[e].task_loss);
      CHECK(one.history[e].penalty == three.history[e].penalty);
    }
    CHECK(one.post_training.at(0).test_accuracy == three.post_training.at(0).test_accuracy);
    settings weak = s;
    weak.strength = 1e-6;
    weak.activation_strength = 0;
    CHECK(one.history.back().penalty < finetuned(weak).history.back().penalty);
  }
}
