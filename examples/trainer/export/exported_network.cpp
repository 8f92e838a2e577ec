// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Network to safetensors and back, with a check of every entry.

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <map>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <trainer/data/byte_stream.hpp>
#include <trainer/error.hpp>
#include <trainer/export/exported_network.hpp>
#include <trainer/export/safetensors.hpp>
#include <trainer/image_shape.hpp>
#include <trainer/nn/architectures.hpp>
#include <trainer/nn/batch_norm.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/relu.hpp>

namespace detent_trainer {

int exported_layer::stored(std::size_t i) const {
  const std::size_t first = i * static_cast<std::size_t>(bits);
  unsigned window = codes[first / 8];
  if (first / 8 + 1 < codes.size()) window |= unsigned{codes[first / 8 + 1]} << 8U;
  return static_cast<int>(window >> first % 8 & ((1U << static_cast<unsigned>(bits)) - 1));
}

float exported_layer::level(int stored_code) const {
  return static_cast<float>(gain) * grid.as<float>().level(grid.lowest_code() + stored_code);
}

std::vector<float> exported_layer::levels() const {
  std::vector<float> weights(count);
  detent::unpack(grid, detent::packed_codes{codes, detent::bits{bits}}, weights);
  for (float& w : weights)
    w = static_cast<float>(gain) * w;
  return weights;
}

void require_exportable(image_shape images) {
  const auto pixels = std::int64_t{images.channels} * images.height * images.width;
  if (pixels <= max_exported_pixels) return;
  throw error("--export: images of " + std::to_string(pixels) + " numbers, allowed are " +
              std::to_string(max_exported_pixels));
}

void for_each_named(model& m,
                    const std::function<void(const std::string&, std::vector<float>&)>& f) {
  m.visit([&](parameter& p) { f(p.name, p.value); });
  m.for_each_layer([&](layer& one) {
    auto* norm = dynamic_cast<batch_norm*>(&one);
    if (norm == nullptr) return;
    std::string name;
    norm->visit([&](parameter& p) { name = p.name.substr(0, p.name.rfind('.')); });
    const char* which = ".running_mean";
    norm->visit_state([&](std::vector<float>& numbers) {
      f(name + which, numbers);
      which = ".running_variance";
    });
  });
}

namespace {

/// The shortest digits that read back as the same number.
template <class T>
std::string digits(T value) {
  return detent::detail::text(value);
}

std::string digits(const std::vector<float>& values) {
  std::string text;
  for (const float x : values)
    text += (text.empty() ? "" : " ") + digits(x);
  return text;
}

/// Metadata with the complaints that belong to it.
class metadata_reader {
 public:
  metadata_reader(const safetensors& content, std::string_view file)
      : metadata_{content.metadata}, file_{file} {}

  [[noreturn]] void fail(const std::string& key, const std::string& reason) const {
    refuse(file_, "metadata '" + key + "': " + reason);
  }

  const std::string& text(const std::string& key) const {
    const auto found = metadata_.find(key);
    if (found == metadata_.end()) fail(key, "missing");
    return found->second;
  }

  template <class T>
  T number(const std::string& key) const {
    return parse<T>(key, text(key));
  }

  int number(const std::string& key, int lowest, int highest) const {
    const int value = number<int>(key);
    if (value >= lowest && value <= highest) return value;
    fail(key, std::to_string(value) + ", allowed are " + std::to_string(lowest) + " to " +
                  std::to_string(highest));
  }

  std::vector<float> numbers(const std::string& key) const {
    std::istringstream words{text(key)};
    std::vector<float> values;
    for (std::string word; words >> word;)
      values.push_back(parse<float>(key, word));
    return values;
  }

 private:
  template <class T>
  T parse(const std::string& key, const std::string& word) const {
    T value{};
    const char* end = word.data() + word.size();
    const auto [rest, failure] = std::from_chars(word.data(), end, value);
    bool good = failure == std::errc() && rest == end;
    if constexpr (std::is_floating_point_v<T>) good = good && std::isfinite(value);
    if (!good) fail(key, "'" + word + "' is no number that is allowed");
    return value;
  }

  const std::map<std::string, std::string>& metadata_;
  std::string_view file_;
};

constexpr std::string_view codes_suffix = ".codes";

void require_codes_within(const exported_layer& layer, const std::string& name,
                          std::string_view file) {
  for (std::size_t i = 0; i < layer.count; ++i) {
    if (layer.stored(i) < layer.grid.size()) continue;
    refuse(file, "tensor '" + name + "': code " + std::to_string(i) + " is " +
                     std::to_string(layer.stored(i)) + ", allowed are 0 to " +
                     std::to_string(layer.grid.size() - 1));
  }
  const std::size_t used = layer.count % 8 * static_cast<std::size_t>(layer.bits) % 8;
  if (used != 0 && layer.codes.back() >> used != 0) {
    refuse(file, "tensor '" + name + "': bits after the last code are not 0");
  }
}

exported_layer read_layer(const metadata_reader& metadata, const std::string& name,
                          std::vector<std::uint8_t> codes, std::string_view file) {
  exported_layer layer;
  layer.bits = metadata.number(name + ".bits", 1, detent::max_packed_bits);
  layer.count = metadata.number<std::size_t>(name + ".count");
  layer.codes = std::move(codes);
  // The first condition also keeps packed_size() from overflowing.
  if (layer.count > 8 * layer.codes.size() ||
      layer.codes.size() != detent::packed_size(layer.count, detent::bits{layer.bits})) {
    refuse(file, "tensor '" + name + ".codes': " + std::to_string(layer.codes.size()) +
                     " bytes do not fit " + std::to_string(layer.count) + " codes of " +
                     std::to_string(layer.bits) + " bits");
  }
  const int lowest = metadata.number<int>(name + ".lowest_code");
  const int highest = metadata.number<int>(name + ".highest_code");
  try {
    layer.grid = {detent::step_size{metadata.number<double>(name + ".step")},
                  metadata.number<double>(name + ".phase"), lowest, highest};
  } catch (const detent::invalid_argument& e) {
    metadata.fail(name + ".step", e.what());
  }
  if (layer.grid.size() > 1 << layer.bits) {
    metadata.fail(name + ".highest_code",
                  "more codes than " + std::to_string(layer.bits) + " bits hold");
  }
  layer.gain = metadata.number<double>(name + ".gain");
  if (!(layer.gain > 0) || !std::isfinite(layer.level(0)) ||
      !std::isfinite(layer.level(layer.grid.size() - 1))) {
    metadata.fail(name + ".gain", "with step and phase it makes no finite levels");
  }
  require_codes_within(layer, name + std::string{codes_suffix}, file);
  return layer;
}

image_shape read_input(const metadata_reader& metadata) {
  const image_shape shape{metadata.number("input.channels", 1, max_exported_pixels),
                          metadata.number("input.height", 1, max_exported_pixels),
                          metadata.number("input.width", 1, max_exported_pixels)};
  if (std::int64_t{shape.channels} * shape.height * shape.width > max_exported_pixels) {
    metadata.fail("input.channels",
                  "images of more than " + std::to_string(max_exported_pixels) + " numbers");
  }
  return shape;
}

}  // namespace

safetensors to_safetensors(const exported_network& network) {
  safetensors content;
  content.numbers = network.numbers;
  auto& text = content.metadata;
  text["format"] = "detent";
  text["format_version"] = "1";
  text["model"] = network.model;
  text["method"] = network.method;
  text["input.channels"] = digits(network.input.channels);
  text["input.height"] = digits(network.input.height);
  text["input.width"] = digits(network.input.width);
  text["classes"] = digits(network.classes);
  text["test_accuracy"] = digits(network.test_accuracy);
  text["activation_bits"] = digits(network.activation_bits);
  text["activation_ranges"] = digits(network.activation_ranges);
  for (const auto& [name, layer] : network.layers) {
    text[name + ".bits"] = digits(layer.bits);
    text[name + ".count"] = digits(layer.count);
    text[name + ".step"] = digits(layer.grid.step());
    text[name + ".phase"] = digits(layer.grid.phase());
    text[name + ".lowest_code"] = digits(layer.grid.lowest_code());
    text[name + ".highest_code"] = digits(layer.grid.highest_code());
    text[name + ".gain"] = digits(layer.gain);
    content.bytes[name + std::string{codes_suffix}] = layer.codes;
  }
  return content;
}

exported_network parse_network(std::span<const std::byte> bytes, std::string_view file) {
  safetensors content = parse_safetensors(bytes, file);
  const metadata_reader metadata{content, file};
  if (metadata.text("format") != "detent") metadata.fail("format", "it is not 'detent'");
  metadata.number("format_version", 1, 1);
  exported_network network;
  network.model = metadata.text("model");
  network.method = metadata.text("method");
  network.input = read_input(metadata);
  network.classes = metadata.number("classes", 2, 1000);
  network.test_accuracy = metadata.number<double>("test_accuracy");
  network.activation_bits = metadata.number<int>("activation_bits");
  if (network.activation_bits != 32) metadata.number("activation_bits", 1, detent::max_bits);
  network.activation_ranges = metadata.numbers("activation_ranges");
  for (auto& [name, codes] : content.bytes) {
    if (!name.ends_with(codes_suffix)) {
      refuse(file, "tensor '" + name + "': U8, but its name does not end in .codes");
    }
    const std::string layer = name.substr(0, name.size() - codes_suffix.size());
    network.layers.emplace(layer, read_layer(metadata, layer, std::move(codes), file));
  }
  network.numbers = std::move(content.numbers);
  return network;
}

exported_network read_network(const std::string& path) {
  return parse_network(read_file(path), path);
}

namespace {

void restore_activations(model& m, const exported_network& network, std::string_view file) {
  if (network.activation_bits == 32) return;
  std::size_t next = 0;
  m.for_each_relu([&](relu& r) {
    if (next == network.activation_ranges.size()) {
      refuse(file, "metadata 'activation_ranges': fewer than rectifiers");
    }
    r.bits = network.activation_bits;
    r.range = network.activation_ranges[next++];
    try {
      static_cast<void>(
          detent::dorefa_activations{detent::bits{r.bits}, static_cast<double>(r.range)});
    } catch (const detent::invalid_argument& e) {
      refuse(file, std::string{"metadata 'activation_ranges': "} + e.what());
    }
  });
  if (next != network.activation_ranges.size()) {
    refuse(file, "metadata 'activation_ranges': more than rectifiers");
  }
}

}  // namespace

model rebuilt(const exported_network& network, std::string_view file) {
  model made = [&] {
    try {
      return make_model(network.model, network.input, network.classes, 0);
    } catch (const error& e) {
      refuse(file, e.what());
    }
  }();
  std::set<std::string> known;
  for_each_named(made, [&](const std::string& name, std::vector<float>& numbers) {
    known.insert(name);
    const auto layer = network.layers.find(name);
    const auto plain = network.numbers.find(name);
    if ((layer != network.layers.end()) == (plain != network.numbers.end())) {
      refuse(file, "tensor '" + name + "': needed by " + network.model +
                       ", in one form; it is there in " +
                       (plain == network.numbers.end() ? "none" : "two"));
    }
    std::vector<float> found =
        layer != network.layers.end() ? layer->second.levels() : plain->second;
    if (found.size() != numbers.size()) {
      refuse(file, "tensor '" + name + "': " + std::to_string(found.size()) + " numbers, " +
                       network.model + " needs " + std::to_string(numbers.size()));
    }
    for (const float x : found) {
      if (x < 0 && name.ends_with(".running_variance")) {
        refuse(file, "tensor '" + name + "': a variance is below 0");
      }
    }
    numbers = std::move(found);
  });
  const auto require_known = [&](const auto& tensors) {
    for (const auto& [name, content] : tensors) {
      if (!known.contains(name)) {
        refuse(file, "tensor '" + name + "': not part of " + network.model);
      }
    }
  };
  require_known(network.layers);
  require_known(network.numbers);
  restore_activations(made, network, file);
  return made;
}

}  // namespace detent_trainer
