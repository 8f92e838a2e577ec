// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The binary format of CIFAR-10: records of a label byte and three 32 x 32 planes.

#include <cstddef>
#include <span>
#include <string_view>

#include <trainer/data/labelled_bytes.hpp>
#include <trainer/image_shape.hpp>

namespace detent_trainer {

inline constexpr image_shape cifar10_shape{3, 32, 32};
inline constexpr std::size_t cifar10_pixels = 3 * 32 * 32;
inline constexpr std::size_t cifar10_record = 1 + cifar10_pixels;

/// Appends the records of a CIFAR-10 file in memory to `data`, which stays as it was on an error.
///
/// The format has neither header nor check sum: of flipped bits, only those are found that make a
/// label of 10 or more.
/// @param  name  the file, for messages
/// Errors: `error` naming file and offset: no record, an incomplete record, a label of 10 or more.
void append_cifar10(std::span<const std::byte> file, std::string_view name, labelled_bytes& data);

/// Parses one CIFAR-10 file in memory.
labelled_bytes parse_cifar10(std::span<const std::byte> file, std::string_view name);

}  // namespace detent_trainer
