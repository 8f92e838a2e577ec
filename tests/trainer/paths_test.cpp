// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Two names of one file, in every way that a file has two names.

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <support/message.hpp>
#include <trainer/data/load.hpp>
#include <trainer/error.hpp>
#include <trainer/paths.hpp>
#include <vector>

namespace {

namespace filesystem = std::filesystem;
using detent_trainer::is_same_file;
using detent_trainer::named_path;
using detent_trainer::require_distinct_files;

/// An empty folder, which goes away in the end.
struct folder {
  filesystem::path path =
      filesystem::temp_directory_path() / ("detent-paths-" + std::to_string(::getpid()));

  folder() { filesystem::create_directory(path); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() { filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE(
    "paths: spellings, links and names of one file are the same, before and after it exists") {
  const folder here;
  const auto file = here.path / "a";
  filesystem::create_directory(here.path / "sub");
  filesystem::create_directory_symlink(here.path / "sub", here.path / "link_to_sub");
  filesystem::create_symlink("a", here.path / "link");
  filesystem::create_symlink("link", here.path / "link_to_link");
  filesystem::create_symlink(here.path / "a", here.path / "absolute_link");
  filesystem::create_symlink("loop", here.path / "loop");
  for (const bool exists : {false, true}) {
    if (exists) std::ofstream(file) << "text";
    for (const char* name : {"a", "./a", "sub/../a", "link_to_sub/../a", "link", "link_to_link",
                             "absolute_link", ".//a"}) {
      CAPTURE(name);
      CHECK(is_same_file(file, here.path / name));
      CHECK(is_same_file(here.path / name, file));
    }
    CHECK(is_same_file(here.path / "sub" / "x", here.path / "link_to_sub" / "x"));
    CHECK_FALSE(is_same_file(file, here.path / "A"));
    CHECK_FALSE(is_same_file(file, here.path / "sub" / "a"));
    CHECK_FALSE(is_same_file(file, here.path / "missing" / "a"));
    CHECK_FALSE(is_same_file(file, here.path / "loop"));
  }
  CHECK_FALSE(is_same_file(file, here.path / "hard"));
  filesystem::create_hard_link(file, here.path / "hard");
  CHECK(is_same_file(file, here.path / "hard"));
  CHECK_FALSE(is_same_file("/dev/null", "/dev/null"));
}

TEST_CASE("paths: relative and absolute spellings are the same") {
  CHECK(is_same_file("a", "./a"));
  CHECK(is_same_file("a", filesystem::current_path() / "a"));
  CHECK_FALSE(is_same_file("a", "b"));
}

TEST_CASE("paths: an output that is another one, or an input, is refused with both options") {
  const folder here;
  const auto a = here.path / "a";
  const auto b = here.path / "b";
  const auto message = [](const std::vector<named_path>& outputs,
                          const std::vector<named_path>& inputs) {
    return detent_test::message_of<detent_trainer::error>(
        [&] { require_distinct_files(outputs, inputs); });
  };
  const std::string fine = "(nothing was thrown)";
  CHECK(message({{"--json", a}, {"--report", b}, {"--markdown", ""}, {"--export", ""}}, {}) ==
        fine);
  CHECK(message({{"--json", a}}, {{"--data", b}}) == fine);
  CHECK(message({{"--json", a}, {"--report", b}, {"--export", a}}, {}) ==
        "--export: '" + a.string() + "' is the file that --json writes ('" + a.string() + "')");
  const auto partial = here.path / "a.partial";
  for (const bool first : {false, true}) {
    const named_path json{"--json", a};
    const named_path report{"--report", partial};
    CHECK(message(first ? std::vector{report, json} : std::vector{json, report}, {}) ==
          "--report: '" + partial.string() +
              "' is the file that --json writes when it is interrupted ('" + partial.string() +
              "')");
  }
  CHECK(message({{"--json", b}, {"--report", a}}, {{"--data", a}}) ==
        "--report: '" + a.string() + "' is the file that --data reads ('" + a.string() + "')");
}

TEST_CASE("paths: the files that are read from a folder of data are known beforehand") {
  const folder here;
  CHECK(detent_trainer::data_files("glyphs").empty());
  CHECK(detent_trainer::data_files((here.path / "missing").string()).empty());
  for (const char* name :
       {"train-images-idx3-ubyte", "t10k.labels-idx1-ubyte", "train-labels-idx1-ubyte.gz",
        "data_batch_3.bin", "test_batch.bin", "notes.txt"})
    std::ofstream(here.path / name) << "x";
  const auto files = detent_trainer::data_files(here.path.string());
  const auto reads = [&](const char* name) {
    for (const auto& file : files)
      if (file.option == "--data" && is_same_file(file.path, here.path / name)) return true;
    return false;
  };
  CHECK(reads("train-images-idx3-ubyte"));
  CHECK(reads("train-labels-idx1-ubyte.gz"));
  CHECK(reads("data_batch_3.bin"));
  CHECK(reads("test_batch.bin"));
  CHECK_FALSE(reads("notes.txt"));
}
