// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What the parsers hand on: images of bytes with their labels, not yet split or standardized.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <trainer/data/dataset.hpp>
#include <trainer/image_shape.hpp>

namespace detent_trainer {

/// Labels are below this in every format that is read.
inline constexpr int data_classes = 10;

/// Images of bytes, each as channel planes of rows, with one label each.
struct labelled_bytes {
  image_shape shape;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;
};

/// Converts images first … first + count - 1 to floats in 0 … 1.
image_set to_image_set(const labelled_bytes& data, std::size_t first, std::size_t count);

/// The smaller of count and limit, where limit 0 means none.
std::size_t limited(std::size_t count, std::size_t limit);

/// How many of the last training images become validation images: 5,000, at most a fifth.
std::size_t validation_count(std::size_t training_images);

/// Splits the training images in file order, keeps what the options allow, and standardizes.
///
/// The split comes before the limits, so a limit never moves an image from one part to another.
/// @param  source  where the images come from, for messages
/// Errors: `error` naming the source if the training images are too few to hold any out.
dataset make_dataset(std::string_view source, std::string name, const labelled_bytes& training,
                     const labelled_bytes& test, const data_options& options);

}  // namespace detent_trainer
