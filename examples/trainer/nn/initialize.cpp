// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Normal numbers by Box and Muller, as initial weights.

#include <cmath>
#include <cstdint>
#include <numbers>

#include <trainer/data/random.hpp>
#include <trainer/nn/initialize.hpp>
#include <trainer/nn/parameter.hpp>

namespace detent_trainer {

double normal_number(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  counter_random random{seed, stream, index};
  const auto unit = [&random] { return static_cast<double>(random.next() >> 11U) * 0x1p-53; };
  const double u = 1 - unit();
  const double v = unit();
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

void initialize_weight(parameter& weight, std::uint64_t seed, std::uint64_t stream) {
  const double deviation = std::sqrt(1.0 / (3.0 * weight.fan_in));
  std::uint64_t index = 0;
  for (float& value : weight.value) {
    value = static_cast<float>(deviation * normal_number(seed, stream, index++));
  }
}

}  // namespace detent_trainer
