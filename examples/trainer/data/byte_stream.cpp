// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Reading whole files, and unpacking gzip on the way.

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <trainer/data/byte_stream.hpp>
#include <trainer/error.hpp>
#include <trainer/printable.hpp>

namespace detent_trainer {

void refuse(std::string_view file, const std::string& reason) {
  // A file name may hold a line feed; the message may not.
  throw error{printable(std::string{file} + ": " + reason)};
}

void refuse(std::string_view file, std::size_t offset, const std::string& reason) {
  refuse(file, "offset " + std::to_string(offset) + ": " + reason);
}

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::error_code failure;
  const std::filesystem::file_status status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) refuse(name, "no such file");
  // A device or a pipe could go on for ever.
  if (!std::filesystem::is_regular_file(status)) refuse(name, "not a regular file");
  const std::uintmax_t bytes = std::filesystem::file_size(path, failure);
  if (failure) refuse(name, "cannot be read (" + failure.message() + ")");
  if (bytes > max_file_bytes) {
    refuse(name, std::to_string(bytes) + " bytes, allowed are " + std::to_string(max_file_bytes));
  }
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    refuse(name, std::string{"cannot be opened ("} + std::generic_category().message(errno) + ")");
  }
  std::vector<std::byte> content(static_cast<std::size_t>(bytes));
  file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(bytes));
  const auto read = static_cast<std::size_t>(file.gcount());
  if (read != content.size()) {
    refuse(name, read, "reading stopped, " + std::to_string(bytes) + " bytes expected");
  }
  return content;
}

bool is_gzip(std::span<const std::byte> file) {
  return file.size() >= 2 && file[0] == std::byte{0x1F} && file[1] == std::byte{0x8B};
}

byte_stream::byte_stream(std::span<const std::byte> file, std::string_view name)
    : file_{file}, name_{name} {
  if (file.size() > max_file_bytes) {
    refuse(name,
           std::to_string(file.size()) + " bytes, allowed are " + std::to_string(max_file_bytes));
  }
  if (is_gzip(file)) open_gzip();
}

std::vector<std::uint8_t> byte_stream::take(std::size_t count, std::string_view what) {
  std::vector<std::uint8_t> bytes = gzip_ ? take_packed(count, what) : take_plain(count, what);
  position_ += count;
  return bytes;
}

std::uint32_t byte_stream::take_big_endian(std::string_view what) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : take(4, what))
    value = value << 8U | byte;
  return value;
}

void byte_stream::expect_end() {
  if (!gzip_) {
    if (position_ == file_.size()) return;
    refuse_here(std::to_string(file_.size() - position_) + " trailing bytes");
  }
  // Asking for one byte more also makes zlib read the trailer and compare the check sum.
  std::uint8_t excess = 0;
  if (unpack(&excess, 1) != 0) refuse_here("trailing bytes");
  if (gzip_->avail_in == 0) return;
  refuse(name_, packed_offset(),
         std::to_string(gzip_->avail_in) + " trailing bytes after the gzip stream");
}

void byte_stream::refuse_at(std::size_t offset, const std::string& reason) const {
  refuse(name_, offset, gzip_ ? reason + " (offset in the unpacked data)" : reason);
}

void byte_stream::open_gzip() {
  auto stream = std::make_unique<z_stream>();
  // zlib only reads here; its pointer lacks the const for old compilers' sake.
  stream->next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(file_.data()));
  stream->avail_in = static_cast<uInt>(file_.size());
  constexpr int gzip_only = 16 + MAX_WBITS;
  if (inflateInit2(stream.get(), gzip_only) != Z_OK) refuse(name_, "no memory to unpack gzip");
  gzip_.reset(stream.release());
}

void byte_stream::refuse_truncated(std::size_t count, std::size_t found,
                                   std::string_view what) const {
  refuse_at(position_ + found, "truncated, " + std::string{what} + " needs " +
                                   std::to_string(count) + " bytes from offset " +
                                   std::to_string(position_) + ", found " + std::to_string(found));
}

std::vector<std::uint8_t> byte_stream::take_plain(std::size_t count, std::string_view what) const {
  const std::size_t left = file_.size() - position_;
  if (count > left) refuse_truncated(count, left, what);
  const auto* first = reinterpret_cast<const std::uint8_t*>(file_.data()) + position_;
  return {first, first + count};
}

std::vector<std::uint8_t> byte_stream::take_packed(std::size_t count, std::string_view what) {
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < count) {
    // Grows with what really comes out, not with what was asked for.
    const std::size_t before = bytes.size();
    const std::size_t wanted = std::min(count - before, chunk);
    bytes.resize(before + wanted);
    const std::size_t got = unpack(bytes.data() + before, wanted);
    if (got < wanted) refuse_truncated(count, before + got, what);
  }
  return bytes;
}

void byte_stream::end_member() {
  const auto rest = file_.last(gzip_->avail_in);
  if (is_gzip(rest)) {
    if (inflateReset(gzip_.get()) != Z_OK) refuse(name_, "no memory to unpack gzip");
    return;
  }
  ended_ = true;
  const bool is_padding =
      std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{0}; });
  if (is_padding) gzip_->avail_in = 0;
}

std::size_t byte_stream::unpack(std::uint8_t* to, std::size_t count) {
  gzip_->next_out = to;
  gzip_->avail_out = static_cast<uInt>(count);
  while (gzip_->avail_out != 0 && !ended_) {
    const int result = inflate(gzip_.get(), Z_NO_FLUSH);
    if (result == Z_STREAM_END) end_member();
    if (result == Z_OK || result == Z_STREAM_END) continue;
    if (result == Z_BUF_ERROR) refuse(name_, packed_offset(), "truncated gzip stream");
    const std::string detail =
        gzip_->msg != nullptr ? gzip_->msg : "zlib reports " + std::to_string(result);
    refuse(name_, packed_offset(), "corrupted gzip stream (" + detail + ")");
  }
  return count - gzip_->avail_out;
}

}  // namespace detent_trainer
