// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Files that are all tried, and failures as text.

#include <doctest/doctest.h>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <stdexcept>
#include <string>
#include <trainer/report/outputs.hpp>

namespace {

using detent_trainer::failure_of;
using detent_trainer::output_files;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("outputs: a file that cannot be written is named, and the next one is written") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("detent-outputs-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto first = folder / "missing" / "a";
  const auto second = folder / "b";
  const auto third = folder / "c";
  const auto fourth = folder / "d";
  output_files files;
  files.write("", []() -> std::string { throw std::logic_error("an empty path has no text"); });
  files.write(first, [] { return "a"; });
  files.write(second, [] { return "b"; });
  files.write(third, []() -> std::string { throw std::bad_alloc(); });
  files.write(fourth, [] { return "d"; });
  CHECK_FALSE(files.has(""));
  CHECK_FALSE(files.has(first));
  CHECK(files.has(second));
  CHECK_FALSE(files.has(third));
  CHECK(files.has(fourth));
  CHECK(text_of(second) == "b");
  CHECK(text_of(fourth) == "d");
  CHECK_FALSE(std::filesystem::exists(third));
  REQUIRE(files.failures().size() == 2);
  CHECK(files.failures()[0].starts_with("cannot write '" + first.string() + "'"));
  CHECK(files.failures()[1] == "cannot write '" + third.string() + "': out of memory");
  std::filesystem::remove_all(folder);
}

TEST_CASE("outputs: an interrupted run replaces no finished result") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("detent-partial-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto path = folder / "run.json";
  std::ofstream(path) << "finished";
  output_files files{true};
  files.write(path, [] { return "less"; });
  CHECK(files.has(path));
  CHECK(text_of(path) == "finished");
  CHECK(files.place(path) == (folder / "run.partial.json").string());
  CHECK(text_of(folder / "run.partial.json") == "less");
  CHECK(output_files{}.place(path) == path.string());
  std::filesystem::remove_all(folder);
}

TEST_CASE("outputs: every exception becomes one line") {
  CHECK(failure_of([] {}).empty());
  CHECK(failure_of([] { throw std::runtime_error("reason"); }) == "reason");
  CHECK(failure_of([] { throw std::runtime_error(""); }) == "unknown failure");
  CHECK(failure_of([] { throw std::bad_alloc(); }) == "out of memory");
  CHECK(failure_of([] { throw 3; }) == "unknown failure");
}
