// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Parsing IDX images and labels.

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
#include <trainer/data/idx.hpp>
#include <trainer/data/labelled_bytes.hpp>

namespace detent_trainer {

namespace {

std::string hexadecimal(std::uint32_t value) {
  std::array<char, 11> text{};
  std::snprintf(text.data(), text.size(), "0x%08X", static_cast<unsigned>(value));
  return text.data();
}

void expect_magic(byte_stream& stream, std::uint32_t expected, std::string_view content) {
  const std::uint32_t magic = stream.take_big_endian("the magic number");
  if (magic == expected) return;
  stream.refuse_at(0, "magic number " + hexadecimal(magic) + ", expected " + hexadecimal(expected) +
                          " (" + std::string{content} + ")");
}

std::uint32_t take_dimension(byte_stream& stream, std::string_view what, std::uint32_t largest) {
  const std::size_t offset = stream.position();
  const std::uint32_t value = stream.take_big_endian(what);
  if (value >= 1 && value <= largest) return value;
  stream.refuse_at(offset, std::string{what} + " is " + std::to_string(value) +
                               ", allowed are 1 to " + std::to_string(largest));
}

}  // namespace

idx_images parse_idx_images(std::span<const std::byte> file, std::string_view name) {
  byte_stream stream{file, name};
  expect_magic(stream, idx_image_magic, "images");
  constexpr auto most_images = static_cast<std::uint32_t>(max_file_bytes);
  const std::uint32_t count = take_dimension(stream, "image count", most_images);
  const std::uint32_t rows = take_dimension(stream, "row count", max_image_side);
  const std::uint32_t columns = take_dimension(stream, "column count", max_image_side);
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

std::vector<std::uint8_t> parse_idx_labels(std::span<const std::byte> file, std::string_view name) {
  byte_stream stream{file, name};
  expect_magic(stream, idx_label_magic, "labels");
  constexpr auto most_labels = static_cast<std::uint32_t>(max_file_bytes);
  const std::uint32_t count = take_dimension(stream, "label count", most_labels);
  const std::size_t start = stream.position();
  std::vector<std::uint8_t> labels = stream.take(count, "label data");
  stream.expect_end();
  const auto bad = std::find_if(labels.begin(), labels.end(),
                                [](std::uint8_t label) { return label >= data_classes; });
  if (bad == labels.end()) return labels;
  stream.refuse_at(start + static_cast<std::size_t>(bad - labels.begin()),
                   "label " + std::to_string(*bad) + ", allowed are 0 to 9");
}

labelled_bytes join_idx(idx_images images, std::vector<std::uint8_t> labels,
                        std::string_view image_name, std::string_view label_name) {
  if (images.count != labels.size()) {
    refuse(label_name, 4,
           std::to_string(labels.size()) + " labels for " + std::to_string(images.count) +
               " images in " + std::string{image_name});
  }
  return {{1, images.rows, images.columns}, std::move(images.pixels), std::move(labels)};
}

}  // namespace detent_trainer
