// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Everything that decides a training run, with its defaults and its checks.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/method.hpp>
#include <trainer/nn/architectures.hpp>
#include <trainer/nn/learned_grid.hpp>

namespace detent_trainer {

/// Limits of learned bit-widths, at whose upper end they start.
inline constexpr int fewest_learned_bits = 2;
inline constexpr int most_learned_bits = 8;

/// Bits at which a trained network is evaluated once more; 32: not rounded.
struct ptq_bits {
  int weights = 32;
  int activations = 32;

  friend bool operator==(const ptq_bits&, const ptq_bits&) = default;
};

/// One run: full-precision training, then finetuning with a method.
struct settings {
  std::string model = "lenet5";
  std::string data = "glyphs";
  /// none, dorefa, wrpn; the last two with +sinreq or +waveq too; waveq alone in a float forward;
  /// on learned grids lsq, rq, rq-st, and srq or srq-all, both alone, with +dropbits or with
  /// +dropbits+learned-bits; in full precision gradl1, gradl2, kure or bin
  std::string method = "dorefa+sinreq";
  int bits = 3;                           ///< of the weights, sign included; 32: not quantized
  int activation_bits = 32;               ///< 32: not quantized
  std::map<std::string, int> layer_bits;  ///< exceptions, by layer: {"conv1", 8}
  std::string first_last = "quantized";   ///< of the first and last layer: quantized, 8bit, float
  std::string forward = "quantized";      ///< quantized, or float with rounding at the end
  std::string domain = "matched";         ///< of the regularizer: matched, or raw (the authors')
  std::string amplitude = "squared";      ///< squared, unit or octave; the last two by the mean
  std::string extent = "bounded";         ///< bounded or periodic
  double strength = 0.1;                  ///< λ
  double activation_strength = 0;         ///< gradl1, gradl2: λ of the activations' gradients
  int start_epoch = 1;                    ///< of the finetuning, from which those four act
  double target_bits = 4;                 ///< +waveq: average over the weights, to arrive at
  std::string pull = "sensitivity";  ///< +waveq: on the bits, sensitivity or waveq (the paper's)
  std::string bit_cost = "weights";  ///< +waveq: of a bit, by weights or multiply-accumulates
  std::map<std::string, double> start_bits;  ///< +waveq: exceptions from 8, by layer
  std::string range = "fit";  ///< of grids: fit (squared error) or extent (of the numbers)
  double scale_rate = 0.005;  ///< learned grids: of ln α and ln σ, a step of Adam
  double gate_rate = 0.02;    ///< +dropbits: of the logits, a step of Adam
  double ramp = 0.6;          ///< share of the run where half of λ is reached
  bool decoupled = false;     ///< λ grows as the rate falls: the sinusoid's pull is not annealed
  std::vector<ptq_bits> ptq;  ///< after the training, with no more than rounding
  int pretrain_epochs = 4;
  int epochs = 4;
  std::string lr_schedule = "constant";  ///< of the finetuning: constant or cosine
  double learning_rate = 0.02;
  double pretrain_learning_rate = 0.02;
  std::string optimizer = "sgd";  ///< sgd or adam
  double momentum = 0.9;
  double weight_decay = 0;
  int batch_size = 128;
  bool augment = false;
  std::uint64_t seed = 1;
  int threads = 1;
  std::size_t max_train = 0, max_validation = 0, max_test = 0;  ///< images; 0: all

  /// "dorefa", "wrpn" or "none": the method without its regularizer.
  std::string quantizer() const {
    if (is_float_penalty(method)) return "none";
    return method == "waveq" ? "wrpn" : method.substr(0, method.find('+'));
  }
  bool learns_bits() const { return method.ends_with("waveq"); }
  bool regularized() const { return method.ends_with("+sinreq") || learns_bits(); }
  bool penalizes_gradients() const { return method.starts_with("gradl"); }
  /// Methods whose levels move with the training.
  bool learns_grid() const {
    return method == "lsq" || method.starts_with("rq") || method.starts_with("srq");
  }
  bool drops_bits() const { return method.find("+dropbits") != std::string::npos; }
  bool learns_lengths() const { return method.ends_with("+learned-bits"); }

  /// What the grids of a run have in common. Masks act on weights only.
  learned_grid_options grid_options() const {
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

  /// Without a quantizer in the forward pass nothing but the pull brings weights to their levels.
  bool decouples() const { return decoupled || method == "waveq"; }

  /// A number without needless digits.
  static std::string shortest(double x) {
    std::string text = std::to_string(x);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  }

  /// Names the run in progress lines: "dorefa+sinreq W3 seed 1".
  std::string label() const {
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
};

namespace settings_detail {

template <class Words = std::initializer_list<std::string_view>>
void require_one_of(std::string_view argument, std::string_view value, const Words& allowed) {
  std::string words;
  for (const std::string_view one : allowed) {
    if (value == one) return;
    words += (words.empty() ? "" : ", ") + std::string(one);
  }
  throw error(std::string(argument) + ": '" + std::string(value) + "' is none of " + words);
}

inline void require_bits(std::string_view argument, int bits) {
  if ((bits >= 1 && bits <= 16) || bits == 32) return;
  throw error(std::string(argument) + ": " + std::to_string(bits) +
              " is not allowed; use 1 to 16, or 32 for full precision");
}

/// Weights after training have a zero and signs, for which one bit is too few.
inline void require_ptq_bits(const ptq_bits& bits) {
  require_bits("--ptq", bits.weights);
  require_bits("--ptq", bits.activations);
  if (bits.weights > 1) return;
  throw error("--ptq: 1 bit leaves zero as the only level of the weights; use 2 to 16, or 32");
}

inline void require_wrpn_bits(std::string_view argument, std::string_view quantizer, int bits) {
  if (quantizer != "wrpn" || bits != 1) return;
  throw error(std::string(argument) + ": 1 leaves WRPN zero as its only level; use 2 to 16");
}

inline void require_range(std::string_view argument, double value, double lowest, double highest) {
  if (value >= lowest && value <= highest) return;
  throw error(std::string(argument) + ": " + std::to_string(value) + " is not in [" +
              std::to_string(lowest) + ", " + std::to_string(highest) + "]");
}

inline void require_packed_bits(std::string_view argument, int bits) {
  if (bits <= 8 || bits == 32) return;
  throw error(std::string(argument) + ": " + std::to_string(bits) +
              " bits cannot be exported; use 1 to 8, or 32 for full precision");
}

/// What a penalty in full precision cannot be.
inline void check_float_penalty(const settings& s) {
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
inline void check_learned_grid(const settings& s) {
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

}  // namespace settings_detail

/// Throws `error` naming the first argument whose bits the codes of --export cannot have.
inline void check_export(const settings& s) {
  using namespace settings_detail;
  if (s.quantizer() == "none") return;
  if (!s.learns_bits()) require_packed_bits("--bits", s.bits);
  for (const auto& [layer, bits] : s.layer_bits)
    require_packed_bits("--layer-bits " + layer, bits);
}

/// Throws `error` naming the first argument that makes no sense.
inline void check(const settings& s) {
  using namespace settings_detail;
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
