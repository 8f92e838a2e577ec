// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The loss of the trainer.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/nn/loss.hpp>
#include <trainer/nn/tensor.hpp>
#include <trainer/nn_check.hpp>

namespace {

using namespace detent_trainer;
using labels = std::vector<int>;

tensor outputs_of(int images, std::vector<float> numbers) {
  tensor outputs;
  outputs.resize(images, static_cast<int>(numbers.size()) / images);
  outputs.data = std::move(numbers);
  return outputs;
}

std::string message_of(const tensor& outputs, const labels& given) {
  try {
    softmax_cross_entropy(outputs, given, nullptr);
  } catch (const error& e) {
    return e.what();
  }
  return "no error";
}

TEST_CASE("softmax_cross_entropy: closed-form points") {
  // Equal outputs: log 4. Odds 3 : 1: log(4/3) and log 4.
  CHECK(std::fabs(softmax_cross_entropy(outputs_of(1, {2, 2, 2, 2}), labels{1}, nullptr).loss -
                  std::log(4.0)) < 1e-15);
  const float odds = std::log(3.0F);
  const batch_result both =
      softmax_cross_entropy(outputs_of(2, {odds, 0, odds, 0}), labels{0, 1}, nullptr);
  CHECK(std::fabs(both.loss - (std::log(4.0 / 3) + std::log(4.0)) / 2) < 1e-7);
  CHECK(both.correct == 1);
}

TEST_CASE("softmax_cross_entropy: the gradient is the probability less the label, over the batch") {
  tensor gradient;
  const float odds = std::log(3.0F);
  softmax_cross_entropy(outputs_of(2, {odds, 0, 0, odds}), labels{0, 0}, &gradient);
  const std::vector<double> expected{-0.125, 0.125, -0.375, 0.375};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::fabs(static_cast<double>(gradient.data[i]) - expected[i]) < 1e-7);
  }
}

TEST_CASE("softmax_cross_entropy: the gradient agrees with differences") {
  tensor outputs = nn_check::random_tensor(5, 10, 1, 1, 20);
  const labels given{3, 0, 9, 3, 7};
  tensor gradient;
  softmax_cross_entropy(outputs, given, &gradient);
  const std::vector<float> direction = nn_check::direction_for(gradient.data, 21);
  const double slope = nn_check::slope_along(outputs.data, direction, 1 / 64.0F, [&] {
    return softmax_cross_entropy(outputs, given, nullptr).loss;
  });
  // Third derivatives are below one: (1/64)² / 6 for a direction of entries up to 1, and the
  // loss is computed in double from outputs that are rounded once.
  CHECK(std::fabs(nn_check::dot(gradient.data, direction) - slope) < 5e-5);
  CHECK(std::fabs(slope) > 5e-2);
}

TEST_CASE("softmax_cross_entropy: huge outputs stay finite") {
  tensor gradient;
  const batch_result result =
      softmax_cross_entropy(outputs_of(1, {1e30F, -1e30F, 0}), labels{0}, &gradient);
  CHECK(result.loss == 0.0);
  CHECK(result.correct == 1);
  CHECK(gradient.data == std::vector<float>{0, 0, 0});
}

TEST_CASE("softmax_cross_entropy: outputs that are not numbers give a loss that is none") {
  const batch_result result =
      softmax_cross_entropy(outputs_of(1, {std::nanf(""), 1, 0}), labels{1}, nullptr);
  CHECK(std::isnan(result.loss));
}

TEST_CASE("softmax_cross_entropy: rejects labels out of range and batches of another size") {
  CHECK(message_of(outputs_of(1, {0, 0, 0}), {3}) == "labels: 3 is not in [0, 2]");
  CHECK(message_of(outputs_of(1, {0, 0, 0}), {0, 1}) == "labels: 2 given for a batch of 1 images");
  CHECK(message_of(outputs_of(1, {0, 0, 0}), {2}) == "no error");
}

}  // namespace
