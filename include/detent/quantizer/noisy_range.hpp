// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// noisy_range: step and noise that the quantizers under logistic noise start from.

#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/bits.hpp>
#include <detent/statistic/magnitude.hpp>

namespace detent::inline DETENT_ABI {

/// Where training of a relaxed quantizer starts: RQ, SRQ, DropBits.
///
///     α = t/2^b + 3t/2^(2b),   σ = α/3        t = max w - min w of weights, max x of activations
///
/// The 2^b levels then cover (1 + 3/2^b) t. Keep both in a `positive` from there on:
///
///     auto const start = noisy_range::weights(bits{4}, reduce(magnitude{}, w));
///     semi_relaxed<> const q(twos_complement_grid(bits{4}, start.step), start.noise);
///
/// Errors: invalid_argument for a magnitude of no weights or of weights that are not finite, for a
/// range of 0, and for one whose step lies outside `min_step` to `max_step`.
/// Source: public code of "Relaxed quantization", arXiv:1810.01875.
struct noisy_range {
  step_size step;  ///< α
  double noise;    ///< σ, in units of the weight

  /// For weights on both sides of zero, on a grid of two's complement.
  static noisy_range weights(bits b, magnitude const& m) {
    require_observed(m);
    return of_range(b, m.largest() - m.smallest(), "max w - min w");
  }

  /// For activations after a rectifier, on an unsigned grid of 2^b codes from 0: t reaches from 0,
  /// whatever the smallest is.
  static noisy_range activations(bits b, magnitude const& m) {
    require_observed(m);
    return of_range(b, m.largest(), "max x");
  }

 private:
  static void require_observed(magnitude const& m) {
    if (m.count() == 0) detail::fail("magnitude of a range", "has observed nothing");
    detail::require_finite(m.maximum(), "largest magnitude of a range");
  }

  static noisy_range of_range(bits b, double const& t, char const* name) {
    detail::require_positive(t, name);
    double const steps = t / b.codes();
    double const step = steps + 3 * steps / b.codes();
    return {step_size(step), step / 3};
  }
};

}  // namespace detent::inline DETENT_ABI
