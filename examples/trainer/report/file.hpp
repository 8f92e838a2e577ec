// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Writing a report file whole or not at all, and finding out before the training that it can be.

#include <filesystem>
#include <string_view>

namespace detent_trainer {

/// Checks that a file can be written at `path`; meant to be called before hours of training.
///
/// @param  path           where a report is to be written
/// @param  argument_name  the option that asked for it, "--json"; the message opens with it
/// Errors: `error` where the path is empty or a folder, or its folder is missing or read-only.
void require_writable(const std::filesystem::path& path, std::string_view argument_name);

/// Writes `text` to `path`, whole or not at all: a reader never sees half a file.
///
/// The text goes to a temporary file in the same folder, which is then renamed. What is not a plain
/// file (a link, /dev/stdout) is written through instead.
/// Errors: `error` naming the file; a file that was there before is left as it was.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace detent_trainer
