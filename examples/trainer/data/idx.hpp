// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// IDX files of MNIST and Fashion-MNIST, plain or gzip, validated before use.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

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

/// Parses an IDX image file in memory.
///
/// The format has no check sum: in a plain file, flipped bits are found in the header, never among
/// the pixels, where every value is valid. In a gzip file they are found everywhere.
/// @param  name  the file, for messages
/// Errors: `error` naming file and offset: wrong magic, a count or side of 0 or beyond the limits,
/// truncation, trailing bytes, a corrupted gzip stream.
idx_images parse_idx_images(std::span<const std::byte> file, std::string_view name);

/// Parses an IDX label file in memory.
///
/// In a plain file, a flipped bit among the labels is found only if it makes a label of 10 or more.
/// @param  name  the file, for messages
/// Errors: `error` naming file and offset, as for images, and for a label of 10 or more.
std::vector<std::uint8_t> parse_idx_labels(std::span<const std::byte> file, std::string_view name);

/// Joins images with their labels.
///
/// Errors: `error` naming both files and the offset of the counts, if the counts differ.
labelled_bytes join_idx(idx_images images, std::vector<std::uint8_t> labels,
                        std::string_view image_name, std::string_view label_name);

}  // namespace detent_trainer
