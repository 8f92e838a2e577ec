// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Everything that decides a training run, with its defaults and its checks.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace detent_trainer {

struct learned_grid_options;

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
  std::string quantizer() const;
  bool learns_bits() const { return method.ends_with("waveq"); }
  bool regularized() const { return method.ends_with("+sinreq") || learns_bits(); }
  bool penalizes_gradients() const { return method.starts_with("gradl"); }
  /// Methods whose levels move with the training.
  bool learns_grid() const;
  bool drops_bits() const { return method.find("+dropbits") != std::string::npos; }
  bool learns_lengths() const { return method.ends_with("+learned-bits"); }

  /// What the grids of a run have in common. Masks act on weights only.
  learned_grid_options grid_options() const;

  /// Without a quantizer in the forward pass nothing but the pull brings weights to their levels.
  bool decouples() const { return decoupled || method == "waveq"; }

  /// A number without needless digits.
  static std::string shortest(double x);

  /// Names the run in progress lines: "dorefa+sinreq W3 seed 1".
  std::string label() const;
};

namespace settings_detail {

void require_range(std::string_view argument, double value, double lowest, double highest);

}  // namespace settings_detail

/// Throws `error` naming the first argument whose bits the codes of --export cannot have.
void check_export(const settings& s);

/// Throws `error` naming the first argument that makes no sense.
void check(const settings& s);

}  // namespace detent_trainer
