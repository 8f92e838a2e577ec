// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Writing by way of a temporary file, and asking beforehand.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include <trainer/error.hpp>
#include <trainer/report/file.hpp>

namespace detent_trainer {

namespace {

// A link, pipe or device has to be written through: a rename would put a file in its place.
bool replaceable(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto status = std::filesystem::symlink_status(path, ignored);
  return !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
}

std::filesystem::path parent_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

bool write_all(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  return !file.fail();
}

}  // namespace

void require_writable(const std::filesystem::path& path, std::string_view argument_name) {
  const auto fail = [&](const std::string& reason) {
    throw error(std::string(argument_name) + ": cannot write '" + path.string() + "': " + reason);
  };
  if (path.empty()) fail("the file name is empty");
  const auto parent = parent_of(path);
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
  const bool replaced = replaceable(path);
  if (replaced && ::access(parent.c_str(), W_OK | X_OK) != 0) {
    fail("the folder '" + parent.string() + "' is not writable");
  }
  if (!replaced && std::filesystem::exists(path, ignored) && ::access(path.c_str(), W_OK) != 0) {
    fail("it is not writable");
  }
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  if (!replaceable(path)) {
    if (!write_all(path, text)) throw error("cannot write '" + path.string() + "'");
    return;
  }
  auto partial = path;
  partial += ".partial-" + std::to_string(::getpid());
  std::error_code ignored;
  if (!write_all(partial, text)) {
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
