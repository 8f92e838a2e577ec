// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Channel moments and the standardization by them.

#include <cmath>
#include <cstddef>
#include <vector>

#include <trainer/data/dataset.hpp>

namespace detent_trainer {

std::size_t image_set::plane() const {
  return static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width);
}

std::size_t image_set::pixels_per_image() const {
  return static_cast<std::size_t>(shape.channels) * plane();
}

std::vector<channel_moments> measure_channels(const image_set& set) {
  const std::size_t plane = set.plane();
  const auto channels = static_cast<std::size_t>(set.shape.channels);
  std::vector<channel_moments> moments(channels);
  if (set.size() == 0) return moments;
  const double count = static_cast<double>(set.size() * plane);
  // Two passes: the deviation about the known mean loses no digits.
  const auto average = [&](std::size_t channel, double centre, bool square) {
    double sum = 0;
    for (std::size_t i = 0; i < set.size(); ++i) {
      const float* pixel = set.image(i) + channel * plane;
      // A sum per image keeps the running sum short of rounding trouble.
      double part = 0;
      for (std::size_t p = 0; p < plane; ++p) {
        const double difference = static_cast<double>(pixel[p]) - centre;
        part += square ? difference * difference : difference;
      }
      sum += part;
    }
    return sum / count;
  };
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const double mean = average(channel, 0, false);
    const double variance = average(channel, mean, true);
    moments[channel] = {mean, variance > 0 ? std::sqrt(variance) : 1.0};
  }
  return moments;
}

void standardize(image_set& set, const std::vector<channel_moments>& moments) {
  const std::size_t plane = set.plane();
  float* pixel = set.pixels.data();
  for (std::size_t i = 0; i < set.size(); ++i) {
    for (const channel_moments& channel : moments) {
      const auto scale = static_cast<float>(1 / channel.deviation);
      const auto shift = static_cast<float>(-channel.mean / channel.deviation);
      for (std::size_t p = 0; p < plane; ++p, ++pixel)
        *pixel = *pixel * scale + shift;
    }
  }
}

void standardize(dataset& data) {
  const std::vector<channel_moments> moments = measure_channels(data.train);
  for (image_set* part : {&data.train, &data.validation, &data.test})
    standardize(*part, moments);
}

}  // namespace detent_trainer
