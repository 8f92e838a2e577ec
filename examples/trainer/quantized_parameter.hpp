// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// One quantized tensor of a network: its quantizer, its levels, and the regularizer that fits them.

#include <cstddef>
#include <cstdint>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <optional>
#include <variant>
#include <vector>

#include <trainer/export/exported_network.hpp>
#include <trainer/nn/learned_grid.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

class archive;

/// Throws `error` naming the parameter where one of its values is not finite.
void require_finite(const parameter& p);

/// What the forward pass computes with.
enum class operand {
  trained,    ///< the weights as they are
  unrounded,  ///< through the quantizer's domain and scale, but not rounded
  levels,     ///< the quantizer's output
};

/// One quantized tensor: its quantizer, made anew from the weights where it depends on them, and
/// the regularizer that belongs to it. Where the grid is learned, the quantizer is that at rest.
class quantized_parameter {
 public:
  /// @param  number  of the tensor among all that draw
  quantized_parameter(parameter& p, int bits, const settings& s, std::uint32_t number = 0);

  const parameter& of() const { return *parameter_; }
  int bits() const { return bits_; }

  /// Another number of bits from now on; fits the range anew where it is another.
  void set_bits(int bits);

  /// Fixes the scale anew from the weights as they are now.
  void calibrate() { quantizer_ = calibrated(); }

  /// Writes or reads what training has changed, between two steps.
  void archive_state(archive& a);

  const std::optional<learned_grid>& learned() const { return learned_; }

  /// A step of the learned grid, whose share of the learning rate is given.
  void learn(double rate_share);
  void freeze_length();

  /// Follows the weights: DoReFa's maximum is that of this step; ranges stay as calibrated.
  void refresh();

  /// Fills the operand of the forward pass.
  void prepare(operand what);

  /// Fills the operand of a forward pass in training: the levels, or what a learned grid draws.
  void prepare_training();

  /// After prepare_training(): how many weights have another level than at the last call; 0 at the
  /// first. The levels of that call are kept apart, so that no evaluation in between is compared.
  std::size_t count_flips();

  /// Σ g² e² over the weights, e what rounding changes a weight by, g the loss's gradient: what the
  /// rounding costs, to second order, up to a factor that all layers share.
  double sensitivity() const;

  /// ∂/∂β of the WaveQ penalty without a strength.
  double waveq_pull(double bit_width) const;

  /// `regularize` by WaveQ: the period is that of the bit-width, which need not be whole. The
  /// amplitude is the squared distance's at that period.
  double regularize(double strength, double bit_width);

  /// Turns the gradient by the operand into the gradient by the weights.
  void lead_back();

  /// Adds the regularizer's gradient; returns its value without the strength.
  double regularize(double strength);

  /// `regularize` by the bins of the grid.
  double draw_to_bins(double strength);

  /// Weights to their levels for good, where the forward pass is in floating point.
  void snap();

  /// The levels as packed codes. Errors: `error` for more bits than are packed.
  exported_layer exported() const;
  double on_grid_fraction() const;

  /// The weights in the coordinate of the grid, with the levels.
  weight_histogram histogram() const;

 private:
  using any_quantizer = std::variant<detent::rounding, detent::dorefa_weights>;

  void rest();
  bool uses_tanh() const;
  detent::dorefa_weights dorefa(double output_range) const;

  /// DoReFa keeps the mean magnitude of the layer: a network trained in full precision has weights
  /// far smaller than the paper's levels in [-1, 1]. Ranges of plain grids are fitted by the
  /// squared error, of which WRPN at two bits needs the most.
  any_quantizer calibrated();

  /// Calls f with the WaveQ regularizer of a bit-width, on the quantizer's range and in its domain.
  template <class Q, class F>
  double with_waveq(const Q& q, double bit_width, F f) const;
  template <detent::extent Extent>
  double accumulate(double scale);
  template <class Q>
  weight_histogram histogram_under(const Q& q) const;

  parameter* parameter_;
  int bits_;
  const settings* settings_;
  double output_range_ = 1;
  any_quantizer quantizer_;
  std::optional<learned_grid> learned_;
  std::vector<float> last_levels_;
  std::vector<float> upstream_;
};

}  // namespace detent_trainer
