// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Report files: written whole or not at all, and refused before the training starts.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <trainer/error.hpp>
#include <trainer/report/file.hpp>

namespace {

namespace fs = std::filesystem;
using detent_trainer::require_writable;
using detent_trainer::write_file;

class temporary_folder {
 public:
  temporary_folder() {
    std::string pattern = (fs::temp_directory_path() / "detent-report-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~temporary_folder() { fs::remove_all(path_); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }
  std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string message_for(const fs::path& path) {
  try {
    require_writable(path, "--json");
  } catch (const detent_trainer::error& failure) {
    return failure.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report file: writes the text byte for byte and leaves no partial file") {
  const temporary_folder folder;
  const std::string text("one\0two\r\n", 9);
  write_file(folder / "result.json", text);
  CHECK(content(folder / "result.json") == text);
  CHECK(folder.files() == 1);
}

TEST_CASE("report file: replaces a file that was there") {
  const temporary_folder folder;
  write_file(folder / "result.json", "a much longer text than the second one");
  write_file(folder / "result.json", "short");
  CHECK(content(folder / "result.json") == "short");
  CHECK(folder.files() == 1);
}

TEST_CASE("report file: a failed write leaves nothing behind") {
  const temporary_folder folder;
  fs::create_directory(folder / "taken");
  std::ofstream(folder / "taken/inside") << "x";
  CHECK_THROWS_AS(write_file(folder / "missing/result.json", "text"), detent_trainer::error);
  // A folder of the same name cannot be replaced, and the temporary file has to go again.
  CHECK_THROWS_AS(write_file(folder / "taken", "text"), detent_trainer::error);
  CHECK(folder.files() == 1);
  CHECK(content(folder / "taken/inside") == "x");
}

TEST_CASE("report file: a full disk leaves the old file and nothing else") {
  const temporary_folder folder;
  write_file(folder / "result.json", "old");
  // A limit on the size of files stands in for the disk.
  struct rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  struct rlimit small = before;
  small.rlim_cur = 1000;
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  std::string message;
  try {
    write_file(folder / "result.json", std::string(100000, 'x'));
  } catch (const detent_trainer::error& failure) {
    message = failure.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  CHECK(contains(message, (folder / "result.json").string()));
  CHECK(content(folder / "result.json") == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE("report file: writes through a link instead of replacing it") {
  const temporary_folder folder;
  write_file(folder / "target", "old");
  fs::create_symlink(folder / "target", folder / "link");
  write_file(folder / "link", "new");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(content(folder / "target") == "new");
}

TEST_CASE("report file: a missing folder is refused by the argument's name") {
  const temporary_folder folder;
  const std::string message = message_for(folder / "missing/result.json");
  CHECK(message.starts_with("--json: "));
  CHECK(contains(message, (folder / "missing").string()));
  CHECK(contains(message, "does not exist"));
  CHECK_FALSE(contains(message, "\n"));
}

TEST_CASE("report file: what cannot be a file is refused") {
  const temporary_folder folder;
  write_file(folder / "file", "");
  CHECK(contains(message_for(""), "empty"));
  CHECK(contains(message_for(folder / ""), "is a folder"));
  CHECK(contains(message_for(folder / "."), "is a folder"));
  CHECK(contains(message_for(folder / "file/result.json"), "is not a folder"));
}

TEST_CASE("report file: a path that can be written is accepted and not created") {
  const temporary_folder folder;
  CHECK(message_for(folder / "result.json") == "");
  CHECK(message_for("result-without-folder.json") == "");
  CHECK(message_for("/dev/null") == "");
  CHECK(folder.files() == 0);
}

TEST_CASE("report file: a name as long as the file system takes is written, a longer one refused") {
  const temporary_folder folder;
  const std::string longest(255, 'a');
  CHECK(message_for(folder / longest) == "");
  write_file(folder / longest, "text");
  CHECK(content(folder / longest) == "text");
  CHECK(folder.files() == 1);
  CHECK(contains(message_for(folder / (longest + 'a')), "has 256 bytes"));
  CHECK(contains(message_for(folder / (longest + "a/result.json")), "name too long"));
}

TEST_CASE("report file: what a crash left is removed, what a living process writes is not") {
  const temporary_folder folder;
  for (const char* name : {"result.json.partial-4000000", "result.json.partial-4000001",
                           "result.json.partial-", "result.json.partial-1x", "other.partial-1"})
    std::ofstream(folder / name) << "half";
  const int living = ::open((folder / "result.json.partial-4000001").c_str(), O_WRONLY);
  REQUIRE(::flock(living, LOCK_EX) == 0);
  CHECK(message_for(folder / "result.json") == "");
  CHECK_FALSE(fs::exists(folder / "result.json.partial-4000000"));
  CHECK(folder.files() == 4);
  ::close(living);
  detent_trainer::remove_stray_files(folder / "result.json");
  CHECK(folder.files() == 3);
}

TEST_CASE("report file: the permissions of a file that is replaced are kept") {
  const temporary_folder folder;
  write_file(folder / "result.json", "old");
  fs::permissions(folder / "result.json", fs::perms::owner_read | fs::perms::owner_write);
  write_file(folder / "result.json", "new");
  CHECK(fs::status(folder / "result.json").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("report file: an interrupted run writes beside the file, within the longest name") {
  const temporary_folder folder;
  const auto name = [&](const std::string& of) {
    return detent_trainer::partial_path(folder / of).filename().string();
  };
  CHECK(name("run.json") == "run.partial.json");
  CHECK(name("run") == "run.partial");
  CHECK(name(std::string(250, 'a') + ".json") == std::string(242, 'a') + ".partial.json");
  CHECK(detent_trainer::partial_path("/dev/stdout") == "/dev/stdout");
  CHECK(detent_trainer::partial_path("").empty());
}
