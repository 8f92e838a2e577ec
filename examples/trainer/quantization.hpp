// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The quantized tensors of a network together: what a step does to them, and the search for bits.

#include <cstddef>
#include <detent/training/bitwidth_search.hpp>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <trainer/export/exported_network.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/quantized_parameter.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

class archive;

/// "fc1" of "fc1.weight".
std::string layer_name(const parameter& p);

/// Throws `error` for a name in layer_bits or start_bits that no layer has.
void require_known_layers(model& m, const settings& s);

/// The quantized tensors of a model.
class quantization {
 public:
  /// Refers to the model and the settings, which must outlive it.
  /// Errors: `error` for a name in layer_bits that no layer has, or weights that are not finite.
  /// @param  steps  of the run: learned bit-widths move so fast that they can cross their range
  ///                several times before they are frozen
  quantization(model& m, const settings& s, std::size_t steps = 1250);

  bool active() const { return !tensors_.empty(); }
  bool quantized_forward() const { return settings_->forward == "quantized"; }

  /// Before a forward pass in training: the levels of this step.
  void prepare();

  /// After the backward pass: gradients by the weights, with the regularizer's share; where bits
  /// are learned, their step. `share` of the run is done.
  double finish_gradients(double strength, double share);

  /// Adds the gradient of bin regularization, whose grids are those of the quantizers; returns its
  /// value without the strength, which is above 0.
  double draw_to_bins(double strength);

  /// After the backward pass, where grids are learned: a step of theirs, and of the gates.
  void learn_grids(double rate_share, double share);

  /// The gates of the layers that have some.
  std::vector<gated_layer> gates() const;

  /// The learned bit-widths and the last pulls on them; empty where none are learned.
  std::vector<learned_width> bit_widths() const;

  /// Writes or reads what training has changed, between two steps. Reading needs an object that
  /// was made of the same model and settings, and the weights of the state.
  void archive_state(archive& a);

  /// The search, for its state; absent where no bits are learned.
  const std::optional<detent::bitwidth_search>& search() const { return search_; }

  void use(operand what);

  /// Float forward: rounds for good. A plain network gets the ranges that suit it best now.
  void snap();
  void calibrate();

  /// Share of the weights whose level differs from that of the step before: the mean over the
  /// steps since the last call. Every step is compared but the very first, also across epochs. NaN
  /// where no two steps were compared: in a float forward there are no levels.
  double flips_per_step();

  double regularizer_seconds() const { return regularizer_seconds_; }

  double on_grid_fraction() const;

  /// Σ N b/Σ N over all weights of products, 32 where not quantized.
  double average_bits() const;
  std::vector<layer_result> layers() const;

  /// By the name of the parameter. Errors: `error` for more bits than are packed.
  std::map<std::string, exported_layer> exported() const;
  std::vector<weight_histogram> histograms() const;

 private:
  int bits_of(const parameter& p, bool at_end) const;

  bool searching() const { return search_ && !search_->frozen(); }

  void start_search(std::size_t steps);

  /// By the loss's sensitivity, whose cost falls by 4 with every bit; or by the paper's penalty.
  std::vector<double> pulls_on_bits() const;

  /// Three phases: the task alone; the average on its way to the target, then held there; and from
  /// half of the run on the bits frozen.
  void step_bits(const std::vector<double>& pulls, double share);
  void set_learned_bits();
  void take_bits();
  std::size_t quantized_weights() const;

  const settings* settings_;
  std::vector<std::pair<parameter*, int>> all_;
  std::vector<quantized_parameter> tensors_;
  std::size_t flips_ = 0;
  double comparisons_ = 0;
  bool stepped_ = false;
  std::optional<detent::bitwidth_search> search_;
  double regularizer_seconds_ = 0;
};

}  // namespace detent_trainer
