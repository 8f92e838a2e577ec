// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Writing an output file whole or not at all, and finding out before the training that it can be.

#include <filesystem>
#include <string_view>

namespace detent_trainer {

/// Checks that a file can be written at `path`, by creating the temporary file of `write_file`.
///
/// Meant to be called before hours of training. Removes what earlier crashes left of `path`.
/// @param  path           where an output is to be written
/// @param  argument_name  the option that asked for it, "--json"; the message opens with it
/// @throws error  the path is empty or a folder, its name is too long for the file system, or its
///                folder is missing, read-only or full
void require_writable(const std::filesystem::path& path, std::string_view argument_name);

/// Writes `text` to `path`, whole or not at all: neither a reader nor a crash sees half a file.
///
/// The text goes to a temporary file in the same folder, which is synchronized with the disk and
/// then renamed. A link is followed. A device or a pipe (/dev/stdout) is written through instead.
/// @throws error  names the file and the reason; a file that was there before stays as it was
void write_file(const std::filesystem::path& path, std::string_view text);

/// Removes the temporary files that crashed processes left beside `path`. A file that a living
/// process writes is locked and stays.
void remove_stray_files(const std::filesystem::path& path);

/// Makes the names in a folder durable: a rename survives a loss of power after this.
/// @throws error  names the folder
void synchronize_folder(const std::filesystem::path& folder);

/// Where an interrupted run writes, so that it never replaces a finished result:
/// "run.partial.json" for "run.json". A device or a pipe stays as it is.
std::filesystem::path partial_path(const std::filesystem::path& path);

}  // namespace detent_trainer
