// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// A quantizer whose grid is learned with the network: LSQ, RQ, SRQ and SRQ with DropBits.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <trainer/nn/parallel.hpp>

namespace detent_trainer {

/// What trains on a learned grid.
enum class grid_method {
  lsq,
  relaxed,                   ///< RQ
  relaxed_straight_through,  ///< RQ-ST
  semi_relaxed,              ///< SRQ, with gates DropBits
  semi_relaxed_all,          ///< SRQ whose gradient goes through every level
};

struct learned_grid_options {
  grid_method method = grid_method::lsq;
  int bits = 4;
  bool has_sign = true;    ///< two's complement for weights; else from 0, for activations
  double step = 1;         ///< α to start from; σ starts at a third of it
  bool has_gates = false;  ///< on the bits above `fewest_gated_bits`
  double scale_rate = 0;   ///< of ln α and ln σ, a step of Adam
  double gate_rate = 0;    ///< of the gates' logits, a step of Adam
  double bit_price = 0;    ///< λ of the expected bits
  bool learns_length = false;
  std::uint64_t seed = 0;    ///< of the draws
  std::uint32_t tensor = 0;  ///< its number among all that draw
};

/// Bits that have no gate, and the most that a gated grid has.
inline constexpr int fewest_gated_bits = 2;
inline constexpr int most_gated_bits = 6;

/// The range by which a unit grid is stretched.
/// @param  range  "fit": that of the least squared error; "extent": the largest magnitude
inline double range_of(const detent::uniform<double>& unit_grid, std::span<const float> numbers,
                       std::string_view range) {
  if (range == "fit") return detent::fit_range(unit_grid, numbers);
  const double extent = detent::reduce(detent::magnitude{}, numbers).maximum();
  return extent * unit_grid.step() >= detent::min_step ? extent : 1;
}

/// The step α to start from: that of the least squared error, or the papers' by the extent.
/// @param  start  "fit" or "extent"
inline double start_step(std::span<const float> numbers, detent::bits bits, bool has_sign,
                         std::string_view start) {
  if (start == "extent") {
    const auto seen = detent::reduce(detent::magnitude{}, numbers);
    const auto range = has_sign ? detent::noisy_range::weights(bits, seen)
                                : detent::noisy_range::activations(bits, seen);
    return range.step.value();
  }
  const double highest = has_sign ? bits.codes() / 2 : bits.codes() - 1;
  const detent::step_size unit{1 / highest};
  const auto grid =
      has_sign ? detent::twos_complement_grid(bits, unit) : detent::unsigned_grid(bits, unit);
  return detent::fit_range(grid, numbers) / highest;
}

/// Adam's direction for one number: the mean slope in units of its root mean square.
class steadied_slope {
 public:
  double operator()(double slope) {
    ++steps_;
    mean_ += (1 - decay_mean) * (slope - mean_);
    square_ += (1 - decay_square) * (slope * slope - square_);
    const double mean = mean_ / (1 - std::pow(decay_mean, steps_));
    const double square = square_ / (1 - std::pow(decay_square, steps_));
    return square > 0 ? mean / std::sqrt(square) : 0;
  }

 private:
  static constexpr double decay_mean = 0.9, decay_square = 0.999;
  double mean_ = 0, square_ = 0;
  int steps_ = 0;
};

/// The grid of one tensor, with the noise and the gates of the methods that have them.
///
/// quantize() draws anew; backward() belongs to the quantize() before it. Between steps, at_rest()
/// is the plain rounding that the trained network is measured and stored with.
class learned_grid {
 public:
  explicit learned_grid(const learned_grid_options& options)
      : options_{options}, step_{options.step}, noise_{options.step / 3} {
    draws_.seed = options.seed;
    draws_.tensor = options.tensor;
    if (options.has_gates && options.bits > fewest_gated_bits) {
      gates_.emplace(detent::bits{options.bits}, detent::bits{fewest_gated_bits});
      gate_slopes_.resize(gates_->size());
      sample_gates();
    }
  }

  /// The levels, or what the method has in their place, of one training step.
  void quantize(int threads, std::span<const float> x, std::span<float> out);

  /// Adds the gradient by x to `gradient`, and keeps those by the grid for descend().
  void backward(int threads, std::span<const float> x, std::span<const float> upstream,
                std::span<float> gradient);

  /// A step of α, σ and the gates. `rate_share`: the learning rate as a share of its start.
  void descend(double rate_share) {
    if (slopes_.empty()) return;
    const double rate = options_.scale_rate * rate_share;
    learn(step_, step_slope_, slopes_[0], rate);
    if (slopes_.size() > 1) {
      learn(noise_, noise_slope_, slopes_[1], rate);
      // A grid without noise has no gradient left, one with more than this no levels.
      const double held = std::clamp(noise_.value(), 0.05 * step_.value(), 2 * step_.value());
      if (held != noise_.value()) noise_ = detent::positive{held};
    }
    if (gates_) learn_gates(rate_share);
    slopes_.clear();
  }

  /// The learned bit-length is final: masks of the bits above it stay 0, the others cost no more.
  void freeze_length() {
    if (options_.learns_length && gates_ && !length_) length_ = gates_->length().count();
  }

  /// Bits at rest.
  int bits() const {
    if (length_) return *length_;
    return options_.learns_length && gates_ ? gates_->length().count() : options_.bits;
  }

  /// The grid that is trained on, with all its bits.
  detent::uniform<double> grid() const { return grid_of(options_.bits); }

  detent::rounding at_rest() const { return detent::rounding{grid_of(bits())}; }

  double step() const { return step_.value(); }
  double noise() const { return noise_.value(); }

  /// P(Z ≠ 0) of the gates, of the lowest bit first; empty where there are none.
  std::vector<double> open_gates() const {
    std::vector<double> result;
    for (std::size_t k = 0; gates_ && k < gates_->size(); ++k)
      result.push_back(is_dropped(k) ? 0.0 : gates_->open(k));
    return result;
  }

 private:
  static void learn(detent::positive& scale, steadied_slope& slope, double by_scale, double rate) {
    const double value = scale.value();
    // `positive` descends in the logarithm, whose slope is the scale's times its value.
    scale.descend(slope(by_scale * value) / value, rate);
  }

  void learn_gates(double rate_share) {
    const auto bits = gates_->penalty();
    const double price = length_ ? 0 : options_.bit_price;  // what is kept has been paid for
    std::vector<double> directions;
    for (std::size_t k = 0; k < gates_->size(); ++k) {
      const double by_task = slopes_[2 + k] * masks_[k].slope;
      const double direction = gate_slopes_[k](by_task + price * bits.slopes[k]);
      directions.push_back(is_dropped(k) ? 0.0 : direction);
    }
    gates_->descend(directions, options_.gate_rate * rate_share);
  }

  bool is_dropped(std::size_t gate) const {
    return length_ && fewest_gated_bits + static_cast<int>(gate) >= *length_;
  }

  void sample_gates() {
    masks_ = gates_->sample(draws_);
    for (std::size_t k = 0; k < masks_.size(); ++k) {
      if (is_dropped(k)) masks_[k] = {0, 0};
    }
  }

  detent::uniform<double> grid_of(int bits) const {
    const detent::step_size step{step_.value()};
    return options_.has_sign ? detent::twos_complement_grid(detent::bits{bits}, step)
                             : detent::unsigned_grid(detent::bits{bits}, step);
  }

  // In the source file, where alone they are used: they stand for many quantizers.
  template <class F>
  void with_quantizer(F f) const;
  template <detent::relaxed_classes Classes, class F>
  void with_semi_relaxed(F f) const;
  template <detent::relaxed_classes Classes, class F, std::size_t... Fewer>
  void with_drop_bits(F f, std::index_sequence<Fewer...>) const;

  learned_grid_options options_;
  detent::positive step_, noise_;
  std::optional<detent::bit_gates> gates_;
  std::vector<detent::gate_draw> masks_;
  detent::philox_draws draws_;
  std::optional<int> length_;
  std::vector<double> slopes_;  // of the last backward(): by α, σ, masks
  steadied_slope step_slope_, noise_slope_;
  std::vector<steadied_slope> gate_slopes_;
};

}  // namespace detent_trainer
