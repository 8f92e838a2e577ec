// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Settings as text, and the checksum of images.

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <trainer/checkpoint/fingerprint.hpp>
#include <trainer/data/dataset.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

namespace {

std::string text_of(const std::string& word) {
  return word;
}

std::string text_of(bool flag) {
  return flag ? "on" : "off";
}

/// All digits that tell the number from its neighbours.
template <class Number>
std::string text_of(Number number) {
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return {digits.data(), end};
}

template <class Number>
std::string text_of(const std::map<std::string, Number>& exceptions) {
  std::string words;
  for (const auto& [layer, bits] : exceptions)
    words += (words.empty() ? "" : " ") + layer + '=' + text_of(bits);
  return words.empty() ? "none" : words;
}

std::string text_of(const std::vector<ptq_bits>& list) {
  std::string words;
  for (const ptq_bits& bits : list) {
    words += (words.empty() ? "" : ",") + text_of(bits.weights) + '/' + text_of(bits.activations);
  }
  return words.empty() ? "none" : words;
}

class checksum {
 public:
  template <class T>
  void add(std::span<const T> numbers) {
    const auto bytes = std::as_bytes(numbers);
    constexpr std::size_t chunk = std::size_t{1} << 30U;
    for (std::size_t at = 0; at < bytes.size(); at += chunk) {
      const std::size_t count = std::min(chunk, bytes.size() - at);
      value_ = ::crc32(value_, reinterpret_cast<const unsigned char*>(bytes.data() + at),
                       static_cast<unsigned>(count));
    }
  }

  std::string text() const { return text_of(value_); }

 private:
  unsigned long value_ = ::crc32(0, nullptr, 0);
};

std::string text_of(const image_set& images) {
  checksum sum;
  sum.add(std::span<const float>(images.pixels));
  sum.add(std::span<const std::uint8_t>(images.labels));
  return text_of(images.size()) + " images of checksum " + sum.text();
}

}  // namespace

fingerprint common_fingerprint(const settings& s) {
  // Names every member: a new one does not compile until it is decided here whether it counts.
  // The folder of the data, what a comparison lists, and the threads do not.
  const auto& [model, data, method, bits, activation_bits, layer_bits, first_last, forward, domain,
               amplitude, extent, strength, activation_strength, start_epoch, target_bits, pull,
               bit_cost, start_bits, range, scale_rate, gate_rate, ramp, decoupled, ptq,
               pretrain_epochs, epochs, lr_schedule, learning_rate, pretrain_learning_rate,
               optimizer, momentum, weight_decay, batch_size, augment, seed, threads, max_train,
               max_validation, max_test] = s;
  static_cast<void>(data), static_cast<void>(method), static_cast<void>(bits);
  static_cast<void>(activation_bits), static_cast<void>(forward), static_cast<void>(strength);
  static_cast<void>(target_bits), static_cast<void>(lr_schedule), static_cast<void>(seed);
  static_cast<void>(threads);
  return {{"--model", text_of(model)},
          {"--layer-bits", text_of(layer_bits)},
          {"--first-last", text_of(first_last)},
          {"--domain", text_of(domain)},
          {"--amplitude", text_of(amplitude)},
          {"--extent", text_of(extent)},
          {"--activation-strength", text_of(activation_strength)},
          {"--start-epoch", text_of(start_epoch)},
          {"--pull", text_of(pull)},
          {"--bit-cost", text_of(bit_cost)},
          {"--start-bits", text_of(start_bits)},
          {"--range", text_of(range)},
          {"--scale-lr", text_of(scale_rate)},
          {"--gate-lr", text_of(gate_rate)},
          {"--ramp", text_of(ramp)},
          {"--decoupled", text_of(decoupled)},
          {"--ptq", text_of(ptq)},
          {"--pretrain-epochs", text_of(pretrain_epochs)},
          {"--epochs", text_of(epochs)},
          {"--lr", text_of(learning_rate)},
          {"--pretrain-lr", text_of(pretrain_learning_rate)},
          {"--optimizer", text_of(optimizer)},
          {"--momentum", text_of(momentum)},
          {"--weight-decay", text_of(weight_decay)},
          {"--batch", text_of(batch_size)},
          {"--augment", text_of(augment)},
          {"--max-train", text_of(max_train)},
          {"--max-validation", text_of(max_validation)},
          {"--max-test", text_of(max_test)}};
}

fingerprint fingerprint_of(const settings& s, const dataset& data) {
  fingerprint all = common_fingerprint(s);
  const fingerprint own{{"--method", text_of(s.method)},
                        {"--bits", text_of(s.bits)},
                        {"--activation-bits", text_of(s.activation_bits)},
                        {"--forward", text_of(s.forward)},
                        {"--strength", text_of(s.strength)},
                        {"--target-bits", text_of(s.target_bits)},
                        {"--lr-schedule", text_of(s.lr_schedule)},
                        {"--seed", text_of(s.seed)},
                        {"--data", data.name},
                        {"--data (training part)", text_of(data.train)},
                        {"--data (validation part)", text_of(data.validation)},
                        {"--data (test part)", text_of(data.test)}};
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

std::string difference_between(const fingerprint& there, const fingerprint& here) {
  for (std::size_t i = 0; i < there.size() || i < here.size(); ++i) {
    if (i >= here.size()) return there[i].first + " is there and not here";
    if (i >= there.size()) return here[i].first + " is here and not there";
    if (there[i] == here[i]) continue;
    if (there[i].first != here[i].first) return there[i].first + " is there and not here";
    return here[i].first + " is '" + there[i].second + "' there and '" + here[i].second + "' here";
  }
  return "";
}

std::string short_name(const fingerprint& of) {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  const auto add = [&](std::string_view text) {
    for (const char c : text) {
      hash ^= static_cast<unsigned char>(c);
      hash *= 0x100000001B3U;
    }
  };
  for (const auto& [name, value] : of) {
    add(name);
    add("=");
    add(value);
    add("\n");
  }
  std::string digits(16, '0');
  for (char& digit : digits) {
    digit = "0123456789abcdef"[hash >> 60U];
    hash <<= 4U;
  }
  return digits;
}

}  // namespace detent_trainer
