// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Loading a data set by name: the embedded glyphs, or a directory of IDX or CIFAR-10 files.

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include <trainer/data/dataset.hpp>
#include <trainer/data/glyphs.hpp>
#include <trainer/paths.hpp>

namespace detent_trainer {

/// Sizes of the glyph data set where the options set no limit below them.
inline constexpr data_options glyph_sizes{8'000, 1'000, 2'000};

/// Draws the glyph data set of a seed.
dataset load_glyphs(const data_options& options, std::uint64_t seed,
                    const glyph_difficulty& difficulty = {});

/// Loads MNIST or a data set in its format: train-* and t10k-*, images and labels.
dataset load_idx(const std::filesystem::path& directory, const data_options& options);

/// Loads CIFAR-10: data_batch_*.bin in numeric order for training, test_batch.bin.
dataset load_cifar10(const std::filesystem::path& directory, const data_options& options);

/// The files that `load` would read, which no output may overwrite; none for `glyphs`.
std::vector<named_path> data_files(std::string_view what);

/// Loads `glyphs`, or what is in a directory: IDX files train-/t10k-, or CIFAR-10.
///
/// Training images come first in the files; the last of them, 5,000 but at most a fifth, are the
/// validation part. All parts are standardized, channel by channel, by the training part.
/// @param  seed  draws the glyphs; files do not depend on it
/// Errors: `error` naming the file, and the offset where there is one, for everything that is
/// missing, unreadable, truncated, too long, or out of range.
dataset load(std::string_view what, const data_options& options, std::uint64_t seed);

}  // namespace detent_trainer
