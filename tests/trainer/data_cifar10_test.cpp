// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// CIFAR-10 parsing: what is read, and every kind of file that is refused.

#include <doctest/doctest.h>

#include <string>
#include <trainer/data/cifar10.hpp>
#include <trainer/data/labelled_bytes.hpp>
#include <trainer/data_files.hpp>

namespace trainer = detent_trainer;
using namespace data_files;

namespace {

std::string refusal(const bytes& file) {
  return message_of([&] { trainer::parse_cifar10(view(file), "batch-file"); });
}

}  // namespace

TEST_CASE("cifar10: reads records of a label and three planes") {
  const bytes pixels = ramp(2 * 3072);
  bytes file{7};
  file.insert(file.end(), pixels.begin(), pixels.begin() + 3072);
  file.push_back(9);
  file.insert(file.end(), pixels.begin() + 3072, pixels.end());
  const trainer::labelled_bytes data = trainer::parse_cifar10(view(file), "batch-file");
  CHECK(data.shape.channels == 3);
  CHECK(data.shape.height == 32);
  CHECK(data.shape.width == 32);
  CHECK(data.labels == bytes{7, 9});
  CHECK(data.pixels == pixels);
}

TEST_CASE("cifar10: appends the records of a further file") {
  trainer::labelled_bytes data;
  trainer::append_cifar10(view(cifar10(2)), "first", data);
  trainer::append_cifar10(view(cifar10(3, 2)), "second", data);
  CHECK(data.labels == bytes{0, 1, 2, 3, 4});
  CHECK(data.pixels.size() == 5 * 3072);
  CHECK(data.pixels[4 * 3072 - 1] == 3);
  CHECK(data.pixels[4 * 3072] == 4);
}

TEST_CASE("cifar10: rejects an empty file") {
  CHECK(tells(refusal({}), "batch-file", "offset 0: truncated, no record"));
}

TEST_CASE("cifar10: rejects an incomplete record and trailing bytes") {
  CHECK(tells(refusal(without_last(cifar10(3), 1)), "batch-file",
              "offset 6146: truncated, or trailing bytes: a record is 3073 bytes, the last has "
              "3072"));
  CHECK(tells(refusal(appended(cifar10(3), {0})), "batch-file",
              "offset 9219: truncated, or trailing bytes: a record is 3073 bytes, the last has 1"));
  CHECK(tells(refusal({3}), "batch-file", "offset 0: truncated"));
}

TEST_CASE("cifar10: rejects a label of 10 or more and keeps what was read before") {
  trainer::labelled_bytes data = trainer::parse_cifar10(view(cifar10(2)), "batch-file");
  const bytes bad = with(cifar10(3), 2 * 3073, 10);
  const std::string message =
      message_of([&] { trainer::append_cifar10(view(bad), "batch-file", data); });
  CHECK(tells(message, "batch-file", "offset 6146: label 10, allowed are 0 to 9"));
  CHECK(data.labels == bytes{0, 1});
  CHECK(data.pixels.size() == 2 * 3072);
  CHECK(tells(refusal(with(cifar10(3), 0, 255)), "batch-file", "offset 0: label 255"));
}
