// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Reading data files that may lie: whole files into memory, then forward through plain or gzip
// bytes.

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace detent_trainer {

/// No data file, packed or unpacked, may be larger.
inline constexpr std::size_t max_file_bytes = std::size_t{1} << 30U;

/// Throws `error` with the one-line message "FILE: REASON".
[[noreturn]] void refuse(std::string_view file, const std::string& reason);

/// Throws `error` with the one-line message "FILE: offset N: REASON".
[[noreturn]] void refuse(std::string_view file, std::size_t offset, const std::string& reason);

/// Reads a regular file of at most max_file_bytes.
std::vector<std::byte> read_file(const std::filesystem::path& path);

/// Whether the bytes open with the magic of gzip; names say nothing, browsers unpack and keep them.
bool is_gzip(std::span<const std::byte> file);

/// Walks forward through a file in memory and unpacks it on the way if it is gzip.
///
/// Memory stays bounded by what the file really holds and by what the caller asks for: a header
/// that promises too much, or a gzip stream that unpacks to too much, costs nothing.
/// The members of a gzip file are read one after the other, as RFC 1952 asks. Zero bytes after the
/// last one, the padding of tapes and blocks, are ignored, as gzip does; any other bytes are
/// refused, which gzip ignores with a warning. The check sum of a member covers its content, so any
/// flipped bit there is found; flips in its name or time field change nothing that is read. Errors:
/// `error` naming file and offset; for a fault in what gzip holds, the unpacked offset.
class byte_stream {
 public:
  /// Refers to both arguments, which must outlive the stream.
  byte_stream(std::span<const std::byte> file, std::string_view name);

  /// Takes the next `count` bytes; `what` names them in the message if they are not there.
  std::vector<std::uint8_t> take(std::size_t count, std::string_view what);
  std::uint32_t take_big_endian(std::string_view what);

  /// Refuses a file that goes on.
  void expect_end();

  /// Offset of the next byte, in what gzip holds if the file is gzip.
  std::size_t position() const { return position_; }

  [[noreturn]] void refuse_at(std::size_t offset, const std::string& reason) const;
  [[noreturn]] void refuse_here(const std::string& reason) const { refuse_at(position_, reason); }

 private:
  struct end_inflate {
    void operator()(z_stream* stream) const {
      inflateEnd(stream);
      delete stream;
    }
  };

  static constexpr std::size_t chunk = std::size_t{1} << 20U;

  void open_gzip();

  /// Goes on with the next member, or ends.
  void end_member();

  std::size_t packed_offset() const { return file_.size() - gzip_->avail_in; }

  [[noreturn]] void refuse_truncated(std::size_t count, std::size_t found,
                                     std::string_view what) const;
  std::vector<std::uint8_t> take_plain(std::size_t count, std::string_view what) const;
  std::vector<std::uint8_t> take_packed(std::size_t count, std::string_view what);
  std::size_t unpack(std::uint8_t* to, std::size_t count);

  std::span<const std::byte> file_;
  std::string_view name_;
  std::unique_ptr<z_stream, end_inflate> gzip_;
  std::size_t position_ = 0;
  bool ended_ = false;
};

}  // namespace detent_trainer
