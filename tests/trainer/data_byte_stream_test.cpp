// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Reading whole files, and walking through plain and gzip bytes that may lie.

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <trainer/data/byte_stream.hpp>
#include <trainer/data_files.hpp>

namespace trainer = detent_trainer;
using namespace data_files;

namespace {

bytes through(const bytes& file, std::size_t count) {
  trainer::byte_stream stream{view(file), "some-file"};
  bytes content = stream.take(count, "content");
  stream.expect_end();
  return content;
}

std::string refusal(const bytes& file, std::size_t count) {
  return message_of([&] { through(file, count); });
}

long peak_kibibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

TEST_CASE("read_file: returns the bytes of a file") {
  const scratch_directory directory;
  const bytes content = ramp(1000);
  const auto read = trainer::read_file(directory.write("file", content));
  REQUIRE(read.size() == content.size());
  CHECK(std::equal(read.begin(), read.end(), view(content).begin()));
  CHECK(trainer::read_file(directory.write("empty", {})).empty());
}

TEST_CASE("read_file: rejects a missing file, a directory and a device") {
  const scratch_directory directory;
  const auto missing = directory.path() / "missing";
  CHECK(tells(message_of([&] { trainer::read_file(missing); }), missing.string(), "no such file"));
  const auto folder = directory.path() / "folder";
  std::filesystem::create_directory(folder);
  CHECK(tells(message_of([&] { trainer::read_file(folder); }), folder.string(),
              "not a regular file"));
  CHECK(tells(message_of([&] { trainer::read_file("/dev/null"); }), "/dev/null",
              "not a regular file"));
}

TEST_CASE("read_file: rejects a file without read permission") {
  const scratch_directory directory;
  const auto secret = directory.write("secret", ramp(10));
  std::filesystem::permissions(secret, std::filesystem::perms::none);
  if (std::ifstream{secret}) {
    MESSAGE("skipped: this user may read every file");
    return;
  }
  CHECK(
      tells(message_of([&] { trainer::read_file(secret); }), secret.string(), "cannot be opened"));
}

TEST_CASE("read_file: rejects a file above the limit before reading it") {
  const scratch_directory directory;
  const auto huge = directory.write("huge", {});
  // Sparse: no disk space is used.
  std::filesystem::resize_file(huge, trainer::max_file_bytes + 1);
  CHECK(tells(message_of([&] { trainer::read_file(huge); }), huge.string(),
              "1073741825 bytes, allowed are 1073741824"));
}

TEST_CASE("refuse: keeps the message on one line whatever the name holds") {
  const std::string message = message_of([] { trainer::refuse("two\nlines", "reason"); });
  CHECK(message == "two\\x0alines: reason");
}

TEST_CASE("byte_stream: decides by content whether a file is gzip") {
  const bytes content = ramp(5000);
  CHECK(through(content, 5000) == content);
  CHECK(through(gzip(content), 5000) == content);
  CHECK(trainer::is_gzip(view(gzip(content))));
  CHECK_FALSE(trainer::is_gzip(view(content)));
  CHECK_FALSE(trainer::is_gzip(view(bytes{0x1F})));
  CHECK_FALSE(trainer::is_gzip(view(bytes{0x1F, 0x8C})));
}

TEST_CASE("byte_stream: takes in pieces, and over several internal chunks") {
  const bytes content = ramp(3'000'000);
  for (const bytes& file : {content, gzip(content)}) {
    trainer::byte_stream stream{view(file), "some-file"};
    CHECK(stream.take_big_endian("number") == 0x00254A6FU);
    CHECK(stream.position() == 4);
    const bytes rest = stream.take(content.size() - 4, "rest");
    stream.expect_end();
    CHECK(std::equal(rest.begin(), rest.end(), content.begin() + 4));
  }
}

TEST_CASE("byte_stream: rejects what ends too early") {
  const bytes content = ramp(100);
  CHECK(tells(refusal(content, 101), "some-file",
              "offset 100: truncated, content needs 101 bytes from offset 0, found 100"));
  CHECK(tells(refusal(gzip(content), 101), "some-file",
              "offset 100: truncated, content needs 101 bytes from offset 0, found 100 (offset in "
              "the unpacked data)"));
}

TEST_CASE("byte_stream: rejects what goes on") {
  const bytes content = ramp(100);
  const bytes packed = gzip(content);
  CHECK(tells(refusal(content, 90), "some-file", "offset 90: 10 trailing bytes"));
  CHECK(tells(refusal(packed, 90), "some-file",
              "offset 90: trailing bytes (offset in the unpacked data)"));
  CHECK(tells(
      refusal(appended(packed, {0, 1, 2}), 100), "some-file",
      "offset " + std::to_string(packed.size()) + ": 3 trailing bytes after the gzip stream"));
  CHECK(tells(refusal(appended(packed, packed), 100), "some-file",
              "offset 100: trailing bytes (offset in the unpacked data)"));
}

TEST_CASE("byte_stream: reads all members of a gzip file as one") {
  const bytes content = ramp(1000);
  const auto part = [&](std::size_t begin, std::size_t end) {
    return gzip(bytes(content.begin() + static_cast<std::ptrdiff_t>(begin),
                      content.begin() + static_cast<std::ptrdiff_t>(end)));
  };
  const bytes nothing = gzip({});
  const bytes two = appended(part(0, 400), part(400, 1000));
  CHECK(through(two, 1000) == content);
  CHECK(through(appended(appended(part(0, 1), part(1, 999)), part(999, 1000)), 1000) == content);
  CHECK(through(appended(nothing, appended(gzip(content), nothing)), 1000) == content);
  // Numbers and blocks across the border of two members.
  trainer::byte_stream stream{view(two), "some-file"};
  stream.take(398, "content");
  const std::uint32_t number = stream.take_big_endian("number");
  CHECK(number == (std::uint32_t{content[398]} << 24U | std::uint32_t{content[399]} << 16U |
                   std::uint32_t{content[400]} << 8U | content[401]));
  stream.take(598, "content");
  stream.expect_end();
  CHECK(tells(refusal(two, 999), "some-file", "offset 999: trailing bytes"));
  CHECK(tells(refusal(two, 1001), "some-file", "offset 1000: truncated"));
  for (std::size_t cut = 1; cut + part(0, 400).size() + 2 <= two.size(); ++cut)
    CHECK(tells(refusal(without_last(two, cut), 1000), "some-file", ": truncated gzip stream"));
  // The second member's check sum.
  CHECK(tells(refusal(flipped(two, 8 * (two.size() - 8)), 1000), "some-file",
              ": corrupted gzip stream (incorrect data check)"));
  // The second member's compression method.
  CHECK(tells(refusal(with(two, part(0, 400).size() + 2, 9), 1000), "some-file",
              ": corrupted gzip stream (unknown compression method)"));
}

TEST_CASE("byte_stream: ignores zeros after the last gzip member, as gzip does, and nothing else") {
  const bytes content = ramp(100);
  const bytes packed = gzip(content);
  for (const std::size_t count : {1U, 2U, 511U, 100000U})
    CHECK(through(appended(packed, bytes(count, 0)), 100) == content);
  CHECK(through(appended(appended(gzip({}), packed), bytes(7, 0)), 100) == content);
  const std::string place = "offset " + std::to_string(packed.size());
  CHECK(tells(refusal(appended(packed, {0, 0, 1}), 100), "some-file",
              place + ": 3 trailing bytes after the gzip stream"));
  CHECK(tells(refusal(appended(packed, {0x1F}), 100), "some-file",
              place + ": 1 trailing bytes after the gzip stream"));
  CHECK(tells(refusal(appended(packed, {0x1F, 0x8C}), 100), "some-file",
              place + ": 2 trailing bytes after the gzip stream"));
  // Padding ends the file: a member behind it is not read.
  CHECK(tells(refusal(appended(packed, appended({0}, packed)), 200), "some-file", "truncated"));
}

TEST_CASE("byte_stream: rejects a gzip stream cut anywhere") {
  const bytes packed = gzip(ramp(100));
  for (std::size_t cut = 1; cut + 2 <= packed.size(); ++cut) {
    const bytes file = without_last(packed, cut);
    CHECK(tells(refusal(file, 100), "some-file",
                "offset " + std::to_string(file.size()) + ": truncated gzip stream"));
  }
}

TEST_CASE("byte_stream: rejects a wrong check sum and a broken block") {
  const bytes packed = gzip(ramp(100));
  // The last eight bytes are the check sum and the length.
  CHECK(tells(refusal(flipped(packed, 8 * (packed.size() - 8)), 100), "some-file",
              ": corrupted gzip stream (incorrect data check)"));
  CHECK(tells(refusal(flipped(packed, 8 * (packed.size() - 1)), 100), "some-file",
              ": corrupted gzip stream (incorrect length check)"));
  // Ten bytes of gzip header come first; block type 3 does not exist.
  CHECK(tells(refusal(with(packed, 10, 0x07), 100), "some-file",
              "corrupted gzip stream (invalid block type)"));
}

TEST_CASE("byte_stream: a flipped bit in gzip is found, or changes nothing that is read") {
  const bytes content = ramp(300);
  const bytes packed = gzip(content);
  std::size_t found = 0;
  for (std::size_t bit = 16; bit < 8 * packed.size(); ++bit) {
    bytes read;
    const std::string message =
        message_of([&] { read = through(flipped(packed, bit), content.size()); });
    if (message.starts_with("some-file: offset ")) {
      ++found;
      continue;
    }
    CHECK(read == content);
  }
  // The header fields that matter to nobody: time, extra flags, system, and a text flag.
  CHECK(found >= 8 * packed.size() - 16 - 8 * 6 - 8);
}

TEST_CASE("byte_stream: neither a false promise nor a bomb costs memory") {
  const bytes packed = gzip(ramp(100));
  const bytes bomb = gzip(bytes(std::size_t{64} << 20U));
  const long before = peak_kibibytes();
  CHECK(tells(refusal(ramp(100), trainer::max_file_bytes), "some-file", "offset 100: truncated"));
  CHECK(tells(refusal(packed, trainer::max_file_bytes), "some-file", "offset 100: truncated"));
  CHECK(tells(refusal(bomb, 17), "some-file", "offset 17: trailing bytes"));
  constexpr long thirty_two_mebibytes = 32 * 1024;
  CHECK(peak_kibibytes() - before < thirty_two_mebibytes);
}
