// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Writing every file of a run, of which none may take the others down.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace detent_trainer {

/// One line on why f failed; empty where it did not. No exception leaves.
std::string failure_of(const std::function<void()>& f);

/// Writes files one by one and goes on after one that cannot be written.
class output_files {
 public:
  /// @param  interrupted  whether the run was: no file then replaces a finished result
  explicit output_files(bool interrupted = false) : interrupted_{interrupted} {}

  /// Where the output for `path` goes: there, or to its `partial_path` after an interruption.
  std::string place(const std::filesystem::path& path) const;

  /// Makes the text and writes it to the place of `path`; an empty path is no file.
  void write(const std::filesystem::path& path, const std::function<std::string()>& text);

  /// One line a file that could not be written.
  const std::vector<std::string>& failures() const { return failures_; }

  /// Whether the file was written: asked before it is named to the user.
  bool has(const std::filesystem::path& path) const;

 private:
  bool interrupted_;
  std::vector<std::filesystem::path> written_;
  std::vector<std::string> failures_;
};

}  // namespace detent_trainer
