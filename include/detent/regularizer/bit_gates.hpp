// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// bit_gates: hard-concrete gates over the bits of nested grids, and the bit-length they learn.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/bits.hpp>
#include <detent/grid/convention.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/floating_mode.hpp>
#include <detent/math/philox.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/scalar.hpp>
#include <detent/numbers.hpp>
#include <span>
#include <vector>

namespace detent::inline DETENT_ABI {

/// A gate's mask in this draw, and its derivative by the gate's logit.
struct gate_draw {
  double mask;   ///< Z, in [0, 1]
  double slope;  ///< ∂Z/∂logit, 0 where Z is 0 or 1
};

/// Σ c_k P(Z_k ≠ 0), what a tensor's gates cost in bits, and its derivatives by the logits.
struct gate_penalty {
  double value;
  numbers<double> slopes;
};

/// One gate for each bit above the fewest: gate k admits the levels that bit fewest + k + 1 adds.
/// Or, with `mask_sharing::endpoints`, one for each pair of levels -m - 1 and m beyond the fewest
/// bits, so that a grid shrinks by one level at either end.
///
///     u ~ U(0, 1),  S = s((ln u - ln(1 - u) + θ_k)/τ)         s the logistic function
///     Z_k = clip(S (ζ - γ) + γ, 0, 1),    γ = -0.1, ζ = 1.1, τ = 2/3
///     P(Z_k ≠ 0) = s(θ_k - τ ln(-γ/ζ))
///
/// θ is the logit of the keep probability. The grids of two's complement are nested, G_b ⊂ G_(b+1):
/// a level of G_fewest has no gate and is never dropped. λ times `penalty()` makes bits cost:
///
///     gate_penalty const cost = gates.penalty();
///     slopes[k] = r.theta[2 + k] * draws[k].slope + lambda * cost.slopes[k];
///     gates.descend(slopes, rate);
///
/// By endpoints a gate costs its share c_k of the bit it belongs to: 1 over the number of pairs
/// that this bit adds. A whole bit then costs 1 under either sharing, and one λ serves both; this
/// choice is ours. Host code: a tensor has a handful of gates. Where the calling thread does not
/// round to nearest, the constructor, `sample` and `descend` throw invalid_argument.
/// Source: Louizos et al., arXiv:1712.01312 (hard concrete); Kim et al., "DropBits",
/// arXiv:1911.12990.
class bit_gates {
 public:
  /// @param  most    bits of the whole grid      @param  fewest  bits that are never dropped
  /// @param  keep    probability to start from, within (0, 1), of every gate
  /// @param  sharing which levels share a gate
  /// Errors: invalid_argument for fewer than the fewest bits, or a probability outside.
  explicit bit_gates(bits most, bits fewest = bits(2), detail::real keep = 0.9,
                     mask_sharing sharing = mask_sharing::bitwise)
      : fewest_(fewest), sharing_(sharing) {
    if (most.count() < fewest.count()) {
      detail::fail("most bits of gates", "are " + detail::text(most.count()) +
                                             ", below the fewest, " + detail::text(fewest.count()));
    }
    detail::require_rounding_to_nearest();
    if (!detail::is_finite(keep) || !(keep > 0 && keep < 1)) {
      detail::fail("keep probability", "is " + detail::text(keep) + "; it lies within (0, 1)");
    }
    logits_.assign(static_cast<std::size_t>(mask_count(sharing, fewest, most)),
                   detail::natural_logarithm(keep / (1 - keep)));
  }

  /// How many gates there are: `mask_count`.
  std::size_t size() const noexcept { return logits_.size(); }
  std::span<double const> logits() const noexcept { return logits_; }
  mask_sharing sharing() const noexcept { return sharing_; }

  /// Takes the `logits()` that gates of the same bits and sharing were saved with.
  /// Errors: invalid_argument for another number of logits, or one that is not within ±30; nothing
  /// has changed then.
  void restore(std::span<double const> logits) {
    detail::require_same_size(logits.size(), "logits", size(), "gates");
    for (std::size_t k = 0; k < size(); ++k) {
      if (detail::is_finite(logits[k]) && logits[k] >= -30 && logits[k] <= 30) continue;
      detail::fail("logit of a gate", "is " + detail::text(logits[k]) + "; allowed are -30 to 30");
    }
    for (std::size_t k = 0; k < size(); ++k)
      logits_[k] = logits[k];
  }

  /// The gate of a code of the two's complement grid; -1 where it has none.
  int gate_of(int code) const noexcept { return mask_of(sharing_, fewest_.count(), code); }

  /// The mask of a gate for a uniform number. Errors: invalid_argument for a gate that does not
  /// exist, or a number outside (0, 1).
  gate_draw sample(std::size_t gate, detail::real unit) const {
    detail::require_rounding_to_nearest();
    if (!detail::is_finite(unit) || !(unit > 0 && unit < 1)) {
      detail::fail("uniform number", "is " + detail::text(unit) + "; it lies within (0, 1)");
    }
    double const logit = detail::natural_logarithm(unit / (1 - unit)) + logit_of(gate);
    double const s = detail::logistic_function(logit / temperature);
    double const stretched = detail::rounded_product(s, highest - lowest) + lowest;
    bool const inside = stretched > 0 && stretched < 1;
    return {clip(stretched, 0.0, 1.0),
            inside ? (highest - lowest) * s * (1 - s) / temperature : 0.0};
  }

  /// The masks of all gates in one step: one set a tensor, or one for each output channel. They
  /// are addressed as every draw is, by (seed, step, tensor, 2⁴⁷ + 2¹⁶ channel + gate): no two
  /// channels share a draw, nor do they with the tensor's elements, which are fewer than 2⁴⁷.
  /// Errors: invalid_argument for a channel of 2³¹ or above.
  std::vector<gate_draw> sample(philox_draws const& draws, std::size_t channel = 0) const {
    constexpr std::size_t channels = std::size_t{1} << 31;
    if (channel >= channels) {
      detail::fail("channel", "is " + detail::text(channel) + "; it lies below 2^31");
    }
    std::uint64_t const first = (std::uint64_t{1} << 47) + (std::uint64_t{channel} << 16);
    std::vector<gate_draw> all;
    for (std::size_t k = 0; k < size(); ++k)
      all.push_back(sample(k, open_unit<double>(draws(first + k).word[0])));
    return all;
  }

  /// P(Z ≠ 0). Errors: invalid_argument for a gate that does not exist.
  double open(std::size_t gate) const {
    return detail::logistic_function(logit_of(gate) - shift());
  }

  /// Its derivative by the logit.
  double open_slope(std::size_t gate) const {
    double const p = open(gate);
    return p * (1 - p);
  }

  /// c_k, what an open gate costs in bits: 1 over the number of gates of its bit. Errors:
  /// invalid_argument for a gate that does not exist.
  double cost(std::size_t gate) const {
    static_cast<void>(logit_of(gate));
    if (sharing_ == mask_sharing::bitwise) return 1;
    return std::ldexp(1.0, 2 - nested_bits(outermost(gate + 1)));
  }

  /// Σ c_k P(Z_k ≠ 0) and its derivatives by the logits. Cost: allocates the slopes.
  gate_penalty penalty() const {
    gate_penalty p{0, {}};
    for (std::size_t k = 0; k < size(); ++k) {
      p.value += detail::rounded_product(cost(k), open(k));
      p.slopes.push_back(cost(k) * open_slope(k));
    }
    return p;
  }

  /// The fewest bits and Σ c_k P(Z_k ≠ 0). By endpoints it is the mean of a bit-length that grows
  /// by the same share with each pair of levels a bit adds.
  double expected_bits() const {
    double sum = fewest_.count();
    for (std::size_t k = 0; k < size(); ++k)
      sum += detail::rounded_product(cost(k), open(k));
    return sum;
  }

  /// The largest code m that is left: from the top, a gate that is open with less than ½ is
  /// dropped; a lower one never before a higher one. The codes left are -m - 1 to m.
  int highest_code() const {
    std::size_t left = size();
    while (left > 0 && open(left - 1) < 0.5)
      --left;
    return outermost(left);
  }

  /// The levels that are left, to round on at test time; by endpoints their number may lie between
  /// two powers of two.
  uniform<double> grid(step_size step) const {
    int const top = highest_code();
    return {step, 0.0, -top - 1, top};
  }

  /// The bits that the levels left need: a bit is dropped when every gate of it is open with less
  /// than ½, and so is every gate above.
  bits length() const { return bits(nested_bits(highest_code())); }

  /// A step of gradient descent; logits stay within ±30.
  /// Errors: invalid_argument for another number of slopes, or one that is not finite, or a rate
  /// that is negative or not finite; nothing has moved then.
  void descend(std::span<double const> slopes, detail::real rate) {
    detail::require_rounding_to_nearest();
    detail::require_same_size(slopes.size(), "slopes", size(), "gates");
    detail::require_finite(rate, "rate of gates");
    if (rate < 0) detail::fail("rate of gates", "is " + detail::text(rate) + ", below 0");
    for (double const s : slopes)
      detail::require_finite(s, "slope by a logit");
    for (std::size_t k = 0; k < size(); ++k)
      logits_[k] = clip(logits_[k] - detail::rounded_product(rate, slopes[k]), -30.0, 30.0);
  }

 private:
  static constexpr double lowest = -0.1, highest = 1.1, temperature = 2.0 / 3.0;

  /// τ ln(-γ/ζ)
  static double shift() noexcept {
    return detail::rounded_product(temperature, detail::natural_logarithm(-lowest / highest));
  }

  double logit_of(std::size_t gate) const {
    if (gate >= size()) {
      detail::fail("gate", "is " + detail::text(gate) + " of " + detail::text(size()));
    }
    return logits_[gate];
  }

  /// The highest code that the first `gates` gates admit.
  int outermost(std::size_t gates) const noexcept {
    int const count = static_cast<int>(gates);
    if (sharing_ == mask_sharing::bitwise) return (1 << (fewest_.count() + count - 1)) - 1;
    return (1 << (fewest_.count() - 1)) - 1 + count;
  }

  bits fewest_;
  mask_sharing sharing_;
  numbers<double> logits_;
};

}  // namespace detent::inline DETENT_ABI
