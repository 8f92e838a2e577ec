// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Loading data sets by name: which files are found, how they are split, and what is refused.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <trainer/data/dataset.hpp>
#include <trainer/data/labelled_bytes.hpp>
#include <trainer/data/load.hpp>
#include <trainer/data_files.hpp>
#include <vector>

namespace trainer = detent_trainer;
using namespace data_files;

namespace {

constexpr std::uint32_t train_count = 50;
constexpr std::uint32_t test_count = 10;

/// Images of 2 x 3 pixels, the first of which tells the image.
bytes numbered_images(std::uint32_t count, unsigned first) {
  bytes file = idx({0x803, count, 2, 3}, bytes(count * 6, 0));
  for (std::uint32_t i = 0; i < count; ++i)
    file[16 + 6 * i] = static_cast<std::uint8_t>(first + i);
  return file;
}

void write_mnist(const scratch_directory& to, bool packed, const std::string& ending) {
  const auto form = [packed](const bytes& file) { return packed ? gzip(file) : file; };
  to.write("train-images-idx3-ubyte" + ending, form(numbered_images(train_count, 0)));
  to.write("train-labels-idx1-ubyte" + ending, form(idx_labels(cycling_labels(train_count))));
  to.write("t10k-images-idx3-ubyte" + ending, form(numbered_images(test_count, 100)));
  to.write("t10k-labels-idx1-ubyte" + ending, form(idx_labels(cycling_labels(test_count))));
}

void write_cifar10(const scratch_directory& to) {
  to.write("data_batch_2.bin", cifar10(10, 10));
  to.write("data_batch_10.bin", cifar10(10, 20));
  to.write("data_batch_1.bin", cifar10(10, 0));
  to.write("test_batch.bin", cifar10(4, 100));
}

trainer::dataset load(const scratch_directory& from, const trainer::data_options& options = {}) {
  return trainer::load(from.path().string(), options, 1);
}

std::string refusal(const scratch_directory& from) {
  return message_of([&] { load(from); });
}

std::string in(const scratch_directory& directory, const std::string& file) {
  return (directory.path() / file).string();
}

/// The bytes that the files held at the first pixel of every image, in order.
std::vector<int> numbers(const trainer::image_set& set, double scale, double mean) {
  std::vector<int> result;
  for (std::size_t i = 0; i < set.size(); ++i) {
    result.push_back(
        static_cast<int>(std::lround(static_cast<double>(set.image(i)[0]) * scale + mean)));
  }
  return result;
}

std::vector<int> range(int first, int past) {
  std::vector<int> result;
  for (int i = first; i < past; ++i)
    result.push_back(i);
  return result;
}

/// Moments of the 2 x 3 images numbered 0 to count - 1, in units of a byte.
trainer::channel_moments moments_of(int count) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    sum += i;
    squares += i * i;
  }
  const double mean = sum / (6.0 * count);
  return {mean, std::sqrt(squares / (6.0 * count) - mean * mean)};
}

}  // namespace

TEST_CASE("load: reads IDX files by content, whatever their names say") {
  for (const bool packed : {false, true}) {
    for (const char* ending : {"", ".gz"}) {
      const scratch_directory directory;
      write_mnist(directory, packed, ending);
      const trainer::dataset data = load(directory);
      CHECK(data.name == directory.path().filename().string());
      CHECK(data.train.shape.channels == 1);
      CHECK(data.train.shape.height == 2);
      CHECK(data.train.shape.width == 3);
      CHECK(data.train.classes == 10);
      CHECK(data.train.size() == 40);
      CHECK(data.validation.size() == 10);
      CHECK(data.test.size() == 10);
      CHECK(data.test.pixels.size() == 60);
    }
  }
}

TEST_CASE("load: reads IDX files with a dot before the kind") {
  const scratch_directory directory;
  directory.write("train-images.idx3-ubyte", numbered_images(train_count, 0));
  directory.write("train-labels.idx1-ubyte", idx_labels(cycling_labels(train_count)));
  directory.write("t10k-images.idx3-ubyte", numbered_images(test_count, 100));
  directory.write("t10k-labels.idx1-ubyte", idx_labels(cycling_labels(test_count)));
  CHECK(load(directory).train.size() == 40);
}

TEST_CASE("load: validation is the end of the training images, test is the test file") {
  const scratch_directory directory;
  write_mnist(directory, false, "");
  const trainer::dataset data = load(directory);
  const auto [mean, deviation] = moments_of(40);
  CHECK(numbers(data.train, deviation, mean) == range(0, 40));
  CHECK(numbers(data.validation, deviation, mean) == range(40, 50));
  CHECK(numbers(data.test, deviation, mean) == range(100, 110));
  CHECK(data.train.labels == cycling_labels(40));
  CHECK(data.validation.labels == cycling_labels(10));
}

TEST_CASE("load: limits take the first images of each part and move none between parts") {
  const scratch_directory directory;
  write_mnist(directory, false, "");
  const trainer::dataset data = load(directory, {7, 3, 2});
  const auto [mean, deviation] = moments_of(7);
  CHECK(numbers(data.train, deviation, mean) == range(0, 7));
  CHECK(numbers(data.validation, deviation, mean) == range(40, 43));
  CHECK(numbers(data.test, deviation, mean) == range(100, 102));
  CHECK(load(directory, {1000, 1000, 1000}).train.size() == 40);
}

TEST_CASE("load: the training part is standardized, and only it decides how") {
  const scratch_directory directory;
  write_mnist(directory, false, "");
  const trainer::dataset data = load(directory);
  const auto train = trainer::measure_channels(data.train);
  CHECK(std::abs(train[0].mean) < 1e-6);
  CHECK(std::abs(train[0].deviation - 1) < 1e-6);
  // The test images are brighter.
  CHECK(trainer::measure_channels(data.test)[0].mean > 1);
}

TEST_CASE("validation_count: 5,000, but at most a fifth") {
  CHECK(trainer::validation_count(60'000) == 5'000);
  CHECK(trainer::validation_count(25'000) == 5'000);
  CHECK(trainer::validation_count(24'999) == 4'999);
  CHECK(trainer::validation_count(50) == 10);
  CHECK(trainer::validation_count(4) == 0);
}

TEST_CASE("load: reads CIFAR-10 files in numeric order") {
  const scratch_directory directory;
  write_cifar10(directory);
  // Files of other names are left alone.
  directory.write("data_batch_x.bin", {1});
  directory.write("data_batch_.bin", {1});
  directory.write("data_batch_3.bin.part", {1});
  directory.write("readme.html", {1});
  const trainer::dataset data = load(directory);
  CHECK(data.train.shape.channels == 3);
  CHECK(data.train.size() == 24);
  CHECK(data.validation.size() == 6);
  CHECK(data.test.size() == 4);
  const double mean = 11.5;
  const double deviation = std::sqrt((24.0 * 24.0 - 1) / 12);
  CHECK(numbers(data.train, deviation, mean) == range(0, 24));
  CHECK(numbers(data.validation, deviation, mean) == range(24, 30));
  CHECK(numbers(data.test, deviation, mean) == range(100, 104));
}

TEST_CASE("load: standardizes every channel of CIFAR-10 apart") {
  const scratch_directory directory;
  bytes file = cifar10(10);
  for (std::size_t i = 0; i < 10; ++i)
    file[3073 * i + 1 + 1024] = 200;
  directory.write("data_batch_1.bin", file);
  directory.write("test_batch.bin", cifar10(2));
  const auto moments = trainer::measure_channels(load(directory).train);
  REQUIRE(moments.size() == 3);
  for (const trainer::channel_moments& channel : moments) {
    CHECK(std::abs(channel.mean) < 1e-6);
    CHECK(std::abs(channel.deviation - 1) < 1e-6);
  }
}

TEST_CASE("load: rejects a missing directory, an empty one, and a file in its place") {
  const scratch_directory directory;
  CHECK(tells(refusal(directory), directory.path().string(), "empty directory"));
  const std::string missing = in(directory, "missing");
  CHECK(tells(message_of([&] { trainer::load(missing, {}, 1); }), missing, "no such directory"));
  const std::string file = directory.write("file", {1}).string();
  CHECK(tells(message_of([&] { trainer::load(file, {}, 1); }), file, "not a directory"));
  CHECK(tells(refusal(directory), directory.path().string(), "no data"));
  CHECK_FALSE(message_of([] { trainer::load("", {}, 1); }) == "(nothing thrown)");
}

TEST_CASE("load: rejects a directory with both kinds of files") {
  const scratch_directory directory;
  write_mnist(directory, false, "");
  write_cifar10(directory);
  CHECK(tells(refusal(directory), directory.path().string(), "both IDX and CIFAR-10"));
}

TEST_CASE("load: rejects a directory from which one file is missing") {
  for (const char* file : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                           "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
    const scratch_directory directory;
    write_mnist(directory, false, "");
    std::filesystem::remove(in(directory, file));
    CHECK(tells(refusal(directory), in(directory, file), "no such file"));
  }
  const scratch_directory directory;
  write_cifar10(directory);
  std::filesystem::remove(in(directory, "test_batch.bin"));
  CHECK(tells(refusal(directory), in(directory, "test_batch.bin"), "no such file"));
  const scratch_directory other;
  other.write("test_batch.bin", cifar10(1));
  CHECK(tells(refusal(other), in(other, "data_batch_1.bin"), "no such file"));
}

TEST_CASE("load: rejects a directory where a file should be") {
  const scratch_directory directory;
  write_mnist(directory, false, "");
  std::filesystem::remove(in(directory, "t10k-labels-idx1-ubyte"));
  std::filesystem::create_directory(in(directory, "t10k-labels-idx1-ubyte"));
  CHECK(tells(refusal(directory), in(directory, "t10k-labels-idx1-ubyte"), "not a regular file"));
}

TEST_CASE("load: names the bad file and the offset, also within gzip") {
  const scratch_directory directory;
  write_mnist(directory, true, ".gz");
  directory.write("train-labels-idx1-ubyte.gz",
                  gzip(with(idx_labels(cycling_labels(train_count)), 8 + 7, 77)));
  CHECK(tells(refusal(directory), in(directory, "train-labels-idx1-ubyte.gz"),
              "offset 15: label 77, allowed are 0 to 9"));
  directory.write("train-images-idx3-ubyte.gz", without_last(gzip(numbered_images(50, 0)), 3));
  CHECK(tells(refusal(directory), in(directory, "train-images-idx3-ubyte.gz"),
              "truncated gzip stream"));
}

TEST_CASE("load: rejects another number of labels than images") {
  const scratch_directory directory;
  write_mnist(directory, false, "");
  directory.write("t10k-labels-idx1-ubyte", idx_labels(cycling_labels(test_count - 1)));
  CHECK(tells(refusal(directory), in(directory, "t10k-labels-idx1-ubyte"),
              "offset 4: 9 labels for 10 images in " + in(directory, "t10k-images-idx3-ubyte")));
}

TEST_CASE("load: rejects test images of another size than the training images") {
  const scratch_directory directory;
  write_mnist(directory, false, "");
  directory.write("t10k-images-idx3-ubyte", idx_images(test_count, 3, 2));
  CHECK(tells(refusal(directory), in(directory, "t10k-images-idx3-ubyte"),
              "offset 8: images of 3 x 2, but training images of 2 x 3"));
}

TEST_CASE("load: names the bad CIFAR-10 file and the offset") {
  const scratch_directory directory;
  write_cifar10(directory);
  directory.write("data_batch_2.bin", with(cifar10(10, 10), 3073, 10));
  CHECK(tells(refusal(directory), in(directory, "data_batch_2.bin"), "offset 3073: label 10"));
  directory.write("data_batch_2.bin", without_last(cifar10(10, 10), 1));
  CHECK(tells(refusal(directory), in(directory, "data_batch_2.bin"), "offset 27657: truncated"));
  directory.write("data_batch_2.bin", {});
  CHECK(tells(refusal(directory), in(directory, "data_batch_2.bin"), "offset 0: truncated"));
}

TEST_CASE("load: rejects training images too few for a validation part") {
  const scratch_directory directory;
  directory.write("data_batch_1.bin", cifar10(4));
  directory.write("test_batch.bin", cifar10(4));
  CHECK(tells(refusal(directory), directory.path().string(),
              "4 training images, at least 5 are needed"));
}

TEST_CASE("load: draws glyphs by seed, standardized, with parts that share no image") {
  const trainer::dataset data = trainer::load("glyphs", {200, 100, 150}, 3);
  CHECK(data.name == "glyphs");
  CHECK(data.train.size() == 200);
  CHECK(data.validation.size() == 100);
  CHECK(data.test.size() == 150);
  const auto moments = trainer::measure_channels(data.train);
  CHECK(std::abs(moments[0].mean) < 1e-6);
  CHECK(std::abs(moments[0].deviation - 1) < 1e-6);
  std::set<std::vector<float>> images;
  for (const auto* part : {&data.train, &data.validation, &data.test}) {
    for (std::size_t i = 0; i < part->size(); ++i) {
      images.insert({part->image(i), part->image(i) + part->pixels_per_image()});
    }
  }
  CHECK(images.size() == 450);
  CHECK(trainer::load("glyphs", {200, 100, 150}, 3).train.pixels == data.train.pixels);
  CHECK(trainer::load("glyphs", {200, 100, 150}, 4).train.pixels != data.train.pixels);
}

TEST_CASE("load: reads the data set in DETENT_DATA_DIR") {
  const char* directory = std::getenv("DETENT_DATA_DIR");
  if (directory == nullptr) {
    MESSAGE("skipped: DETENT_DATA_DIR is not set");
    return;
  }
  const trainer::dataset data = trainer::load(directory, {}, 1);
  MESSAGE("read ", data.name, ": ", data.train.size(), " training images");
  const auto moments = trainer::measure_channels(data.train);
  for (std::size_t c = 0; c < moments.size(); ++c) {
    CHECK(std::abs(moments[c].mean) < 1e-4);
    CHECK(std::abs(moments[c].deviation - 1) < 1e-4);
    CHECK(std::abs(trainer::measure_channels(data.test)[c].mean) < 0.2);
  }
  for (const auto* part : {&data.train, &data.validation, &data.test}) {
    CHECK(part->pixels.size() == part->size() * part->pixels_per_image());
    for (std::uint8_t label = 0; label < 10; ++label) {
      CHECK(std::count(part->labels.begin(), part->labels.end(), label) > 0);
    }
  }
}
