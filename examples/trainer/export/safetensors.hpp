// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Safetensors: named tensors and text in one file, written, and read from files that may lie.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace detent_trainer {

/// What a safetensors file holds, as far as it is needed here: one-dimensional U8 and F32 tensors.
///
///     8 bytes: length of the header, lowest byte first
///     header:  JSON, {"__metadata__": {NAME: TEXT…}, TENSOR: {"dtype": "F32", "shape": [3],
///              "data_offsets": [0, 12]}…}, padded with spaces
///     data:    the tensors without gaps; offsets count from the end of the header
struct safetensors {
  std::map<std::string, std::string> metadata;
  std::map<std::string, std::vector<std::uint8_t>> bytes;
  std::map<std::string, std::vector<float>> numbers;
};

/// The longest header that is read; the largest network's has about 12,000 bytes.
inline constexpr std::size_t max_header_bytes = std::size_t{1} << 20U;

/// The bytes of a file. Numbers come first, and the header is padded to a multiple of 8, so that a
/// reader may map them into memory as they are.
std::string to_bytes(const safetensors& content);

/// Reads what to_bytes wrote.
///
/// @param  file  its name, for the messages
/// Memory: bounded by the bytes that are there and by max_header_bytes.
/// Errors: `error` naming the file and the offset or tensor, for a header that is too long, no
/// JSON, or padded by anything but spaces behind it, keys that are there twice, offsets beyond the
/// data, overlaps, gaps, other types and shapes, and numbers that are not finite.
safetensors parse_safetensors(std::span<const std::byte> bytes, std::string_view file);

}  // namespace detent_trainer
