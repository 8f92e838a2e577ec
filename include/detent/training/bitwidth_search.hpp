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
#include <detent/math/floating_mode.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/scalar.hpp>
#include <detent/numbers.hpp>
#include <limits>
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
  numbers<double> bit_widths;  ///< after the step
  /// Of the data: smoothed, for the cost of the layer, in units of their size. The bit term pulls
  /// with `strength` on every layer; the sum of both, times the rate, moved it.
  numbers<double> data_pulls;

  bool operator==(bitwidth_record const&) const = default;
};

/// Everything a search is made of: plain data, to be saved and restored.
struct bitwidth_state {
  bitwidth_options options;
  numbers<double> costs;          ///< of one bit of a layer: weights, or multiply-accumulates
  numbers<double> bit_widths;     ///< β
  numbers<double> smoothed;       ///< running mean of the pulls
  double size = 0;                ///< running mean of the pulls' squares, over layers
  double weight = 0;              ///< of the running means: 1 - momentum^(steps averaged)
  numbers<std::int64_t> clamped;  ///< how often a limit held a layer
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
/// A wild pull does not outlast its step by much: a pull counts with at most `most_growth` = 2²⁰
/// times the root mean square of the steps before, and running means that exceed a step's root mean
/// square 2²⁰ times are discarded. 1,000 steps after a wild pull of any size the bit-widths are
/// where they would be without it, within 0.01 bits, with the rate and the momentum of the
/// defaults.
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
  explicit bitwidth_search(numbers<double> costs, bitwidth_options const& options = {},
                           numbers<double> start = {}) {
    state_.options = options;
    state_.costs = std::move(costs);
    require_valid(state_.options);
    require_costs("cost of a layer");
    weigh_costs();
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
  /// Every field is checked, against the others as well, and the error names it.
  /// Errors: invalid_argument for a state that no search can have: numbers that are not finite,
  /// bit-widths outside the limits, frozen ones that are not whole, negative counts, sizes that do
  /// not fit, a history that is not that of so many steps.
  static bitwidth_search restored(bitwidth_state state) {
    bitwidth_search search(std::move(state), unchecked{});
    search.require_restorable();
    search.weigh_costs();
    return search;
  }

  /// Largest ratio of a pull to the root mean square of the steps before.
  static constexpr double most_growth = 0x1p20;

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
  /// Errors: invalid_argument for a layer that does not exist.
  double alpha(std::size_t layer) const {
    int const b = ceiling(layer);  // throws before anything is read
    return b / state_.bit_widths[layer];
  }

  /// One step towards an average.
  ///
  /// @param  pulls  ∂L/∂β of every layer; finite
  /// @param  wanted the average after this step; within the limits, `options.target_bits` in the
  ///                end. See `towards_target` for a smooth way there.
  /// Errors: invalid_argument for another number of pulls, a pull that is not finite, or an
  /// average outside the limits, or where the calling thread does not round to nearest, before
  /// anything moves. Frozen bit-widths stay what they are.
  void step(std::span<double const> pulls, detail::real wanted) {
    detail::require_rounding_to_nearest();
    require_layers(pulls, "pulls");
    for (std::size_t l = 0; l < pulls.size(); ++l) {
      if (!detail::is_finite(pulls[l])) {
        detail::fail("a pull", "is not finite, that of layer " + detail::text(l));
      }
    }
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
    double const s = clip(share, 0.0, 1.0);
    double const smooth = s * s * (3 - detail::rounded_product(2, s));
    double const way = state_.options.target_bits - state_.options.start_bits;
    return state_.options.start_bits + detail::rounded_product(way, smooth);
  }

  /// Fixes every bit-width at a whole number: ⌈β⌉ where the target allows it, else ⌊β⌋.
  ///
  /// Layers are rounded up in the order of β - ⌊β⌋, largest first, as long as the average stays at
  /// most the target: at a balance of the pulls, that is the order of what a bit gains for its
  /// cost. The average ends below the target where the next layer is too large to fit.
  /// Errors: invalid_argument where the calling thread does not round to nearest.
  void freeze() {
    detail::require_rounding_to_nearest();
    if (state_.frozen) return;
    numbers<double> const free = state_.bit_widths;
    numbers<std::size_t> order(size());
    for (std::size_t l = 0; l < size(); ++l) {
      order[l] = l;
      state_.bit_widths[l] = larger(std::floor(free[l]), std::ceil(state_.options.min_bits));
    }
    // Layers that are alike stay in their order; std::stable_sort would want a buffer.
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      double const of_a = free[a] - state_.bit_widths[a], of_b = free[b] - state_.bit_widths[b];
      return of_a != of_b ? of_a > of_b : a < b;
    });
    for (std::size_t const l : order) {
      if (free[l] <= state_.bit_widths[l]) continue;
      state_.bit_widths[l] += 1;
      if (excess() > 0) state_.bit_widths[l] -= 1;
    }
    state_.frozen = true;
  }

 private:
  void require_within_limits(double const& value, char const* name) const {
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
    if (o.rate < 1e-300) detail::fail("rate", "is " + detail::text(o.rate) + ", below 1e-300");
    if (!detail::is_finite(o.momentum) || o.momentum < 0 || o.momentum >= 1) {
      detail::fail("momentum", "is " + detail::text(o.momentum) + "; it lies in [0, 1)");
    }
  }

  void require_costs(char const* name) const {
    if (state_.costs.empty()) detail::fail("costs", "are empty; a search has at least one layer");
    for (double const c : state_.costs)
      detail::require_positive(c, name);
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

  /// For a state that is checked next.
  struct unchecked {};
  bitwidth_search(bitwidth_state&& state, unchecked) : state_(std::move(state)) {}

  /// Costs by a power of two, the largest within [½, 1): the same averages, and no sum overflows.
  void weigh_costs() {
    detail::require_rounding_to_nearest();
    int exponent = 0;
    double most = 0;
    for (double const c : state_.costs)
      most = larger(most, c);
    static_cast<void>(std::frexp(most, &exponent));
    weights_.clear();
    total_ = 0;
    for (double const c : state_.costs) {
      weights_.push_back(std::ldexp(c, -exponent));
      total_ += weights_.back();
    }
  }

  double average_of(numbers<double> const& values) const noexcept {
    double sum = 0;
    for (std::size_t l = 0; l < size(); ++l)
      sum += detail::rounded_product(weights_[l], values[l]);
    return sum / total_;
  }

  /// Σ c (β - target): exactly 0 where every layer is at the target, whatever the costs.
  double excess() const noexcept {
    double sum = 0;
    for (std::size_t l = 0; l < size(); ++l)
      sum +=
          detail::rounded_product(weights_[l], state_.bit_widths[l] - state_.options.target_bits);
    return sum;
  }

  /// s_l: 1 on average.
  double share(std::size_t l) const noexcept {
    return weights_[l] * static_cast<double>(size()) / total_;
  }

  double limited(double b) const noexcept {
    return clip(b, state_.options.min_bits, state_.options.max_bits);
  }

  double moved(std::size_t l, double pull, double strength) const noexcept {
    return state_.bit_widths[l] - detail::rounded_product(state_.options.rate, pull + strength);
  }

  /// Root mean square of the steps before; 0 where there are none.
  double unit() const noexcept {
    return state_.weight > 0 ? std::sqrt(state_.size / state_.weight) : 0;
  }

  /// p_l/s_l within the largest and the least magnitude whose square is a normal number.
  double relative_pull(std::size_t l, double pull) const noexcept {
    constexpr double largest = 0x1p480, least = 0x1p-480;
    if (std::fabs(pull) < least) return 0;
    double const by_share = pull / share(l);
    if (std::fabs(by_share) < least) return 0;
    return clip(by_share, -largest, largest);
  }

  /// `keep` of the running mean, and the rest of what is new.
  static double blended(double keep, double mean, double added) noexcept {
    return detail::rounded_product(keep, mean) + detail::rounded(added);
  }

  numbers<double> smoothed(std::span<double const> pulls) {
    constexpr double unlimited = (std::numeric_limits<double>::max)();
    double const keep = state_.options.momentum, before = unit(), count = count_of_layers();
    double const most = before > 0 ? most_growth * before : unlimited;
    numbers<double> result(size(), 0.0);
    double square = 0;
    for (std::size_t l = 0; l < size(); ++l) {
      result[l] = clip(relative_pull(l, pulls[l]), -most, most);
      square += detail::rounded_product(result[l], result[l]);
    }
    if (square > 0 && most_growth * std::sqrt(square / count) < before) {
      state_.smoothed.assign(size(), 0.0);
      state_.size = state_.weight = 0;
    }
    state_.weight = blended(keep, state_.weight, 1 - keep);
    for (std::size_t l = 0; l < size(); ++l)
      state_.smoothed[l] = blended(keep, state_.smoothed[l], (1 - keep) * result[l]);
    state_.size = blended(keep, state_.size, (1 - keep) * square / count);
    double const size_of_pulls = unit();
    for (std::size_t l = 0; l < size(); ++l) {
      result[l] = size_of_pulls > 0 ? state_.smoothed[l] / state_.weight / size_of_pulls : 0;
    }
    return result;
  }

  double count_of_layers() const noexcept { return static_cast<double>(size()); }

  /// The λ after which the average is as wanted. The average falls with λ: bisection.
  double strength_for(numbers<double> const& pulls, double wanted) const {
    auto const average_at = [&](double strength) {
      double sum = 0;
      for (std::size_t l = 0; l < size(); ++l)
        sum += detail::rounded_product(weights_[l], limited(moved(l, pulls[l], strength)));
      return sum / total_;
    };
    constexpr double farthest = 1e305;
    double low = -1, high = 1;
    while (average_at(low) < wanted && low > -farthest)
      low *= 2;
    while (average_at(high) > wanted && high < farthest)
      high *= 2;
    for (int i = 0; i < 100; ++i) {
      double const middle = 0.5 * (low + high);
      (average_at(middle) > wanted ? low : high) = middle;
    }
    return 0.5 * (low + high);
  }

  /// Every field of a restored state.
  void require_restorable() const {
    require_valid(state_.options);
    require_costs("costs of the state");
    require_layers(state_.bit_widths, "bit_widths of the state");
    require_layers(state_.smoothed, "smoothed of the state");
    require_layers(state_.clamped, "clamped of the state");
    detail::require_between(state_.steps, 0, (std::numeric_limits<std::int64_t>::max)(),
                            "steps of the state");
    require_running_means();
    for (std::int64_t const c : state_.clamped)
      detail::require_between(c, 0, state_.steps, "clamped of the state");
    require_history();
    require_bit_widths();
  }

  void require_running_means() const {
    if (!detail::is_finite(state_.weight) || state_.weight < 0 || state_.weight > 1 ||
        (state_.weight > 0) != (state_.steps > 0)) {
      detail::fail("weight of the state", "is " + detail::text(state_.weight) + " after " +
                                              detail::text(state_.steps) +
                                              " steps; allowed are 0 of none, above 0 to 1");
    }
    if (!detail::is_finite(state_.size) || state_.size < 0 ||
        (state_.steps == 0 && state_.size != 0)) {
      detail::fail("size of the state", "is " + detail::text(state_.size) + "; a mean of squares" +
                                            " is 0 of no steps, else 0 or above");
    }
    // By Cauchy's inequality, but for roundings and squares that were too small for a number.
    double const most = std::sqrt(state_.weight * count_of_layers()) * std::sqrt(state_.size);
    for (double const s : state_.smoothed) {
      if (!detail::is_finite(s) || std::fabs(s) > (1 + 1e-6) * most + 1e-140 ||
          (state_.steps == 0 && s != 0)) {
        detail::fail("smoothed of the state",
                     "holds " + detail::text(s) + "; pulls of size " + detail::text(state_.size) +
                         " and weight " + detail::text(state_.weight) + " have no such mean");
      }
    }
  }

  void require_history() const {
    if (state_.history.size() != static_cast<std::uint64_t>(state_.steps)) {
      detail::fail("history of the state", "has " + detail::text(state_.history.size()) +
                                               " records of " + detail::text(state_.steps) +
                                               " steps");
    }
    std::int64_t step = 0;
    for (auto const& record : state_.history) {
      if (record.step != ++step) {
        detail::fail("step of the history",
                     "is " + detail::text(record.step) + " in place of " + detail::text(step));
      }
      detail::require_finite(record.strength, "strength of the history");
      require_layers(record.bit_widths, "bit_widths of the history");
      require_layers(record.data_pulls, "data_pulls of the history");
      for (double const b : record.bit_widths)
        require_within_limits(b, "bit_widths of the history");
      for (double const p : record.data_pulls)
        detail::require_finite(p, "data_pulls of the history");
    }
  }

  /// Those of the last record; frozen, the whole numbers beside them.
  void require_bit_widths() const {
    bool const began = !state_.history.empty();
    for (std::size_t l = 0; l < size(); ++l) {
      double const b = state_.bit_widths[l];
      double const last = began ? state_.history.back().bit_widths[l] : b;
      if (!state_.frozen) {
        require_within_limits(b, "bit_widths of the state");
        if (b != last) {
          detail::fail("bit_widths of the state", "holds " + detail::text(b) +
                                                      " where the last of the history is " +
                                                      detail::text(last));
        }
        continue;
      }
      bool const is_beside =
          detail::is_finite(b) && b == std::floor(b) && b >= std::ceil(state_.options.min_bits) &&
          b <= larger(std::ceil(state_.options.max_bits), std::ceil(state_.options.min_bits)) &&
          std::fabs(b - last) <= 1;
      if (!is_beside) {
        detail::fail("bit_widths of the state",
                     "holds " + detail::text(b) + ", which is not what freezing makes of " +
                         detail::text(last) + "; frozen bit-widths are whole numbers");
      }
    }
  }

  bitwidth_state state_;
  // Of the costs alone, and no part of the state.
  numbers<double> weights_;
  double total_ = 0;
};

}  // namespace detent::inline DETENT_ABI
