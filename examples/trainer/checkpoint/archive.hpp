// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// archive: named fields of a state, written or read by the same function.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace detent_trainer {

/// A pass over a state that either writes every field or reads it back.
///
/// One function names the fields for both directions, so that what is read is what was written:
///
///     void archive_state(archive& a, position& p) {
///       a.integer("epoch", p.epoch, 0, 100000);
///       a.number("seconds", p.seconds);
///     }
///
/// Every field carries its type and its name. Numbers keep all their bits, NaN and the sign of 0
/// among them; the bytes are those of little-endian machines on every machine.
/// @throws error  in every member, where a field read is not the one that is asked for, or its
/// value
///                is not allowed: names the file, the offset and the field
class archive {
 public:
  /// Writes.
  archive() = default;

  /// Reads.   @param  bytes  must outlive the archive   @param  offset  of the bytes in the file
  archive(std::span<const std::byte> bytes, std::string file, std::size_t offset);

  bool is_reading() const { return reading_; }

  /// What was written.
  const std::string& bytes() const { return written_; }

  /// A whole number within limits, which both directions check.
  template <class Integer>
  void integer(std::string_view name, Integer& value,
               std::int64_t lowest = std::numeric_limits<std::int64_t>::min(),
               std::int64_t highest = std::numeric_limits<std::int64_t>::max()) {
    static_assert(std::is_integral_v<Integer> || std::is_enum_v<Integer>);
    auto whole = static_cast<std::int64_t>(value);
    field_integer(name, whole, lowest, highest);
    value = static_cast<Integer>(whole);
  }

  void flag(std::string_view name, bool& value) { integer(name, value, 0, 1); }

  /// Any number, NaN and infinity too.
  void number(std::string_view name, double& value);
  void number(std::string_view name, float& value);

  /// A finite number.
  void finite(std::string_view name, double& value);
  void text(std::string_view name, std::string& value);

  /// Lists of any length.
  void numbers(std::string_view name, std::vector<float>& values);
  void numbers(std::string_view name, std::vector<double>& values);
  void numbers(std::string_view name, std::vector<std::uint32_t>& values);
  void numbers(std::string_view name, std::vector<std::int64_t>& values);

  /// A list of so many numbers.
  template <class T>
  void numbers(std::string_view name, std::vector<T>& values, std::size_t count) {
    numbers(name, values);
    if (values.size() != count) refuse_count(name, values.size(), count);
  }

  /// A list of records, each by f(archive, record).
  template <class Record, class F>
  void list(std::string_view name, std::vector<Record>& records, F f) {
    records.resize(count_of(name, records.size()));
    for (Record& record : records)
      f(*this, record);
  }

  /// Whether a part is there; f() passes over it where it is.
  /// @return the same
  bool optional(std::string_view name, bool is_there) {
    flag(name, is_there);
    return is_there;
  }

  /// Refuses bytes after the last field.
  void expect_end() const;

  [[noreturn]] void refuse(std::string_view name, const std::string& reason) const;

 private:
  void field_integer(std::string_view name, std::int64_t& value, std::int64_t lowest,
                     std::int64_t highest);
  std::size_t count_of(std::string_view name, std::size_t count);
  [[noreturn]] void refuse_count(std::string_view name, std::size_t found,
                                 std::size_t wanted) const;

  void head(char type, std::string_view name);
  void put(std::uint64_t value, int bytes);
  std::uint64_t take(std::string_view name, int bytes);

  template <class T, class Bits>
  void field_numbers(char type, std::string_view name, std::vector<T>& values);

  bool reading_ = false;
  std::string written_;
  std::span<const std::byte> bytes_;
  std::string file_;
  std::size_t offset_ = 0;  // of bytes_ in the file
  std::size_t at_ = 0;      // in bytes_
  std::size_t field_ = 0;   // where the field begins
};

}  // namespace detent_trainer
