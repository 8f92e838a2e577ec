// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// From labelled bytes to the three parts of a data set.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <trainer/data/byte_stream.hpp>
#include <trainer/data/dataset.hpp>
#include <trainer/data/labelled_bytes.hpp>

namespace detent_trainer {

image_set to_image_set(const labelled_bytes& data, std::size_t first, std::size_t count) {
  image_set set;
  set.shape = data.shape;
  set.classes = data_classes;
  const std::size_t per_image = set.pixels_per_image();
  const std::uint8_t* pixel = data.pixels.data() + first * per_image;
  set.pixels.resize(count * per_image);
  std::transform(pixel, pixel + count * per_image, set.pixels.begin(),
                 [](std::uint8_t value) { return static_cast<float>(value) / 255.0F; });
  const std::uint8_t* label = data.labels.data() + first;
  set.labels.assign(label, label + count);
  return set;
}

std::size_t limited(std::size_t count, std::size_t limit) {
  return limit == 0 ? count : std::min(count, limit);
}

std::size_t validation_count(std::size_t training_images) {
  return std::min<std::size_t>(5'000, training_images / 5);
}

dataset make_dataset(std::string_view source, std::string name, const labelled_bytes& training,
                     const labelled_bytes& test, const data_options& options) {
  const std::size_t held_out = validation_count(training.labels.size());
  if (held_out == 0) {
    refuse(source, std::to_string(training.labels.size()) +
                       " training images, at least 5 are needed to hold some out for validation");
  }
  const std::size_t learned = training.labels.size() - held_out;
  dataset data;
  data.name = std::move(name);
  data.train = to_image_set(training, 0, limited(learned, options.max_train));
  data.validation = to_image_set(training, learned, limited(held_out, options.max_validation));
  data.test = to_image_set(test, 0, limited(test.labels.size(), options.max_test));
  standardize(data);
  return data;
}

}  // namespace detent_trainer
