// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// One quantized tensor of a network: its quantizer, its levels, and the regularizer that fits them.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/export/exported_network.hpp>
#include <trainer/nn/learned_grid.hpp>
#include <trainer/nn/parallel.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

/// Throws `error` naming the parameter where one of its values is not finite.
inline void require_finite(const parameter& p) {
  for (std::size_t i = 0; i < p.value.size(); ++i) {
    if (std::isfinite(p.value[i])) continue;
    throw error(p.name + ": weight " + std::to_string(i) +
                " is not finite; the training diverged (try a lower --lr)");
  }
}

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
  quantized_parameter(parameter& p, int bits, const settings& s, std::uint32_t number = 0)
      : parameter_{&p},
        bits_{bits},
        settings_{&s},
        quantizer_{detent::rounding{detent::dorefa_grid(detent::bits{bits})}} {
    if (s.learns_grid()) {
      auto options = s.grid_options();
      options.bits = bits;
      options.step = start_step(p.value, detent::bits{bits}, true, s.range);
      options.tensor = number;
      learned_.emplace(options);
      rest();
    } else {
      calibrate();
    }
  }

  const parameter& of() const { return *parameter_; }
  int bits() const { return bits_; }

  /// Another number of bits from now on; fits the range anew where it is another.
  void set_bits(int bits) {
    if (bits == bits_) return;
    bits_ = bits;
    calibrate();
  }

  /// Fixes the scale anew from the weights as they are now.
  void calibrate() { quantizer_ = calibrated(); }

  const std::optional<learned_grid>& learned() const { return learned_; }

  /// A step of the learned grid, whose share of the learning rate is given.
  void learn(double rate_share) {
    if (!learned_) return;
    learned_->descend(rate_share);
    rest();
  }

  void freeze_length() {
    if (learned_) learned_->freeze_length();
  }

  /// Follows the weights: DoReFa's maximum is that of this step; ranges stay as calibrated.
  void refresh() {
    if (uses_tanh()) quantizer_ = dorefa(output_range_);
  }

  /// Fills the operand of the forward pass.
  void prepare(operand what) {
    if (what == operand::trained) {
      parameter_->operand.clear();
      return;
    }
    parameter_->operand.resize(parameter_->value.size());
    std::vector<float>& out = parameter_->operand;
    std::visit(
        [&](const auto& q) {
          detent::quantize(policy_for(settings_->threads), q, parameter_->value, out);
          if (what == operand::unrounded) {
            for (std::size_t i = 0; i < out.size(); ++i)
              out[i] = q.unrounded(parameter_->value[i]);
          }
        },
        quantizer_);
  }

  /// Fills the operand of a forward pass in training: the levels, or what a learned grid draws.
  void prepare_training() {
    if (!learned_) return prepare(operand::levels);
    parameter_->operand.resize(parameter_->value.size());
    learned_->quantize(settings_->threads, parameter_->value, parameter_->operand);
  }

  /// After prepare_training(): how many weights have another level than at the last call; 0 at the
  /// first. The levels of that call are kept apart, so that no evaluation in between is compared.
  std::size_t count_flips() {
    const std::vector<float>& levels = parameter_->operand;
    // A scale that follows the weights moves every level a little; a flip moves by a whole step.
    const double step =
        std::visit([](const auto& q) { return q.gain() * q.grid().step(); }, quantizer_);
    const auto threshold = static_cast<float>(0.5 * step);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < last_levels_.size(); ++i)
      changed += std::abs(last_levels_[i] - levels[i]) > threshold ? 1U : 0U;
    last_levels_ = levels;
    return changed;
  }

  /// Σ g² e² over the weights, e what rounding changes a weight by, g the loss's gradient: what the
  /// rounding costs, to second order, up to a factor that all layers share.
  double sensitivity() const {
    return std::visit(
        [&](const auto& q) {
          double sum = 0;
          for (std::size_t i = 0; i < parameter_->value.size(); ++i) {
            const float w = parameter_->value[i];
            const double e = static_cast<double>(q.unrounded(w)) - static_cast<double>(q(w));
            const double cost = static_cast<double>(parameter_->gradient[i]) * e;
            sum += cost * cost;
          }
          return sum;
        },
        quantizer_);
  }

  /// ∂/∂β of the WaveQ penalty without a strength.
  double waveq_pull(double bit_width) const {
    return std::visit(
        [&](const auto& q) {
          return with_waveq(q, bit_width, [&](const auto& reg) {
            return detent::penalty(policy_for(settings_->threads), reg, parameter_->value).theta[0];
          });
        },
        quantizer_);
  }

  /// `regularize` by WaveQ: the period is that of the bit-width, which need not be whole. The
  /// amplitude is the squared distance's at that period.
  double regularize(double strength, double bit_width) {
    if (strength <= 0) return 0;
    return std::visit(
        [&](const auto& q) {
          const double distance = q.grid().highest() * std::exp2(-bit_width) / std::numbers::pi;
          const double scale = strength * distance * distance * std::exp2(bit_width);
          return with_waveq(q, bit_width, [&](const auto& reg) {
            return detent::accumulate(policy_for(settings_->threads), reg, parameter_->value,
                                      parameter_->gradient, scale)
                       .value /
                   strength;
          });
        },
        quantizer_);
  }

  /// Turns the gradient by the operand into the gradient by the weights.
  void lead_back() {
    upstream_.assign(parameter_->gradient.size(), 0.0F);
    std::swap(upstream_, parameter_->gradient);
    if (learned_) {
      learned_->backward(settings_->threads, parameter_->value, upstream_, parameter_->gradient);
      return;
    }
    std::visit(
        [&](const auto& q) {
          detent::backward(policy_for(settings_->threads), q, parameter_->value, upstream_,
                           parameter_->gradient);
        },
        quantizer_);
  }

  /// Adds the regularizer's gradient; returns its value without the strength.
  double regularize(double strength) {
    if (strength <= 0) return 0;
    // The papers' amplitudes go with the mean over a layer, the squared distance with the sum.
    const bool by_sum = settings_->amplitude == "squared";
    const double scale =
        by_sum ? strength : strength / static_cast<double>(parameter_->value.size());
    const double value = settings_->extent == "bounded"
                             ? accumulate<detent::extent::bounded>(scale)
                             : accumulate<detent::extent::periodic>(scale);
    return value / strength;
  }

  /// `regularize` by the bins of the grid.
  double draw_to_bins(double strength) {
    const auto policy = policy_for(settings_->threads);
    const auto grid = std::visit([](const auto& q) { return q.grid(); }, quantizer_);
    const detent::bin<> penalty{detent::reduce(policy, detent::bins<>{grid}, parameter_->value)};
    return detent::accumulate(policy, penalty, parameter_->value, parameter_->gradient, strength)
               .value /
           strength;
  }

  /// Weights to their levels for good, where the forward pass is in floating point.
  void snap() {
    detent::snap(std::visit([](const auto& q) { return q.grid(); }, quantizer_), parameter_->value);
  }

  /// The levels as packed codes. Errors: `error` for more bits than are packed.
  exported_layer exported() const {
    if (bits_ > detent::max_packed_bits) {
      throw error(parameter_->name + ": " + std::to_string(bits_) +
                  " bits cannot be exported, at most " + std::to_string(detent::max_packed_bits));
    }
    const detent::bits bits{bits_};
    exported_layer layer;
    layer.count = parameter_->value.size();
    layer.bits = bits_;
    layer.codes.resize(detent::packed_size(layer.count, bits));
    std::visit(
        [&](const auto& q) {
          layer.grid = q.grid();
          layer.gain = q.gain();
          std::vector<float> coordinates(layer.count);
          for (std::size_t i = 0; i < layer.count; ++i)
            coordinates[i] = q.domain()(parameter_->value[i]).value;
          detent::snap(layer.grid, coordinates, detent::packed_codes{layer.codes, bits});
        },
        quantizer_);
    return layer;
  }

  double on_grid_fraction() const {
    return std::visit(
        [&](const auto& q) {
          return detent::reduce(detent::quantization_error{q}, parameter_->value)
              .on_grid_fraction();
        },
        quantizer_);
  }

  /// The weights in the coordinate of the grid, with the levels.
  weight_histogram histogram() const {
    return std::visit([&](const auto& q) { return histogram_under(q); }, quantizer_);
  }

 private:
  using any_quantizer = std::variant<detent::rounding, detent::dorefa_weights>;

  void rest() {
    quantizer_ = learned_->at_rest();
    bits_ = learned_->bits();
  }

  bool uses_tanh() const {
    return settings_->quantizer() == "dorefa" && settings_->forward == "quantized";
  }

  detent::dorefa_weights dorefa(double output_range) const {
    const auto magnitudes = detent::reduce(detent::magnitude{}, parameter_->value);
    if (!std::isfinite(magnitudes.maximum())) require_finite(*parameter_);
    if (bits_ == 1) return {detent::bits{1}, magnitudes};
    return {detent::bits{bits_}, magnitudes, output_range};
  }

  /// DoReFa keeps the mean magnitude of the layer: a network trained in full precision has weights
  /// far smaller than the paper's levels in [-1, 1]. Ranges of plain grids are fitted by the
  /// squared error, of which WRPN at two bits needs the most.
  any_quantizer calibrated() {
    const detent::bits bits{bits_};
    if (uses_tanh()) {
      std::vector<float> levels(parameter_->value.size());
      detent::quantize(dorefa(1.0), parameter_->value, levels);
      const double mean_level = detent::reduce(detent::magnitude{}, levels).mean();
      const double mean = detent::reduce(detent::magnitude{}, parameter_->value).mean();
      output_range_ = mean > 0 && mean_level > 0 ? mean / mean_level : 1.0;
      return dorefa(output_range_);
    }
    const auto unit =
        settings_->quantizer() == "wrpn" ? detent::wrpn_grid(bits) : detent::dorefa_grid(bits);
    return detent::rounding{unit.scaled(range_of(unit, parameter_->value, settings_->range))};
  }

  /// Calls f with the WaveQ regularizer of a bit-width, on the quantizer's range and in its domain.
  template <class Q, class F>
  double with_waveq(const Q& q, double bit_width, F f) const {
    const double range = q.grid().highest();
    if (settings_->quantizer() == "dorefa") {
      const detent::period<detent::bit_convention::dorefa> period(bit_width, range);
      return f(detent::through(q.domain(), detent::waveq<detent::bit_convention::dorefa>{period}));
    }
    const detent::period<detent::bit_convention::wrpn> period(bit_width, range);
    return f(detent::through(q.domain(), detent::waveq<detent::bit_convention::wrpn>{period}));
  }

  template <detent::extent Extent>
  double accumulate(double scale) {
    const auto height = settings_->amplitude == "squared" ? detent::amplitude::squared_distance
                        : settings_->amplitude == "unit"  ? detent::amplitude::unit
                                                          : detent::amplitude::octave;
    return std::visit(
        [&](const auto& q) {
          const auto policy = policy_for(settings_->threads);
          std::vector<float>& gradient = parameter_->gradient;
          if (settings_->domain == "raw") {
            const detent::sinusoidal<Extent> raw{q.grid(), height};
            return detent::accumulate(policy, raw, parameter_->value, gradient, scale).value;
          }
          const auto matched = detent::matched<Extent>(q, height);
          return detent::accumulate(policy, matched, parameter_->value, gradient, scale).value;
        },
        quantizer_);
  }

  template <class Q>
  weight_histogram histogram_under(const Q& q) const {
    constexpr std::size_t bins = 96;
    weight_histogram result;
    result.layer = parameter_->name;
    const auto grid = q.grid();
    const double reach = 1.15 * std::max(std::abs(grid.lowest()), std::abs(grid.highest()));
    result.lowest = -reach;
    result.highest = reach;
    std::vector<float> coordinate(parameter_->value.size());
    for (std::size_t i = 0; i < coordinate.size(); ++i)
      coordinate[i] = q.domain()(parameter_->value[i]).value;
    const auto counted = detent::reduce(detent::histogram<bins>{-reach, reach}, coordinate);
    for (const auto count : counted.counts())
      result.counts.push_back(static_cast<std::uint32_t>(count));
    result.counts.front() += static_cast<std::uint32_t>(counted.below());
    result.counts.back() += static_cast<std::uint32_t>(counted.above());
    if (grid.size() <= 64) {
      for (int code = grid.lowest_code(); code <= grid.highest_code(); ++code)
        result.levels.push_back(grid.level(code));
    }
    return result;
  }

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
