// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The bytes of a field: its type, its name, its value.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <trainer/checkpoint/archive.hpp>
#include <trainer/error.hpp>

namespace detent_trainer {

archive::archive(std::span<const std::byte> bytes, std::string file, std::size_t offset)
    : reading_{true}, bytes_{bytes}, file_{std::move(file)}, offset_{offset} {}

void archive::number(std::string_view name, double& value) {
  head('d', name);
  if (!reading_) return put(std::bit_cast<std::uint64_t>(value), 8);
  value = std::bit_cast<double>(take(name, 8));
}

void archive::number(std::string_view name, float& value) {
  head('f', name);
  if (!reading_) return put(std::bit_cast<std::uint32_t>(value), 4);
  value = std::bit_cast<float>(static_cast<std::uint32_t>(take(name, 4)));
}

void archive::finite(std::string_view name, double& value) {
  number(name, value);
  if (!std::isfinite(value)) refuse(name, "is not finite");
}

void archive::text(std::string_view name, std::string& value) {
  head('s', name);
  if (!reading_) {
    put(value.size(), 8);
    written_ += value;
    return;
  }
  const std::uint64_t size = take(name, 8);
  if (size > bytes_.size() - at_) {
    refuse(name, "has " + std::to_string(size) + " bytes, the file ends before");
  }
  value.assign(reinterpret_cast<const char*>(bytes_.data() + at_), static_cast<std::size_t>(size));
  at_ += static_cast<std::size_t>(size);
}

void archive::numbers(std::string_view name, std::vector<float>& values) {
  field_numbers<float, std::uint32_t>('F', name, values);
}

void archive::numbers(std::string_view name, std::vector<double>& values) {
  field_numbers<double, std::uint64_t>('D', name, values);
}

void archive::numbers(std::string_view name, std::vector<std::uint32_t>& values) {
  field_numbers<std::uint32_t, std::uint32_t>('U', name, values);
}

void archive::numbers(std::string_view name, std::vector<std::int64_t>& values) {
  field_numbers<std::int64_t, std::uint64_t>('I', name, values);
}

void archive::expect_end() const {
  if (at_ == bytes_.size()) return;
  throw error(file_ + ": offset " + std::to_string(offset_ + at_) + ": " +
              std::to_string(bytes_.size() - at_) + " bytes after the last field");
}

void archive::refuse(std::string_view name, const std::string& reason) const {
  const std::string field = "field '" + std::string(name) + "' " + reason;
  if (!reading_) throw error("checkpoint: " + field);
  throw error(file_ + ": offset " + std::to_string(offset_ + field_) + ": " + field);
}

void archive::field_integer(std::string_view name, std::int64_t& value, std::int64_t lowest,
                            std::int64_t highest) {
  head('i', name);
  if (reading_) value = static_cast<std::int64_t>(take(name, 8));
  if (value < lowest || value > highest) {
    refuse(name, "is " + std::to_string(value) + ", allowed are " + std::to_string(lowest) +
                     " to " + std::to_string(highest));
  }
  if (!reading_) put(static_cast<std::uint64_t>(value), 8);
}

std::size_t archive::count_of(std::string_view name, std::size_t count) {
  head('l', name);
  if (!reading_) {
    put(count, 8);
    return count;
  }
  const std::uint64_t read = take(name, 8);
  // A record has at least one field of at least three bytes.
  if (read > (bytes_.size() - at_) / 3) {
    refuse(name, "has " + std::to_string(read) + " records, the file ends before");
  }
  return static_cast<std::size_t>(read);
}

void archive::refuse_count(std::string_view name, std::size_t found, std::size_t wanted) const {
  refuse(name,
         "has " + std::to_string(found) + " numbers, " + std::to_string(wanted) + " are needed");
}

void archive::head(char type, std::string_view name) {
  if (!reading_) {
    written_ += type;
    written_ += static_cast<char>(name.size());
    written_ += name;
    return;
  }
  field_ = at_;
  const std::size_t size = 2 + name.size();
  if (bytes_.size() - at_ < size) refuse(name, "is missing, the file ends before");
  const char* const found = reinterpret_cast<const char*>(bytes_.data() + at_);
  if (found[0] != type || static_cast<unsigned char>(found[1]) != name.size() ||
      std::memcmp(found + 2, name.data(), name.size()) != 0) {
    refuse(name, "is missing, another one stands there");
  }
  at_ += size;
}

void archive::put(std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    written_ += static_cast<char>(value >> (8 * i) & 0xFFU);
}

std::uint64_t archive::take(std::string_view name, int bytes) {
  if (bytes_.size() - at_ < static_cast<std::size_t>(bytes)) refuse(name, "is truncated");
  std::uint64_t value = 0;
  for (int i = 0; i < bytes; ++i)
    value |= std::uint64_t{std::to_integer<std::uint8_t>(bytes_[at_ + static_cast<std::size_t>(i)])}
             << (8 * i);
  at_ += static_cast<std::size_t>(bytes);
  return value;
}

template <class T, class Bits>
void archive::field_numbers(char type, std::string_view name, std::vector<T>& values) {
  head(type, name);
  if (!reading_) {
    put(values.size(), 8);
    for (const T value : values)
      put(std::bit_cast<Bits>(value), sizeof(Bits));
    return;
  }
  const std::uint64_t count = take(name, 8);
  if (count > (bytes_.size() - at_) / sizeof(Bits)) {
    refuse(name, "has " + std::to_string(count) + " numbers, the file ends before");
  }
  values.resize(static_cast<std::size_t>(count));
  for (T& value : values)
    value = std::bit_cast<T>(static_cast<Bits>(take(name, sizeof(Bits))));
}

}  // namespace detent_trainer
