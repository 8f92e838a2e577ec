// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The checks of a run's settings, and what settings say about a run.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>

#include <trainer/error.hpp>
#include <trainer/method.hpp>
#include <trainer/nn/architectures.hpp>
#include <trainer/nn/learned_grid.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

using namespace settings_detail;

std::string settings::quantizer() const {
  if (is_float_penalty(method)) return "none";
  return method == "waveq" ? "wrpn" : method.substr(0, method.find('+'));
}

bool settings::learns_grid() const {
  return method == "lsq" || method.starts_with("rq") || method.starts_with("srq");
}

learned_grid_options settings::grid_options() const {
  learned_grid_options options;
  const std::string base = quantizer();
  options.method = base == "lsq"       ? grid_method::lsq
                   : base == "rq"      ? grid_method::relaxed
                   : base == "rq-st"   ? grid_method::relaxed_straight_through
                   : base == "srq-all" ? grid_method::semi_relaxed_all
                                       : grid_method::semi_relaxed;
  options.has_gates = drops_bits();
  options.learns_length = learns_lengths();
  options.scale_rate = scale_rate;
  options.gate_rate = gate_rate;
  options.bit_price = learns_lengths() ? strength : 0;
  options.seed = seed;
  return options;
}

std::string settings::shortest(double x) {
  std::array<char, 64> text{};
  const bool is_whole = x == std::trunc(x) && std::abs(x) < 1e15;
  const auto [end, failure] =
      is_whole ? std::to_chars(text.begin(), text.end(), static_cast<long long>(x))
               : std::to_chars(text.begin(), text.end(), x);
  return failure == std::errc() ? std::string(text.begin(), end) : std::to_string(x);
}

std::string settings::label() const {
  std::string text = method;
  if (learns_bits()) {
    text += " target " + shortest(target_bits);
  } else if (quantizer() != "none" || method == "bin") {
    text += " W" + std::to_string(bits);
  }
  if (activation_bits < 32) text += " A" + std::to_string(activation_bits);
  if (forward == "float" && quantizer() != "none") text += " float";
  if (lr_schedule != "constant") text += " " + lr_schedule;
  return text + " seed " + std::to_string(seed);
}

namespace {

template <class Words = std::initializer_list<std::string_view>>
void require_one_of(std::string_view argument, std::string_view value, const Words& allowed) {
  std::string words;
  for (const std::string_view one : allowed) {
    if (value == one) return;
    words += (words.empty() ? "" : ", ") + std::string(one);
  }
  throw error(std::string(argument) + ": '" + std::string(value) + "' is none of " + words);
}

void require_bits(std::string_view argument, int bits, int fewest = 1) {
  if ((bits >= fewest && bits <= 16) || bits == 32) return;
  throw error(std::string(argument) + ": " + std::to_string(bits) + " is not allowed; use " +
              std::to_string(fewest) + " to 16, or 32 for full precision");
}

/// Weights after training have a zero and signs, for which one bit is too few.
void require_ptq_bits(const ptq_bits& bits) {
  if (bits.weights == 1) {
    throw error("--ptq: 1 bit leaves zero as the only level of the weights; use 2 to 16, or 32");
  }
  require_bits("--ptq", bits.weights, 2);
  require_bits("--ptq", bits.activations);
}

void require_wrpn_bits(std::string_view argument, std::string_view quantizer, int bits) {
  if (quantizer != "wrpn" || bits != 1) return;
  throw error(std::string(argument) + ": 1 leaves WRPN zero as its only level; use 2 to 16");
}

}  // namespace

namespace settings_detail {

void require_range(std::string_view argument, double value, double lowest, double highest) {
  if (value >= lowest && value <= highest) return;
  throw error(std::string(argument) + ": " + settings::shortest(value) + " is not in [" +
              settings::shortest(lowest) + ", " + settings::shortest(highest) + "]");
}

}  // namespace settings_detail

namespace {

void require_packed_bits(std::string_view argument, int bits) {
  if (bits <= 8 || bits == 32) return;
  throw error(std::string(argument) + ": " + std::to_string(bits) +
              " bits cannot be exported; use 1 to 8, or 32 for full precision");
}

/// What a penalty in full precision cannot be.
void check_float_penalty(const settings& s) {
  if (s.activation_bits != 32) {
    throw error("--activation-bits: " + s.method +
                " trains in full precision; use --ptq to round afterwards");
  }
  require_range("--activation-strength", s.activation_strength, 0, 1e6);
  require_range("--start-epoch", s.start_epoch, 1, std::max(1, s.epochs));
  if (s.method != "bin") return;
  const auto require = [](const std::string& argument, int bits) {
    if ((bits >= 2 && bits <= 8) || bits == 32) return;
    throw error(argument + ": " + std::to_string(bits) +
                " is not allowed with bin; use 2 to 8, or 32 for no bins");
  };
  require("--bits", s.bits);
  for (const auto& [layer, bits] : s.layer_bits)
    require("--layer-bits " + layer, bits);
}

/// What a grid that is learned cannot be.
void check_learned_grid(const settings& s) {
  require_range("--scale-lr", s.scale_rate, 0, 0.5);
  require_range("--gate-lr", s.gate_rate, 0, 10);
  if (s.forward != "quantized") throw error("--forward: " + s.method + " needs 'quantized'");
  const auto require = [&](const std::string& argument, int bits) {
    const int most = s.drops_bits() ? most_gated_bits : 16;
    if ((bits >= 2 && bits <= most) || bits == 32) return;
    throw error(argument + ": " + std::to_string(bits) + " is not allowed with " + s.method +
                "; use 2 to " + std::to_string(most) + ", or 32 for full precision");
  };
  require("--bits", s.bits);
  for (const auto& [layer, bits] : s.layer_bits)
    require("--layer-bits " + layer, bits);
  if (s.drops_bits() && s.first_last == "8bit") {
    throw error("--first-last: '8bit' is not allowed with " + s.method + ", whose most is " +
                std::to_string(most_gated_bits));
  }
}

}  // namespace

void check_export(const settings& s) {
  if (s.quantizer() == "none") return;
  if (!s.learns_bits()) require_packed_bits("--bits", s.bits);
  for (const auto& [layer, bits] : s.layer_bits)
    require_packed_bits("--layer-bits " + layer, bits);
}

void check(const settings& s) {
  require_one_of("--model", s.model, model_names);
  require_one_of("--method", s.method,
                 {"none",
                  "dorefa",
                  "dorefa+sinreq",
                  "dorefa+waveq",
                  "wrpn",
                  "wrpn+sinreq",
                  "wrpn+waveq",
                  "waveq",
                  "lsq",
                  "rq",
                  "rq-st",
                  "srq",
                  "srq+dropbits",
                  "srq+dropbits+learned-bits",
                  "srq-all",
                  "srq-all+dropbits",
                  "srq-all+dropbits+learned-bits",
                  "gradl1",
                  "gradl2",
                  "kure",
                  "bin"});
  require_range("--target-bits", s.target_bits, fewest_learned_bits, most_learned_bits);
  require_one_of("--pull", s.pull, {"sensitivity", "waveq"});
  require_one_of("--bit-cost", s.bit_cost, {"weights", "operations"});
  for (const auto& [layer, bits] : s.start_bits)
    require_range("--start-bits " + layer, bits, fewest_learned_bits, most_learned_bits);
  require_bits("--bits", s.bits);
  require_bits("--activation-bits", s.activation_bits);
  require_wrpn_bits("--bits", s.quantizer(), s.bits);
  for (const auto& [layer, bits] : s.layer_bits) {
    require_bits("--layer-bits " + layer, bits);
    require_wrpn_bits("--layer-bits " + layer, s.quantizer(), bits);
  }
  for (const ptq_bits& bits : s.ptq)
    require_ptq_bits(bits);
  if (s.learns_grid()) check_learned_grid(s);
  if (is_float_penalty(s.method)) check_float_penalty(s);
  require_one_of("--first-last", s.first_last, {"quantized", "8bit", "float"});
  require_one_of("--forward", s.forward, {"quantized", "float"});
  require_one_of("--domain", s.domain, {"matched", "raw"});
  require_one_of("--amplitude", s.amplitude, {"squared", "unit", "octave"});
  require_one_of("--extent", s.extent, {"bounded", "periodic"});
  require_one_of("--range", s.range, {"fit", "extent"});
  require_one_of("--lr-schedule", s.lr_schedule, {"constant", "cosine"});
  require_one_of("--optimizer", s.optimizer, {"sgd", "adam"});
  require_range("--strength", s.strength, 0, 1e6);
  require_range("--ramp", s.ramp, 0, 1);
  require_range("--epochs", s.epochs, 0, 100000);
  require_range("--pretrain-epochs", s.pretrain_epochs, 0, 100000);
  require_range("--lr", s.learning_rate, 1e-9, 100);
  require_range("--pretrain-lr", s.pretrain_learning_rate, 1e-9, 100);
  require_range("--momentum", s.momentum, 0, 0.9999);
  require_range("--weight-decay", s.weight_decay, 0, 1);
  require_range("--batch", s.batch_size, 1, 1 << 20);
  require_range("--threads", s.threads, 1, 1024);
}

}  // namespace detent_trainer
