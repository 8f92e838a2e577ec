// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Failures as text, and files in spite of them.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <new>
#include <string>

#include <trainer/report/file.hpp>
#include <trainer/report/outputs.hpp>

namespace detent_trainer {

std::string failure_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::bad_alloc&) {
    return "out of memory";
  } catch (const std::exception& e) {
    const std::string reason = e.what();
    return reason.empty() ? "unknown failure" : reason;
  } catch (...) {
    return "unknown failure";
  }
  return "";
}

std::string output_files::place(const std::filesystem::path& path) const {
  return interrupted_ ? partial_path(path).string() : path.string();
}

void output_files::write(const std::filesystem::path& path,
                         const std::function<std::string()>& text) {
  if (path.empty()) return;
  const std::string to = place(path);
  const std::string failure = failure_of([&] { write_file(to, text()); });
  if (failure.empty()) {
    written_.push_back(path);
    return;
  }
  const bool is_named = failure.find(to) != std::string::npos;
  failures_.push_back(is_named ? failure : "cannot write '" + to + "': " + failure);
}

bool output_files::has(const std::filesystem::path& path) const {
  return std::find(written_.begin(), written_.end(), path) != written_.end();
}

}  // namespace detent_trainer
