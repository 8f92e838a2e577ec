// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Checking and copying the records of CIFAR-10.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <trainer/data/byte_stream.hpp>
#include <trainer/data/cifar10.hpp>
#include <trainer/data/labelled_bytes.hpp>

namespace detent_trainer {

void append_cifar10(std::span<const std::byte> file, std::string_view name, labelled_bytes& data) {
  if (file.empty()) refuse(name, 0, "truncated, no record");
  const std::size_t excess = file.size() % cifar10_record;
  if (excess != 0) {
    refuse(name, file.size() - excess,
           "truncated, or trailing bytes: a record is " + std::to_string(cifar10_record) +
               " bytes, the last has " + std::to_string(excess));
  }
  for (std::size_t at = 0; at < file.size(); at += cifar10_record) {
    const auto label = std::to_integer<int>(file[at]);
    if (label < data_classes) continue;
    refuse(name, at, "label " + std::to_string(label) + ", allowed are 0 to 9");
  }
  const std::size_t records = file.size() / cifar10_record;
  data.shape = cifar10_shape;
  data.labels.reserve(data.labels.size() + records);
  data.pixels.reserve(data.pixels.size() + records * cifar10_pixels);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(file.data());
  for (const auto* record = bytes; record != bytes + file.size(); record += cifar10_record) {
    data.labels.push_back(*record);
    data.pixels.insert(data.pixels.end(), record + 1, record + cifar10_record);
  }
}

labelled_bytes parse_cifar10(std::span<const std::byte> file, std::string_view name) {
  labelled_bytes data;
  append_cifar10(file, name, data);
  return data;
}

}  // namespace detent_trainer
