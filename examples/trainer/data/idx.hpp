// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// IDX files of MNIST and Fashion-MNIST, plain or gzip, validated before use.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <trainer/data/byte_stream.hpp>
#include <trainer/data/labelled_bytes.hpp>

namespace detent_trainer {

inline constexpr std::uint32_t idx_image_magic = 0x00000803;
inline constexpr std::uint32_t idx_label_magic = 0x00000801;

/// Larger images are no images of this trainer, but a broken header.
inline constexpr std::uint32_t max_image_side = 1024;

/// Grey images as an IDX file stores them, rows from the top.
struct idx_images {
  std::size_t count = 0;
  int rows = 0;
  int columns = 0;
  std::vector<std::uint8_t> pixels;
};

namespace idx_detail {

inline std::string hexadecimal(std::uint32_t value) {
  std::array<char, 11> text{};
  std::snprintf(text.data(), text.size(), "0x%08X", static_cast<unsigned>(value));
  return text.data();
}

inline void expect_magic(byte_stream& stream, std::uint32_t expected, std::string_view content) {
  const std::uint32_t magic = stream.take_big_endian("the magic number");
  if (magic == expected) return;
  stream.refuse_at(0, "magic number " + hexadecimal(magic) + ", expected " + hexadecimal(expected) +
                          " (" + std::string{content} + ")");
}

inline std::uint32_t take_dimension(byte_stream& stream, std::string_view what,
                                    std::uint32_t largest) {
  const std::size_t offset = stream.position();
  const std::uint32_t value = stream.take_big_endian(what);
  if (value >= 1 && value <= largest) return value;
  stream.refuse_at(offset, std::string{what} + " is " + std::to_string(value) +
                               ", allowed are 1 to " + std::to_string(largest));
}

}  // namespace idx_detail

/// Parses an IDX image file in memory.
///
/// The format has no check sum: in a plain file, flipped bits are found in the header, never among
/// the pixels, where every value is valid. In a gzip file they are found everywhere.
/// @param  name  the file, for messages
/// Errors: `error` naming file and offset: wrong magic, a count or side of 0 or beyond the limits,
/// truncation, trailing bytes, a corrupted gzip stream.
inline idx_images parse_idx_images(std::span<const std::byte> file, std::string_view name) {
  byte_stream stream{file, name};
  idx_detail::expect_magic(stream, idx_image_magic, "images");
  constexpr auto most_images = static_cast<std::uint32_t>(max_file_bytes);
  const std::uint32_t count = idx_detail::take_dimension(stream, "image count", most_images);
  const std::uint32_t rows = idx_detail::take_dimension(stream, "row count", max_image_side);
  const std::uint32_t columns = idx_detail::take_dimension(stream, "column count", max_image_side);
  // Cannot overflow: 2^30 images of 2^10 rows and columns.
  const std::uint64_t bytes = std::uint64_t{count} * rows * columns;
  if (bytes > max_file_bytes) {
    stream.refuse_at(4, std::to_string(count) + " images of " + std::to_string(rows) + " x " +
                            std::to_string(columns) + " are " + std::to_string(bytes) +
                            " bytes, allowed are " + std::to_string(max_file_bytes));
  }
  std::vector<std::uint8_t> pixels = stream.take(static_cast<std::size_t>(bytes), "pixel data");
  stream.expect_end();
  return {count, static_cast<int>(rows), static_cast<int>(columns), std::move(pixels)};
}

/// Parses an IDX label file in memory.
///
/// In a plain file, a flipped bit among the labels is found only if it makes a label of 10 or more.
/// @param  name  the file, for messages
/// Errors: `error` naming file and offset, as for images, and for a label of 10 or more.
inline std::vector<std::uint8_t> parse_idx_labels(std::span<const std::byte> file,
                                                  std::string_view name) {
  byte_stream stream{file, name};
  idx_detail::expect_magic(stream, idx_label_magic, "labels");
  constexpr auto most_labels = static_cast<std::uint32_t>(max_file_bytes);
  const std::uint32_t count = idx_detail::take_dimension(stream, "label count", most_labels);
  const std::size_t start = stream.position();
  std::vector<std::uint8_t> labels = stream.take(count, "label data");
  stream.expect_end();
  const auto bad = std::find_if(labels.begin(), labels.end(),
                                [](std::uint8_t label) { return label >= data_classes; });
  if (bad == labels.end()) return labels;
  stream.refuse_at(start + static_cast<std::size_t>(bad - labels.begin()),
                   "label " + std::to_string(*bad) + ", allowed are 0 to 9");
}

/// Joins images with their labels.
///
/// Errors: `error` naming both files and the offset of the counts, if the counts differ.
inline labelled_bytes join_idx(idx_images images, std::vector<std::uint8_t> labels,
                               std::string_view image_name, std::string_view label_name) {
  if (images.count != labels.size()) {
    refuse(label_name, 4,
           std::to_string(labels.size()) + " labels for " + std::to_string(images.count) +
               " images in " + std::string{image_name});
  }
  return {{1, images.rows, images.columns}, std::move(images.pixels), std::move(labels)};
}

}  // namespace detent_trainer
