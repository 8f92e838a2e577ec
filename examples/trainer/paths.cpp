// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Following links, and comparing each output with every other file.

#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/paths.hpp>
#include <trainer/report/file.hpp>

namespace detent_trainer {

namespace {

namespace filesystem = std::filesystem;

/// Where a write to `path` ends up. A link to a missing file has a target, too, which
/// weakly_canonical leaves alone.
filesystem::path target_of(filesystem::path path) {
  constexpr int most_links = 40;  // as many as Linux follows
  std::error_code failure;
  for (int i = 0; i < most_links && filesystem::is_symlink(path, failure); ++i) {
    const filesystem::path next = filesystem::read_symlink(path, failure);
    if (failure) break;
    path = path.parent_path() / next;  // next alone where it is absolute
  }
  // Relative to nothing where no part of the path exists.
  const filesystem::path whole =
      filesystem::weakly_canonical(filesystem::absolute(path, failure), failure);
  return failure ? path.lexically_normal() : whole;
}

}  // namespace

bool is_same_file(const filesystem::path& a, const filesystem::path& b) {
  std::error_code failure;
  if (filesystem::is_character_file(a, failure) || filesystem::is_character_file(b, failure)) {
    return false;
  }
  return target_of(a) == target_of(b) || filesystem::equivalent(a, b, failure);
}

namespace {

/// Throws where `output` is one of the files of `other`.
void require_other(const named_path& output, const std::filesystem::path& file,
                   const named_path& other, const std::string& does) {
  if (output.path.empty() || file.empty() || !is_same_file(output.path, file)) return;
  throw error(output.option + ": '" + output.path.string() + "' is the file that " + other.option +
              ' ' + does + " ('" + file.string() + "')");
}

}  // namespace

void require_distinct_files(const std::vector<named_path>& outputs,
                            const std::vector<named_path>& inputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (std::size_t j = 0; j < outputs.size(); ++j) {
      if (j < i) require_other(outputs[i], outputs[j].path, outputs[j], "writes");
      if (j != i && !outputs[j].path.empty()) {
        require_other(outputs[i], partial_path(outputs[j].path), outputs[j],
                      "writes when it is interrupted");
      }
    }
    for (const named_path& input : inputs)
      require_other(outputs[i], input.path, input, "reads");
  }
}

}  // namespace detent_trainer
