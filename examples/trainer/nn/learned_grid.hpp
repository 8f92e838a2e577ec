// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// A quantizer whose grid is learned with the network: LSQ, RQ, SRQ and SRQ with DropBits.

#include <cstddef>
#include <cstdint>
#include <detent/grid/bits.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/philox.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/quantizer/semi_relaxed.hpp>
#include <detent/regularizer/bit_gates.hpp>
#include <detent/training/positive.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace detent_trainer {

class archive;

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
double range_of(const detent::uniform<double>& unit_grid, std::span<const float> numbers,
                std::string_view range);

/// The step α to start from: that of the least squared error, or the papers' by the extent.
/// @param  start  "fit" or "extent"
double start_step(std::span<const float> numbers, detent::bits bits, bool has_sign,
                  std::string_view start);

/// Adam's direction for one number: the mean slope in units of its root mean square.
class steadied_slope {
 public:
  double operator()(double slope);
  void archive_state(archive& a);

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
  explicit learned_grid(const learned_grid_options& options);

  /// The levels, or what the method has in their place, of one training step.
  void quantize(int threads, std::span<const float> x, std::span<float> out);

  /// Adds the gradient by x to `gradient`, and keeps those by the grid for descend().
  void backward(int threads, std::span<const float> x, std::span<const float> upstream,
                std::span<float> gradient);

  /// A step of α, σ and the gates. `rate_share`: the learning rate as a share of its start.
  void descend(double rate_share);

  /// The learned bit-length is final: masks of the bits above it stay 0, the others cost no more.
  /// Where bits are gone, α starts anew at the least squared error of those that are left: the step
  /// of the wider grid leaves fewer levels too short a range, and Adam too few steps to widen it.
  /// @param  numbers  what is quantized
  void freeze_length(std::span<const float> numbers);

  /// Writes or reads what training has changed, between two steps.
  void archive_state(archive& a);

  /// Bits at rest.
  int bits() const;

  /// The grid that is trained on, with all its bits.
  detent::uniform<double> grid() const { return grid_of(options_.bits); }

  detent::rounding at_rest() const { return detent::rounding{grid_of(bits())}; }

  double step() const { return step_.value(); }
  double noise() const { return noise_.value(); }

  /// P(Z ≠ 0) of the gates, of the lowest bit first; empty where there are none.
  std::vector<double> open_gates() const;

 private:
  static void learn(detent::positive& scale, steadied_slope& slope, double by_scale, double rate);
  void learn_gates(double rate_share);
  bool is_dropped(std::size_t gate) const;
  void sample_gates();
  detent::uniform<double> grid_of(int bits) const;

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
