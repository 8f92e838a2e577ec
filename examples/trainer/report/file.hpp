// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Writing a report file whole or not at all, and finding out before the training that it can be.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <trainer/error.hpp>

namespace detent_trainer {

namespace file_detail {

// A link, pipe or device has to be written through: a rename would put a file in its place.
inline bool replaceable(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto status = std::filesystem::symlink_status(path, ignored);
  return !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
}

inline std::filesystem::path parent_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

inline bool write_all(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  return !file.fail();
}

}  // namespace file_detail

/// Checks that a file can be written at `path`; meant to be called before hours of training.
///
/// @param  path           where a report is to be written
/// @param  argument_name  the option that asked for it, "--json"; the message opens with it
/// Errors: `error` where the path is empty or a folder, or its folder is missing or read-only.
inline void require_writable(const std::filesystem::path& path, std::string_view argument_name) {
  const auto fail = [&](const std::string& reason) {
    throw error(std::string(argument_name) + ": cannot write '" + path.string() + "': " + reason);
  };
  if (path.empty()) fail("the file name is empty");
  const auto parent = file_detail::parent_of(path);
  std::error_code ignored;
  if (!std::filesystem::exists(parent, ignored)) {
    fail("the folder '" + parent.string() + "' does not exist");
  }
  if (!std::filesystem::is_directory(parent, ignored)) {
    fail("'" + parent.string() + "' is not a folder");
  }
  if (!path.has_filename() || std::filesystem::is_directory(path, ignored)) {
    fail("it is a folder; a file name is needed");
  }
  const bool replaceable = file_detail::replaceable(path);
  if (replaceable && ::access(parent.c_str(), W_OK | X_OK) != 0) {
    fail("the folder '" + parent.string() + "' is not writable");
  }
  if (!replaceable && std::filesystem::exists(path, ignored) && ::access(path.c_str(), W_OK) != 0) {
    fail("it is not writable");
  }
}

/// Writes `text` to `path`, whole or not at all: a reader never sees half a file.
///
/// The text goes to a temporary file in the same folder, which is then renamed. What is not a plain
/// file (a link, /dev/stdout) is written through instead.
/// Errors: `error` naming the file; a file that was there before is left as it was.
inline void write_file(const std::filesystem::path& path, std::string_view text) {
  if (!file_detail::replaceable(path)) {
    if (!file_detail::write_all(path, text)) throw error("cannot write '" + path.string() + "'");
    return;
  }
  auto partial = path;
  partial += ".partial-" + std::to_string(::getpid());
  std::error_code ignored;
  if (!file_detail::write_all(partial, text)) {
    std::filesystem::remove(partial, ignored);
    throw error("cannot write '" + path.string() + "': the folder is missing, read-only or full");
  }
  std::error_code failure;
  std::filesystem::rename(partial, path, failure);
  if (!failure) return;
  std::filesystem::remove(partial, ignored);
  throw error("cannot write '" + path.string() + "': " + failure.message());
}

}  // namespace detent_trainer
