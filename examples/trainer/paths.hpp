// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Files that options name, and whether two of them are the same.

#include <filesystem>
#include <string>
#include <vector>

namespace detent_trainer {

/// A file and the option that asks for it, "--json".
struct named_path {
  std::string option;
  std::filesystem::path path;
};

/// Whether writing one file writes the other: the same path in another spelling, through symbolic
/// links (also to a file that is not there yet), or another name of the same file (hard link).
/// Devices that take everything, such as /dev/null, are never the same.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Checks that no output overwrites another one, whole or as an interrupted run leaves it
/// (`partial_path`), or an input; entries with an empty path are none.
///
/// Errors: `error` that names both options and the file.
void require_distinct_files(const std::vector<named_path>& outputs,
                            const std::vector<named_path>& inputs);

}  // namespace detent_trainer
