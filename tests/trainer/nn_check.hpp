// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Random tensors and the derivative check that the tests of the trainer's layers share.

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <trainer/data/random.hpp>
#include <trainer/nn/layer.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/nn/tensor.hpp>

namespace nn_check {

using detent_trainer::counter_random;
using detent_trainer::layer;
using detent_trainer::parameter;
using detent_trainer::tensor;

inline std::vector<float> random_numbers(std::size_t count, std::uint64_t stream) {
  counter_random random{7, stream, 0};
  std::vector<float> numbers(count);
  for (float& number : numbers)
    number = random.between(-1, 1);
  return numbers;
}

inline tensor random_tensor(int n, int c, int h, int w, std::uint64_t stream) {
  tensor made;
  made.resize(n, c, h, w);
  made.data = random_numbers(made.size(), stream);
  return made;
}

/// Distinct numbers at least 1/8 apart from each other and 1/16 from 0: a small step crosses no
/// kink of a rectifier or a maximum.
inline tensor spaced_tensor(int n, int c, int h, int w, std::uint64_t stream) {
  tensor made;
  made.resize(n, c, h, w);
  const auto count = static_cast<std::uint32_t>(made.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    made.data[i] = (static_cast<float>(i) - static_cast<float>(count / 2) + 0.5F) / 8;
  }
  counter_random random{7, stream, 1};
  for (std::uint32_t i = count; i > 1; --i)
    std::swap(made.data[i - 1], made.data[random.below(i)]);
  return made;
}

inline double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

/// A direction of entries up to 1: half the gradient's own, so that the slope along it is large,
/// and half random, so that no wrong entry goes unseen.
inline std::vector<float> direction_for(const std::vector<float>& gradient, std::uint64_t stream) {
  float largest = 0;
  for (const float g : gradient)
    largest = std::max(largest, std::fabs(g));
  std::vector<float> direction = random_numbers(gradient.size(), stream);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    direction[i] = (direction[i] + (largest > 0 ? gradient[i] / largest : 0)) / 2;
  }
  return direction;
}

/// Slope of a function of `numbers` along `direction` by a central difference over ± step.
inline double slope_along(std::vector<float>& numbers, const std::vector<float>& direction,
                          float step, const std::function<double()>& value) {
  const std::vector<float> kept = numbers;
  const auto value_at = [&](float distance) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      numbers[i] = kept[i] + distance * direction[i];
    }
    return value();
  };
  const double difference = value_at(step) - value_at(-step);
  numbers = kept;
  return difference / (2.0 * static_cast<double>(step));
}

/// How far a central difference of a layer may be from its slope.
struct tolerance {
  float step;
  double truncation;  ///< relative error of the difference in exact arithmetic, 0 for linear maps
};

/// Checks the gradients of the input and of every parameter for the loss Σ projection · output.
///
/// Outputs are float, each off by about `sums` roundings of its own size that have nothing to do
/// with one another. So five deviations of the difference, beside its truncation, are
/// 5 · sums · eps · sqrt(Σ (projection · output)²) / step.
inline void check_gradients(layer& checked, tensor input, tolerance allowed, int sums) {
  tensor projection;
  projection.resize_like(checked.forward(input, true));
  projection.data = random_numbers(projection.size(), 99);

  double squares = 0;
  const auto loss = [&] {
    const tensor& output = checked.forward(input, true);
    double sum = 0;
    squares = 0;
    for (std::size_t i = 0; i < output.size(); ++i) {
      const double term = static_cast<double>(projection.data[i]) * output.data[i];
      sum += term;
      squares += term * term;
    }
    return sum;
  };
  const auto check = [&](const std::string& name, std::vector<float>& numbers,
                         const std::vector<float>& gradient) {
    INFO(name);
    REQUIRE(numbers.size() == gradient.size());
    const std::vector<float> direction = direction_for(gradient, 31);
    const double expected = slope_along(numbers, direction, allowed.step, loss);
    constexpr auto epsilon = static_cast<double>(std::numeric_limits<float>::epsilon());
    const double rounding =
        5 * sums * epsilon * std::sqrt(squares) / static_cast<double>(allowed.step);
    const double bound = allowed.truncation * std::fabs(expected) + rounding;
    // The check must be able to fail: an error of a twentieth is one.
    CHECK(bound < std::fabs(expected) / 20);
    CHECK(std::fabs(dot(gradient, direction) - expected) <= bound);
  };

  // The second pass finds the buffers of the first, and must not add to them.
  std::vector<float> input_gradient;
  for (int pass = 0; pass < 2; ++pass) {
    checked.visit([](parameter& p) { p.gradient.assign(p.value.size(), 0.0F); });
    checked.forward(input, true);
    input_gradient = checked.backward(projection).data;
  }
  std::vector<std::vector<float>> gradients;
  checked.visit([&](parameter& p) { gradients.push_back(p.gradient); });

  check("input", input.data, input_gradient);
  std::size_t place = 0;
  checked.visit([&](parameter& p) { check(p.name, p.value, gradients[place++]); });
}

/// Fills every parameter with random numbers.
inline void randomize(layer& filled) {
  std::uint64_t stream = 1000;
  filled.visit([&](parameter& p) { p.value = random_numbers(p.value.size(), stream++); });
}

}  // namespace nn_check
