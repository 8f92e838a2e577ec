// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Data files that the tests write themselves: a fresh directory, IDX and CIFAR-10 bytes, gzip.

#include <doctest/doctest.h>
#include <stdlib.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <trainer/error.hpp>
#include <vector>

namespace data_files {

using bytes = std::vector<std::uint8_t>;

inline std::span<const std::byte> view(const bytes& content) {
  return std::as_bytes(std::span{content});
}

/// A new directory that goes away with its content.
class scratch_directory {
 public:
  scratch_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "detent-data-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
    path_ = pattern;
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  ~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path write(const std::string& name, const bytes& content) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream stream{file, std::ios::binary};
    stream.write(reinterpret_cast<const char*>(content.data()),
                 static_cast<std::streamsize>(content.size()));
    stream.close();
    if (!stream) throw std::runtime_error{"cannot write " + file.string()};
    return file;
  }

 private:
  std::filesystem::path path_;
};

/// Numbers as IDX stores them, followed by the content.
inline bytes idx(std::initializer_list<std::uint32_t> header, const bytes& content) {
  bytes file;
  for (const std::uint32_t value : header) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      file.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  }
  file.insert(file.end(), content.begin(), content.end());
  return file;
}

/// Bytes that differ from their neighbours.
inline bytes ramp(std::size_t count, unsigned start = 0) {
  bytes content(count);
  for (std::size_t i = 0; i < count; ++i) {
    content[i] = static_cast<std::uint8_t>((i + start) * 37U % 251U);
  }
  return content;
}

inline bytes cycling_labels(std::size_t count) {
  bytes labels(count);
  for (std::size_t i = 0; i < count; ++i)
    labels[i] = static_cast<std::uint8_t>(i % 10);
  return labels;
}

inline bytes idx_images(std::uint32_t count, std::uint32_t rows, std::uint32_t columns,
                        unsigned start = 0) {
  return idx({0x803, count, rows, columns}, ramp(std::size_t{count} * rows * columns, start));
}

inline bytes idx_labels(const bytes& labels) {
  return idx({0x801, static_cast<std::uint32_t>(labels.size())}, labels);
}

/// Records whose every pixel tells the record, counted from `first`.
inline bytes cifar10(std::size_t records, std::size_t first = 0) {
  bytes file;
  for (std::size_t i = first; i < first + records; ++i) {
    file.push_back(static_cast<std::uint8_t>(i % 10));
    file.insert(file.end(), 3072, static_cast<std::uint8_t>(i));
  }
  return file;
}

inline bytes gzip(const bytes& content) {
  z_stream stream{};
  constexpr int gzip_format = 16 + MAX_WBITS;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_format, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::runtime_error{"deflateInit2"};
  }
  bytes packed(deflateBound(&stream, static_cast<uLong>(content.size())) + 64);
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error{"deflate"};
  return packed;
}

inline bytes without_last(bytes content, std::size_t count) {
  content.resize(content.size() - count);
  return content;
}

inline bytes with(bytes content, std::size_t at, std::uint8_t value) {
  content.at(at) = value;
  return content;
}

inline bytes appended(bytes content, const bytes& more) {
  content.insert(content.end(), more.begin(), more.end());
  return content;
}

inline bytes flipped(bytes content, std::size_t bit) {
  content.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
  return content;
}

/// The message of the `error` that a call throws, or a text that no test expects.
template <typename Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const detent_trainer::error& failure) {
    return failure.what();
  }
  return "(nothing thrown)";
}

/// Whether a message is one line, opens with the file, and holds a text.
inline bool tells(const std::string& message, const std::string& file, std::string_view text) {
  const bool good = message.starts_with(file + ": ") && message.find(text) != std::string::npos &&
                    message.find('\n') == std::string::npos;
  if (!good) MESSAGE("message: ", message, "   expected file: ", file, "   text: ", text);
  return good;
}

}  // namespace data_files
