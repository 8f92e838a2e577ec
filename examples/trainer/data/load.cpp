// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Finding the files of a data set in a directory.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <trainer/data/byte_stream.hpp>
#include <trainer/data/cifar10.hpp>
#include <trainer/data/dataset.hpp>
#include <trainer/data/glyphs.hpp>
#include <trainer/data/idx.hpp>
#include <trainer/data/labelled_bytes.hpp>
#include <trainer/data/load.hpp>
#include <trainer/paths.hpp>

namespace detent_trainer {

dataset load_glyphs(const data_options& options, std::uint64_t seed,
                    const glyph_difficulty& difficulty) {
  const auto draw = [&](std::size_t size, std::size_t limit, std::uint64_t stream) {
    return make_glyphs(limited(size, limit), seed, stream, difficulty);
  };
  dataset data;
  data.name = "glyphs";
  data.train = draw(glyph_sizes.max_train, options.max_train, 0);
  data.validation = draw(glyph_sizes.max_validation, options.max_validation, 1);
  data.test = draw(glyph_sizes.max_test, options.max_test, 2);
  standardize(data);
  return data;
}

namespace {

namespace filesystem = std::filesystem;

/// The file `PREFIX-KIND` under any of its usual names: with - or . inside, with or without .gz.
std::optional<filesystem::path> find_idx(const filesystem::path& directory,
                                         const std::string& prefix, const std::string& kind) {
  for (const char* separator : {"-", "."}) {
    for (const char* ending : {"", ".gz"}) {
      filesystem::path path = directory / (prefix + separator + kind + ending);
      std::error_code ignored;
      if (filesystem::exists(path, ignored)) return path;
    }
  }
  return std::nullopt;
}

struct idx_pair {
  std::optional<filesystem::path> images;
  std::optional<filesystem::path> labels;
};

idx_pair find_idx_pair(const filesystem::path& directory, const std::string& part) {
  return {find_idx(directory, part + "-images", "idx3-ubyte"),
          find_idx(directory, part + "-labels", "idx1-ubyte")};
}

labelled_bytes read_idx_pair(const filesystem::path& directory, const std::string& part) {
  const idx_pair found = find_idx_pair(directory, part);
  // Without a file, its plain name is refused by read_file.
  const auto images = found.images.value_or(directory / (part + "-images-idx3-ubyte"));
  const auto labels = found.labels.value_or(directory / (part + "-labels-idx1-ubyte"));
  // One after the other, so that of two bad files the same one is reported everywhere.
  idx_images pixels = parse_idx_images(read_file(images), images.string());
  std::vector<std::uint8_t> classes = parse_idx_labels(read_file(labels), labels.string());
  return join_idx(std::move(pixels), std::move(classes), images.string(), labels.string());
}

/// The digits in `data_batch_DIGITS.bin` without leading zeros, if the name has this form.
std::optional<std::string> batch_number(std::string_view name) {
  constexpr std::string_view prefix = "data_batch_";
  constexpr std::string_view ending = ".bin";
  if (!name.starts_with(prefix) || !name.ends_with(ending)) return std::nullopt;
  if (name.size() <= prefix.size() + ending.size()) return std::nullopt;
  name.remove_prefix(prefix.size());
  name.remove_suffix(ending.size());
  const bool digits =
      std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return std::nullopt;
  name.remove_prefix(std::min(name.find_first_not_of('0'), name.size()));
  return std::string{name};
}

/// The training files of CIFAR-10, by number: 2 before 10.
std::vector<filesystem::path> cifar10_batches(const std::vector<filesystem::path>& files) {
  std::vector<std::pair<std::string, filesystem::path>> numbered;
  for (const filesystem::path& path : files) {
    if (auto number = batch_number(path.filename().string())) numbered.emplace_back(*number, path);
  }
  std::sort(numbered.begin(), numbered.end(), [](const auto& a, const auto& b) {
    if (a.first.size() != b.first.size()) return a.first.size() < b.first.size();
    return a < b;
  });
  std::vector<filesystem::path> batches;
  batches.reserve(numbered.size());
  for (auto& [number, path] : numbered)
    batches.push_back(std::move(path));
  return batches;
}

std::vector<filesystem::path> list(const filesystem::path& directory) {
  const std::string name = directory.string();
  std::error_code failure;
  const filesystem::file_status status = filesystem::status(directory, failure);
  if (!filesystem::exists(status)) refuse(name, "no such directory (or use glyphs)");
  if (!filesystem::is_directory(status)) refuse(name, "not a directory");
  std::vector<filesystem::path> files;
  filesystem::directory_iterator entry{directory, failure};
  for (; !failure && entry != filesystem::directory_iterator{}; entry.increment(failure)) {
    files.push_back(entry->path());
  }
  if (failure) refuse(name, "cannot be listed (" + failure.message() + ")");
  return files;
}

/// The last part of the path, even if it ends in a slash or a dot.
std::string directory_name(const filesystem::path& directory) {
  std::error_code failure;
  const filesystem::path whole = filesystem::canonical(directory, failure);
  return failure ? directory.string() : whole.filename().string();
}

}  // namespace

dataset load_idx(const std::filesystem::path& directory, const data_options& options) {
  const labelled_bytes training = read_idx_pair(directory, "train");
  const labelled_bytes test = read_idx_pair(directory, "t10k");
  const auto sides = [](const image_shape& shape) {
    return std::to_string(shape.height) + " x " + std::to_string(shape.width);
  };
  if (sides(training.shape) != sides(test.shape)) {
    const auto images = find_idx_pair(directory, "t10k").images;
    refuse(images->string(), 8,
           "images of " + sides(test.shape) + ", but training images of " + sides(training.shape));
  }
  return make_dataset(directory.string(), directory_name(directory), training, test, options);
}

dataset load_cifar10(const std::filesystem::path& directory, const data_options& options) {
  labelled_bytes training;
  const auto batches = cifar10_batches(list(directory));
  if (batches.empty()) refuse((directory / "data_batch_1.bin").string(), "no such file");
  for (const auto& path : batches)
    append_cifar10(read_file(path), path.string(), training);
  const std::filesystem::path test_path = directory / "test_batch.bin";
  const labelled_bytes test = parse_cifar10(read_file(test_path), test_path.string());
  return make_dataset(directory.string(), directory_name(directory), training, test, options);
}

std::vector<named_path> data_files(std::string_view what) {
  std::vector<named_path> files;
  const std::filesystem::path directory{what};
  std::error_code failure;
  if (what == "glyphs" || !filesystem::is_directory(directory, failure)) return files;
  for (const char* part : {"train", "t10k"}) {
    const idx_pair found = find_idx_pair(directory, part);
    for (const auto& path : {found.images, found.labels}) {
      if (path) files.push_back({"--data", *path});
    }
  }
  for (const filesystem::path& path : cifar10_batches(list(directory)))
    files.push_back({"--data", path});
  files.push_back({"--data", directory / "test_batch.bin"});
  return files;
}

dataset load(std::string_view what, const data_options& options, std::uint64_t seed) {
  if (what == "glyphs") return load_glyphs(options, seed);
  const std::filesystem::path directory{what};
  const auto files = list(directory);
  if (files.empty()) refuse(what, "empty directory");
  const auto has_idx = [&directory](const std::string& part) {
    const idx_pair found = find_idx_pair(directory, part);
    return found.images.has_value() || found.labels.has_value();
  };
  const bool idx = has_idx("train") || has_idx("t10k");
  const bool cifar10 =
      !cifar10_batches(files).empty() || std::filesystem::exists(directory / "test_batch.bin");
  if (idx && cifar10) refuse(what, "holds both IDX and CIFAR-10 files, keep one of them");
  if (idx) return load_idx(directory, options);
  if (cifar10) return load_cifar10(directory, options);
  refuse(what, "no data: neither IDX files train-/t10k- nor data_batch_*.bin and test_batch.bin");
}

}  // namespace detent_trainer
