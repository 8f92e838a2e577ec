// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What the trainer learns from: labelled images in three parts, and their standardization.

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
  std::size_t plane() const;
  std::size_t pixels_per_image() const;

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
std::vector<channel_moments> measure_channels(const image_set& set);

/// Maps every pixel to (pixel - mean) / deviation of its channel.
void standardize(image_set& set, const std::vector<channel_moments>& moments);

/// Standardizes all parts by the training part, the only one that a model may know.
void standardize(dataset& data);

}  // namespace detent_trainer
