// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The bytes of safetensors, and the checks of a header that may lie.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <trainer/data/byte_stream.hpp>
#include <trainer/export/safetensors.hpp>

namespace detent_trainer {

namespace {

void append_little_endian(std::string& to, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i)
    to += static_cast<char>(value >> (8 * i) & 0xFFU);
}

std::uint64_t little_endian(std::span<const std::byte> from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < from.size(); ++i)
    value |= std::uint64_t{std::to_integer<std::uint8_t>(from[i])} << (8 * i);
  return value;
}

/// Where a tensor lies in the data.
struct place {
  std::string name;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_float = false;
};

/// Refuses what the JSON parser lets pass around the object: a byte order mark and other white
/// space than the spaces behind it.
void require_bare_object(std::string_view text, std::string_view file) {
  if (!text.starts_with('{')) refuse(file, 8, "the header does not begin with {");
  const std::size_t last = text.find_last_not_of(' ');
  if (text[last] != '}') refuse(file, 8 + last, "the header does not end with } and spaces");
}

/// Parses the header's JSON; nlohmann's parser would let the last of equal keys win.
nlohmann::json parse_header(std::string_view text, std::string_view file) {
  // The JSON parser would take it for the end.
  if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
    refuse(file, 8 + zero, "the header holds a byte 0; only spaces may pad it");
  }
  std::vector<std::set<std::string>> seen;
  std::string twice;
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (event == nlohmann::json::parse_event_t::object_start) seen.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end) seen.pop_back();
    if (event == nlohmann::json::parse_event_t::key &&
        !seen.back().insert(value.get<std::string>()).second) {
      twice = value.get<std::string>();
    }
    return true;
  };
  nlohmann::json header;
  try {
    header = nlohmann::json::parse(text, watch);
  } catch (const nlohmann::json::parse_error& e) {
    refuse(file, 8 + e.byte, "the header is no valid JSON");
  } catch (const nlohmann::json::out_of_range&) {
    refuse(file, 8, "the header holds a number that no double can hold");
  }
  if (!twice.empty()) refuse(file, "'" + twice + "' is there twice in the header");
  if (!header.is_object()) refuse(file, 8, "the header is no JSON object");
  require_bare_object(text, file);
  return header;
}

bool is_count(const nlohmann::json& value) {
  return value.is_number_unsigned();
}

/// One entry of the header. Products cannot overflow: all counts are below 2^30.
place place_of(const std::string& name, const nlohmann::json& entry, std::size_t data_bytes,
               std::string_view file) {
  const auto fail = [&](const std::string& reason) {
    refuse(file, "tensor '" + name + "': " + reason);
  };
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") ||
      !entry.contains("data_offsets")) {
    fail("dtype, shape and data_offsets are needed");
  }
  const nlohmann::json& dtype = entry["dtype"];
  if (dtype != "U8" && dtype != "F32") fail("dtype is neither U8 nor F32");
  const nlohmann::json& shape = entry["shape"];
  if (!shape.is_array() || shape.size() != 1 || !is_count(shape[0])) {
    fail("shape is not one count");
  }
  const nlohmann::json& offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !is_count(offsets[0]) ||
      !is_count(offsets[1])) {
    fail("data_offsets are not two counts");
  }
  const auto begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
  const std::string range = std::to_string(begin) + " to " + std::to_string(end);
  if (begin > end || end > data_bytes) {
    fail("data_offsets " + range + " are not within the " + std::to_string(data_bytes) +
         " bytes of data");
  }
  const bool is_float = dtype == "F32";
  const std::uint64_t width = is_float ? 4 : 1;
  const auto count = shape[0].get<std::uint64_t>();
  if (count > data_bytes || count * width != end - begin) {
    fail("shape [" + std::to_string(count) + "] does not fit data_offsets " + range);
  }
  return {name, static_cast<std::size_t>(begin), static_cast<std::size_t>(end), is_float};
}

/// Throws where tensors overlap or leave bytes out.
void require_contiguous(std::vector<place>& places, std::size_t data_bytes, std::string_view file) {
  std::sort(places.begin(), places.end(), [](const place& a, const place& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::size_t at = 0;
  for (const place& one : places) {
    if (one.begin != at) {
      refuse(file, "tensor '" + one.name + "': begins at " + std::to_string(one.begin) +
                       " of the data, the one before ends at " + std::to_string(at));
    }
    at = one.end;
  }
  if (at != data_bytes) {
    refuse(file, std::to_string(data_bytes - at) + " bytes after the last tensor");
  }
}

std::vector<float> read_floats(std::span<const std::byte> from, const std::string& name,
                               std::string_view file) {
  std::vector<float> numbers(from.size() / 4);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] =
        std::bit_cast<float>(static_cast<std::uint32_t>(little_endian(from.subspan(4 * i, 4))));
    if (std::isfinite(numbers[i])) continue;
    refuse(file, "tensor '" + name + "': number " + std::to_string(i) + " is not finite");
  }
  return numbers;
}

}  // namespace

std::string to_bytes(const safetensors& content) {
  nlohmann::json header = nlohmann::json::object();
  header["__metadata__"] = content.metadata;
  std::string data;
  const auto add = [&](const std::string& name, const char* dtype, std::size_t count,
                       std::size_t begin) {
    header[name] = {{"dtype", dtype}, {"shape", {count}}, {"data_offsets", {begin, data.size()}}};
  };
  for (const auto& [name, numbers] : content.numbers) {
    const std::size_t begin = data.size();
    for (const float x : numbers)
      append_little_endian(data, std::bit_cast<std::uint32_t>(x), 4);
    add(name, "F32", numbers.size(), begin);
  }
  for (const auto& [name, bytes] : content.bytes) {
    const std::size_t begin = data.size();
    data.append(bytes.begin(), bytes.end());
    add(name, "U8", bytes.size(), begin);
  }
  // A text from outside, such as a path, need not be valid UTF-8.
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string file;
  append_little_endian(file, text.size(), 8);
  return file + text + data;
}

safetensors parse_safetensors(std::span<const std::byte> bytes, std::string_view file) {
  if (bytes.size() < 8) {
    refuse(file, bytes.size(), "truncated, 8 bytes of the header's length are needed");
  }
  const std::uint64_t length = little_endian(bytes.first(8));
  if (length > max_header_bytes) {
    refuse(file, 0,
           "a header of " + std::to_string(length) + " bytes, allowed are " +
               std::to_string(max_header_bytes));
  }
  if (length > bytes.size() - 8) {
    refuse(file, bytes.size(),
           "truncated, the header has " + std::to_string(length) + " bytes from offset 8");
  }
  const auto header_bytes = bytes.subspan(8, static_cast<std::size_t>(length));
  const auto data = bytes.subspan(8 + static_cast<std::size_t>(length));
  const nlohmann::json header =
      parse_header({reinterpret_cast<const char*>(header_bytes.data()), header_bytes.size()}, file);

  safetensors content;
  std::vector<place> places;
  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") {
      places.push_back(place_of(name, entry, data.size(), file));
      continue;
    }
    if (!entry.is_object()) refuse(file, "__metadata__ is no JSON object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) refuse(file, "__metadata__: '" + key + "' is not text");
      content.metadata[key] = value.get<std::string>();
    }
  }
  require_contiguous(places, data.size(), file);
  for (const place& one : places) {
    const auto part = data.subspan(one.begin, one.end - one.begin);
    if (one.is_float) {
      content.numbers[one.name] = read_floats(part, one.name, file);
    } else {
      auto& to = content.bytes[one.name];
      to.reserve(part.size());
      for (const std::byte b : part)
        to.push_back(std::to_integer<std::uint8_t>(b));
    }
  }
  return content;
}

}  // namespace detent_trainer
