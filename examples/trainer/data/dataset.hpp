// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What the trainer learns from: labelled images in three parts, and their standardization.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <trainer/image_shape.hpp>

namespace detent_trainer {

/// Labelled images of one shape, one after the other, each as channel planes of rows.
struct image_set {
  image_shape shape;
  int classes = 10;
  std::vector<float> pixels;
  std::vector<std::uint8_t> labels;

  std::size_t size() const { return labels.size(); }

  /// Pixels of one channel of one image.
  std::size_t plane() const {
    return static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width);
  }
  std::size_t pixels_per_image() const {
    return static_cast<std::size_t>(shape.channels) * plane();
  }

  /// @param  i  below size()
  const float* image(std::size_t i) const { return pixels.data() + i * pixels_per_image(); }
};

/// The three parts never share an image: learn on train, choose on validation, report on test.
struct dataset {
  std::string name;
  image_set train;
  image_set validation;
  image_set test;
};

/// How many images to keep of each part, from its start; 0 keeps all.
struct data_options {
  std::size_t max_train = 0;
  std::size_t max_validation = 0;
  std::size_t max_test = 0;
};

/// Mean and standard deviation of one channel.
struct channel_moments {
  double mean = 0;
  double deviation = 1;
};

/// Measures every channel over all images of a set; a constant channel gets deviation 1.
inline std::vector<channel_moments> measure_channels(const image_set& set) {
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

/// Maps every pixel to (pixel - mean) / deviation of its channel.
inline void standardize(image_set& set, const std::vector<channel_moments>& moments) {
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

/// Standardizes all parts by the training part, the only one that a model may know.
inline void standardize(dataset& data) {
  const std::vector<channel_moments> moments = measure_channels(data.train);
  for (image_set* part : {&data.train, &data.validation, &data.test})
    standardize(*part, moments);
}

}  // namespace detent_trainer
