// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// bitwidth_search: one learnable bit-width a layer, held to a target average.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/bits.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace detent::inline DETENT_ABI {

/// What decides a search.
struct bitwidth_options {
  double target_bits = 4;  ///< cost-weighted average to arrive at
  double min_bits = 2;     ///< no bit-width goes below; at least 1
  double max_bits = 8;     ///< or above
  double start_bits = 8;   ///< of every layer, unless each has its own
  double rate = 0.02;      ///< bits that a layer with a pull of average size moves in a step
  double momentum = 0.9;   ///< of the data's pulls, in [0, 1)

  bool operator==(bitwidth_options const&) const = default;
};

/// One step of a search, as it is kept for reports.
struct bitwidth_record {
  std::int64_t step = 0;
  double strength = 0;  ///< λ of the bit term, which the target made necessary; in the same units
  std::vector<double> bit_widths;  ///< after the step
  /// Of the data: smoothed, for the cost of the layer, in units of their size. The bit term pulls
  /// with `strength` on every layer; the sum of both, times the rate, moved it.
  std::vector<double> data_pulls;

  bool operator==(bitwidth_record const&) const = default;
};

/// Everything a search is made of: plain data, to be saved and restored.
struct bitwidth_state {
  bitwidth_options options;
  std::vector<double> costs;          ///< of one bit of a layer: weights, or multiply-accumulates
  std::vector<double> bit_widths;     ///< β
  std::vector<double> smoothed;       ///< running mean of the pulls
  double size = 0;                    ///< running mean of the pulls' squares, over layers
  double weight = 0;                  ///< of the running means: 1 - momentum^steps
  std::vector<std::int64_t> clamped;  ///< how often a limit held a layer
  std::int64_t steps = 0;
  bool frozen = false;
  std::vector<bitwidth_record> history;

  bool operator==(bitwidth_state const&) const = default;
};

/// Moves the bit-width β of every layer against the slopes of a loss, under the condition that
/// their cost-weighted average is what the caller wants at this step.
///
///     β_l ← limited(β_l - rate·(p_l/s_l + λ)),   Σ c_l β_l/Σ c_l = the average wanted
///
/// p_l is the data's pull on β_l, the slope of a loss; s_l = c_l L/Σ c is the layer's share of the
/// cost, which the bit term λ Σ s_l β_l weighs; both are divided by s_l, so that small layers move
/// as fast as large ones. p_l/s_l is smoothed by momentum and divided by its root mean square over
/// layers. λ is solved for in every step: the strength of the bit term is no knob, it is what the
/// target costs, and a layer gains bits if its pull for its cost is larger than λ. The pulls come
/// from the caller: theta[0] of `waveq`, or any other derivative of a loss by the bit-widths. How
/// often a limit held a layer is counted.
///
/// Deterministic: the same pulls give the same bits. Cost: about hundred passes over the layers a
/// step, and a record; nothing that grows with the weights.
/// Source: the bit term of Elthakeb et al., "WaveQ", arXiv:2003.00146, with its strength replaced
/// by a target.
class bitwidth_search {
 public:
  /// A layer may as well be an output channel: see `channel_extents`.
  ///
  /// @param  costs  of one bit of each layer, above 0: its weights, or its multiply-accumulates
  /// @param  start  β of each layer, whose average then replaces `options.start_bits`; or empty
  /// Errors: invalid_argument for no layers, costs that are not positive, another number of starts
  /// than layers, and what cannot be met, such as a target or a start outside the limits.
  explicit bitwidth_search(std::vector<double> costs, bitwidth_options const& options = {},
                           std::vector<double> start = {}) {
    state_.options = options;
    state_.costs = std::move(costs);
    require_valid(state_.options);
    require_costs();
    if (!start.empty()) {
      require_layers(start, "start");
      for (double const b : start)
        require_within_limits(b, "start of a layer");
      state_.options.start_bits = limited(average_of(start));
    }
    state_.bit_widths = std::move(start);
    state_.bit_widths.resize(size(), state_.options.start_bits);
    state_.smoothed.assign(size(), 0.0);
    state_.clamped.assign(size(), 0);
  }

  /// The search that goes on where `state()` was taken, bit for bit.
  /// Errors: invalid_argument for a state that no search can have.
  static bitwidth_search restored(bitwidth_state state) {
    bitwidth_search search(state.costs, state.options);
    search.require_layers(state.bit_widths, "bit_widths of the state");
    search.require_layers(state.smoothed, "smoothed of the state");
    search.require_layers(state.clamped, "clamped of the state");
    for (double const b : state.bit_widths)
      search.require_within_limits(b, "bit_widths of the state");
    search.state_ = std::move(state);
    return search;
  }

  bitwidth_state const& state() const noexcept { return state_; }
  std::size_t size() const noexcept { return state_.costs.size(); }
  bool frozen() const noexcept { return state_.frozen; }
  std::span<double const> bit_widths() const noexcept { return state_.bit_widths; }
  std::span<std::int64_t const> clamped() const noexcept { return state_.clamped; }
  std::span<bitwidth_record const> history() const noexcept { return state_.history; }

  /// Σ c β/Σ c.
  double average() const noexcept { return average_of(state_.bit_widths); }

  /// ⌈β⌉ of a layer; the bits that its quantizer has at this step.
  /// Errors: invalid_argument for a layer that does not exist.
  detent::bits bits(std::size_t layer) const { return detent::bits(ceiling(layer)); }

  /// b/β of a layer, the scale that comes with rounding β up.
  double alpha(std::size_t layer) const { return ceiling(layer) / state_.bit_widths[layer]; }

  /// One step towards an average.
  ///
  /// @param  pulls  ∂L/∂β of every layer; finite
  /// @param  wanted the average after this step; within the limits, `options.target_bits` in the
  ///                end. See `towards_target` for a smooth way there.
  /// Errors: invalid_argument for another number of pulls, a pull that is not finite, or an
  /// average outside the limits, before anything moves. Frozen bit-widths stay what they are.
  void step(std::span<double const> pulls, double wanted) {
    require_layers(pulls, "pulls");
    for (double const p : pulls)
      detail::require_finite(p, "a pull");
    require_within_limits(wanted, "wanted average");
    if (state_.frozen) return;
    bitwidth_record record;
    record.data_pulls = smoothed(pulls);
    record.strength = strength_for(record.data_pulls, wanted);
    for (std::size_t l = 0; l < size(); ++l) {
      double const free = moved(l, record.data_pulls[l], record.strength);
      double const held = limited(free);
      if (held != free) ++state_.clamped[l];
      state_.bit_widths[l] = held;
    }
    record.step = ++state_.steps;
    record.bit_widths = state_.bit_widths;
    state_.history.push_back(std::move(record));
  }

  /// The average on a smooth way from the start to the target: share 0 to 1 of that way.
  double towards_target(double share) const noexcept {
    double const s = std::clamp(share, 0.0, 1.0);
    double const smooth = s * s * (3 - 2 * s);
    return state_.options.start_bits +
           (state_.options.target_bits - state_.options.start_bits) * smooth;
  }

  /// Fixes every bit-width at a whole number: ⌈β⌉ where the target allows it, else ⌊β⌋.
  ///
  /// Layers are rounded up in the order of β - ⌊β⌋, largest first, as long as the average stays at
  /// most the target: at a balance of the pulls, that is the order of what a bit gains for its
  /// cost. The average ends below the target where the next layer is too large to fit.
  void freeze() {
    if (state_.frozen) return;
    std::vector<double> const free = state_.bit_widths;
    std::vector<std::size_t> order(size());
    for (std::size_t l = 0; l < size(); ++l) {
      order[l] = l;
      state_.bit_widths[l] = std::max(std::floor(free[l]), std::ceil(state_.options.min_bits));
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return free[a] - state_.bit_widths[a] > free[b] - state_.bit_widths[b];
    });
    for (std::size_t const l : order) {
      if (free[l] <= state_.bit_widths[l]) continue;
      state_.bit_widths[l] += 1;
      if (average() > state_.options.target_bits) state_.bit_widths[l] -= 1;
    }
    state_.frozen = true;
  }

 private:
  void require_within_limits(double value, char const* name) const {
    bitwidth_options const& o = state_.options;
    if (detail::is_finite(value) && value >= o.min_bits && value <= o.max_bits) return;
    detail::fail(name, "is " + detail::text(value) + "; allowed are " + detail::text(o.min_bits) +
                           " to " + detail::text(o.max_bits));
  }

  void require_valid(bitwidth_options const& o) const {
    detail::require_finite(o.target_bits, "target_bits");
    if (!detail::is_finite(o.min_bits) || !detail::is_finite(o.max_bits) || o.min_bits < 1 ||
        o.max_bits > detent::max_bits || o.min_bits > o.max_bits) {
      detail::fail("min_bits", "and max_bits are " + detail::text(o.min_bits) + " and " +
                                   detail::text(o.max_bits) + "; allowed are 1 to 16, in order");
    }
    require_within_limits(o.target_bits, "target_bits");
    require_within_limits(o.start_bits, "start_bits");
    detail::require_positive(o.rate, "rate");
    if (!detail::is_finite(o.momentum) || o.momentum < 0 || o.momentum >= 1) {
      detail::fail("momentum", "is " + detail::text(o.momentum) + "; it lies in [0, 1)");
    }
  }

  void require_costs() const {
    if (state_.costs.empty()) detail::fail("costs", "are empty; a search has at least one layer");
    for (double const c : state_.costs)
      detail::require_positive(c, "cost of a layer");
  }

  template <class Values>
  void require_layers(Values const& values, char const* name) const {
    detail::require_same_size(values.size(), name, size(), "costs");
  }

  int ceiling(std::size_t layer) const {
    if (layer >= size()) {
      detail::fail("layer", "is " + detail::text(layer) + " of " + detail::text(size()));
    }
    return static_cast<int>(std::ceil(state_.bit_widths[layer]));
  }

  double total_cost() const noexcept {
    double total = 0;
    for (double const c : state_.costs)
      total += c;
    return total;
  }

  double average_of(std::vector<double> const& values) const noexcept {
    double sum = 0;
    for (std::size_t l = 0; l < size(); ++l)
      sum += state_.costs[l] * values[l];
    return sum / total_cost();
  }

  /// s_l: 1 on average.
  double share(std::size_t l) const noexcept {
    return state_.costs[l] * static_cast<double>(size()) / total_cost();
  }

  double limited(double b) const noexcept {
    return std::clamp(b, state_.options.min_bits, state_.options.max_bits);
  }

  double moved(std::size_t l, double pull, double strength) const noexcept {
    return state_.bit_widths[l] - state_.options.rate * (pull + strength);
  }

  std::vector<double> smoothed(std::span<double const> pulls) {
    double const keep = state_.options.momentum;
    double square = 0;
    state_.weight = keep * state_.weight + (1 - keep);
    for (std::size_t l = 0; l < size(); ++l) {
      double const pull = pulls[l] / share(l);
      state_.smoothed[l] = keep * state_.smoothed[l] + (1 - keep) * pull;
      square += pull * pull;
    }
    state_.size = keep * state_.size + (1 - keep) * square / static_cast<double>(size());
    double const unit = std::sqrt(state_.size / state_.weight);
    std::vector<double> result(size(), 0.0);
    for (std::size_t l = 0; l < size() && unit > 0; ++l)
      result[l] = state_.smoothed[l] / state_.weight / unit;
    return result;
  }

  /// The λ after which the average is as wanted. The average falls with λ: bisection.
  double strength_for(std::vector<double> const& pulls, double wanted) const {
    auto const average_at = [&](double strength) {
      double sum = 0;
      for (std::size_t l = 0; l < size(); ++l)
        sum += state_.costs[l] * limited(moved(l, pulls[l], strength));
      return sum / total_cost();
    };
    double low = -1, high = 1;
    while (average_at(low) < wanted && low > -1e12)
      low *= 2;
    while (average_at(high) > wanted && high < 1e12)
      high *= 2;
    for (int i = 0; i < 100; ++i) {
      double const middle = 0.5 * (low + high);
      (average_at(middle) > wanted ? low : high) = middle;
    }
    return 0.5 * (low + high);
  }

  bitwidth_state state_;
};

}  // namespace detent::inline DETENT_ABI
