// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Fuzz target over all data parsers: they either read the bytes or throw `error`, nothing else.
//
// The first byte selects the parser; what follows is the file. Before it starts, the program writes
// one good file for each parser into the first folder among its arguments, as a seed corpus:
//
//     mkdir corpus && data_fuzz corpus -max_total_time=20

#include <zlib.h>

#include <trainer/data/cifar10.hpp>
#include <trainer/data/idx.hpp>
#include <trainer/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace trainer = detent_trainer;

using bytes = std::vector<std::uint8_t>;

enum parser : std::uint8_t {
  images,
  labels,
  packed_images,
  packed_labels,
  cifar10,
  members_images,
  members_labels,
  parsers
};

/// Packs fast: a check sum that fits its content is out of reach for a mutating fuzzer.
bytes gzip(std::span<const std::uint8_t> content) {
  z_stream stream{};
  constexpr int gzip_format = 16 + MAX_WBITS;
  if (deflateInit2(&stream, 1, Z_DEFLATED, gzip_format, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    std::abort();
  }
  bytes packed(deflateBound(&stream, static_cast<uLong>(content.size())));
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// The same in two members, cut in the middle.
bytes in_members(std::span<const std::uint8_t> content) {
  bytes packed = gzip(content.first(content.size() / 2));
  const bytes second = gzip(content.subspan(content.size() / 2));
  packed.insert(packed.end(), second.begin(), second.end());
  return packed;
}

/// What every caller relies on; a parser that returns something else has failed.
void require(bool condition) {
  if (!condition) std::abort();
}

void parse_images(std::span<const std::byte> file) {
  const trainer::idx_images read = trainer::parse_idx_images(file, "fuzz");
  require(read.count >= 1 && read.rows >= 1 && read.columns >= 1);
  require(read.pixels.size() == read.count * static_cast<std::size_t>(read.rows) *
                                    static_cast<std::size_t>(read.columns));
}

void parse_labels(std::span<const std::byte> file) {
  const bytes read = trainer::parse_idx_labels(file, "fuzz");
  require(!read.empty());
  for (const std::uint8_t label : read)
    require(label < trainer::data_classes);
}

void parse_cifar10(std::span<const std::byte> file) {
  const trainer::labelled_bytes read = trainer::parse_cifar10(file, "fuzz");
  require(!read.labels.empty());
  require(read.pixels.size() == read.labels.size() * trainer::cifar10_pixels);
  for (const std::uint8_t label : read.labels)
    require(label < trainer::data_classes);
}

void parse(std::uint8_t selector, std::span<const std::uint8_t> content) {
  bytes packed;
  switch (selector % parsers) {
    // A gzip file is recognized by content, so these two meet raw and broken gzip as well.
    case images:
      return parse_images(std::as_bytes(content));
    case labels:
      return parse_labels(std::as_bytes(content));
    case packed_images:
      packed = gzip(content);
      return parse_images(std::as_bytes(std::span{packed}));
    case packed_labels:
      packed = gzip(content);
      return parse_labels(std::as_bytes(std::span{packed}));
    case members_images:
      packed = in_members(content);
      return parse_images(std::as_bytes(std::span{packed}));
    case members_labels:
      packed = in_members(content);
      return parse_labels(std::as_bytes(std::span{packed}));
    default:
      return parse_cifar10(std::as_bytes(content));
  }
}

/// One good file for each parser, and both IDX files as raw gzip.
void write_seeds(const std::filesystem::path& directory) {
  const bytes image_file{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0,
                         0, 3, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2};
  const bytes label_file{0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 8, 9};
  bytes record(trainer::cifar10_record, 100);
  record[0] = 7;
  const auto write = [&directory](const std::string& name, parser selector, const bytes& content) {
    std::ofstream file{directory / ("seed_" + name), std::ios::binary};
    file.put(static_cast<char>(selector));
    file.write(reinterpret_cast<const char*>(content.data()),
               static_cast<std::streamsize>(content.size()));
  };
  write("images", images, image_file);
  write("labels", labels, label_file);
  write("packed_images", packed_images, image_file);
  write("packed_labels", packed_labels, label_file);
  write("gzip_images", images, gzip(image_file));
  write("gzip_labels", labels, gzip(label_file));
  write("members_images", members_images, image_file);
  write("members_labels", members_labels, label_file);
  bytes members = in_members(image_file);
  members.insert(members.end(), 8, 0);
  write("gzip_members_padded", images, members);
  write("cifar10", cifar10, record);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  for (const char* argument : std::span{*arguments, static_cast<std::size_t>(*count)}) {
    if (!std::filesystem::is_directory(argument)) continue;
    write_seeds(argument);
    break;
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    parse(data[0], std::span{data, size}.subspan(1));
  } catch (const trainer::error& refused) {
    // The message is for one line of a terminal.
    require(std::string_view{refused.what()}.starts_with("fuzz: "));
    require(std::string_view{refused.what()}.find('\n') == std::string_view::npos);
  }
  return 0;
}
