// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// IDX parsing: what is read, and every kind of file that is refused.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <trainer/data/idx.hpp>
#include <trainer/data_files.hpp>

namespace trainer = detent_trainer;
using namespace data_files;

namespace {

std::string image_refusal(const bytes& file) {
  return message_of([&] { trainer::parse_idx_images(view(file), "images-file"); });
}

std::string label_refusal(const bytes& file) {
  return message_of([&] { trainer::parse_idx_labels(view(file), "labels-file"); });
}

}  // namespace

TEST_CASE("idx: reads images, plain and gzip") {
  const bytes file = idx_images(3, 4, 5);
  for (const bytes& form : {file, gzip(file)}) {
    const trainer::idx_images images = trainer::parse_idx_images(view(form), "images-file");
    CHECK(images.count == 3);
    CHECK(images.rows == 4);
    CHECK(images.columns == 5);
    CHECK(images.pixels == ramp(60));
  }
}

TEST_CASE("idx: reads labels, plain and gzip") {
  const bytes labels = cycling_labels(25);
  const bytes file = idx_labels(labels);
  for (const bytes& form : {file, gzip(file)}) {
    CHECK(trainer::parse_idx_labels(view(form), "labels-file") == labels);
  }
}

TEST_CASE("idx: rejects a wrong magic number") {
  CHECK(tells(image_refusal(idx_labels(cycling_labels(20))), "images-file",
              "offset 0: magic number 0x00000801, expected 0x00000803 (images)"));
  CHECK(tells(label_refusal(idx_images(1, 2, 2)), "labels-file",
              "offset 0: magic number 0x00000803, expected 0x00000801 (labels)"));
}

TEST_CASE("idx: rejects a truncated header") {
  const bytes images = idx_images(3, 4, 5);
  for (std::size_t size = 0; size < 16; ++size) {
    const bytes file{images.begin(), images.begin() + static_cast<std::ptrdiff_t>(size)};
    CHECK(tells(image_refusal(file), "images-file",
                "offset " + std::to_string(size) + ": truncated, "));
  }
  const bytes labels = idx_labels(cycling_labels(5));
  for (std::size_t size = 0; size < 8; ++size) {
    const bytes file{labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(size)};
    CHECK(tells(label_refusal(file), "labels-file",
                "offset " + std::to_string(size) + ": truncated, "));
  }
}

TEST_CASE("idx: rejects a truncated body, plain and gzip") {
  const bytes images = without_last(idx_images(3, 4, 5), 1);
  CHECK(tells(image_refusal(images), "images-file",
              "offset 75: truncated, pixel data needs 60 bytes from offset 16, found 59"));
  CHECK(tells(image_refusal(gzip(images)), "images-file", "offset 75: truncated, pixel data"));
  const bytes labels = without_last(idx_labels(cycling_labels(5)), 2);
  CHECK(tells(label_refusal(labels), "labels-file",
              "offset 11: truncated, label data needs 5 bytes from offset 8, found 3"));
  CHECK(tells(label_refusal(gzip(labels)), "labels-file", "offset 11: truncated, label data"));
}

TEST_CASE("idx: reads images and labels in several gzip members") {
  const bytes images = idx_images(3, 4, 5);
  const bytes labels = idx_labels(cycling_labels(7));
  const auto in_two = [](const bytes& file, std::ptrdiff_t border) {
    return appended(gzip(bytes(file.begin(), file.begin() + border)),
                    gzip(bytes(file.begin() + border, file.end())));
  };
  for (const std::ptrdiff_t border : {0, 2, 4, 11, 16, 30, 76}) {
    const bytes packed = in_two(images, border);
    CHECK(trainer::parse_idx_images(view(packed), "images-file").pixels == ramp(60));
  }
  for (const std::ptrdiff_t border : {0, 3, 8, 10, 15}) {
    const bytes packed = in_two(labels, border);
    CHECK(trainer::parse_idx_labels(view(packed), "labels-file") == cycling_labels(7));
  }
}

TEST_CASE("idx: rejects trailing bytes, plain and gzip") {
  const bytes images = appended(idx_images(3, 4, 5), {1, 2});
  CHECK(tells(image_refusal(images), "images-file", "offset 76: 2 trailing bytes"));
  CHECK(tells(image_refusal(gzip(images)), "images-file", "offset 76: trailing bytes"));
  const bytes labels = appended(idx_labels(cycling_labels(5)), {1});
  CHECK(tells(label_refusal(labels), "labels-file", "offset 13: 1 trailing bytes"));
  CHECK(tells(label_refusal(gzip(labels)), "labels-file", "offset 13: trailing bytes"));
}

TEST_CASE("idx: rejects dimensions of 0 or beyond the limits") {
  CHECK(tells(image_refusal(idx({0x803, 0, 4, 5}, {})), "images-file",
              "offset 4: image count is 0, allowed are 1 to 1073741824"));
  CHECK(tells(image_refusal(idx({0x803, 3, 0, 5}, {})), "images-file",
              "offset 8: row count is 0, allowed are 1 to 1024"));
  CHECK(tells(image_refusal(idx({0x803, 3, 4, 0}, {})), "images-file",
              "offset 12: column count is 0, allowed are 1 to 1024"));
  CHECK(tells(image_refusal(idx({0x803, 3, 1025, 5}, {})), "images-file",
              "offset 8: row count is 1025"));
  CHECK(tells(image_refusal(idx({0x803, 3, 4, 0xFFFFFFFF}, {})), "images-file",
              "offset 12: column count is 4294967295"));
  CHECK(tells(image_refusal(idx({0x803, 0xFFFFFFFF, 4, 5}, {})), "images-file",
              "offset 4: image count is 4294967295"));
  CHECK(tells(label_refusal(idx({0x801, 0}, {})), "labels-file",
              "offset 4: label count is 0, allowed are 1 to 1073741824"));
  CHECK(tells(label_refusal(idx({0x801, 0xFFFFFFFF}, {})), "labels-file",
              "offset 4: label count is 4294967295"));
}

TEST_CASE("idx: rejects a product that is absurd or overflows") {
  CHECK(tells(image_refusal(idx({0x803, 1U << 30U, 1024, 1024}, {})), "images-file",
              "offset 4: 1073741824 images of 1024 x 1024 are 1125899906842624 bytes, allowed are "
              "1073741824"));
  // 2^12 · 2^10 · 2^10 is 0 in 32 bits.
  CHECK(tells(image_refusal(idx({0x803, 1U << 12U, 1024, 1024}, {})), "images-file",
              "offset 4: 4096 images of 1024 x 1024"));
  CHECK(tells(image_refusal(idx({0x803, 1U << 10U, 1024, 1024}, {1})), "images-file",
              "offset 17: truncated"));
}

TEST_CASE("idx: rejects a label of 10 or more") {
  CHECK(tells(label_refusal(with(idx_labels(cycling_labels(25)), 8 + 13, 10)), "labels-file",
              "offset 21: label 10, allowed are 0 to 9"));
  CHECK(tells(label_refusal(gzip(with(idx_labels(cycling_labels(25)), 8, 255))), "labels-file",
              "offset 8: label 255, allowed are 0 to 9"));
}

TEST_CASE("idx: rejects a corrupted gzip file") {
  const bytes packed = gzip(idx_images(3, 4, 5));
  CHECK(tells(image_refusal(flipped(packed, 8 * (packed.size() - 8))), "images-file",
              "offset " + std::to_string(packed.size() - 4) + ": corrupted gzip stream"));
  CHECK(tells(image_refusal(flipped(packed, 0)), "images-file", "offset 0: magic number 0x1E8B"));
}

TEST_CASE("idx: finds every flipped bit in a plain header") {
  const bytes images = idx_images(3, 4, 5);
  for (std::size_t bit = 0; bit < 8 * 16; ++bit) {
    CHECK(tells(image_refusal(flipped(images, bit)), "images-file", "offset "));
  }
  const bytes labels = idx_labels(cycling_labels(5));
  for (std::size_t bit = 0; bit < 8 * 8; ++bit) {
    CHECK(tells(label_refusal(flipped(labels, bit)), "labels-file", "offset "));
  }
}

TEST_CASE("idx: joins images with their labels, and rejects another number of them") {
  const bytes file = idx_images(3, 4, 5);
  const auto images = trainer::parse_idx_images(view(file), "images-file");
  const auto joined = trainer::join_idx(images, {1, 2, 3}, "images-file", "labels-file");
  CHECK(joined.shape.channels == 1);
  CHECK(joined.shape.height == 4);
  CHECK(joined.shape.width == 5);
  CHECK(joined.pixels == ramp(60));
  CHECK(joined.labels == bytes{1, 2, 3});
  const std::string message = message_of([&] {
    trainer::join_idx(images, {1, 2}, "images-file", "labels-file");
  });
  CHECK(tells(message, "labels-file", "offset 4: 2 labels for 3 images in images-file"));
}
