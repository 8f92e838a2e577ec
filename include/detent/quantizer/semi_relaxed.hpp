// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// semi_relaxed: rounding forward, the gradient of its noisy relaxation backward (SRQ).

#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/scalar.hpp>
#include <detent/quantizer/logistic_noise.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <detent/quantizer/rounding.hpp>

namespace detent::inline DETENT_ABI {

/// Which of the probabilities of a semi-relaxed quantizer the gradient flows through.
enum class relaxed_classes {
  chosen,  ///< only that of the level that was taken: the multi-class straight-through estimator
  all,     ///< of every level: the derivative of the expected level; costs a pass over the grid
};

/// SRQ: the most probable level under logistic noise, which is the nearest one.
///
///     π_i = [F(g_i + α/2) - F(g_i - α/2)] / [F(g_last + α/2) - F(g_first - α/2)]
///     F(c) = 1/(1 + e^(-(c - x)/σ)),   g_i = α n_i,   m = argmax π,   x̂ = g_m
///
///     chosen:  ∂x̂ := g_m ∂π_m,   and n_m more to α          all:  ∂x̂ := ∂ Σ g_i π_i
///
/// The gradient by x shrinks with the level and is exactly 0 in the zero bin. theta[0] is the
/// derivative by the step α, theta[1] that by the noise σ; keep both in a `positive`.
/// π and its logarithm's derivatives are quotients without cancellation, finite for every x.
///
/// Cost of backward: two pairs of exponentials and one division; of all classes, a pair and a
/// division for every level.
/// Source: Louizos et al., "Relaxed quantization", arXiv:1810.01875; Kim et al., "SRQ and
/// DropBits", arXiv:1911.12990.
template <relaxed_classes Classes = relaxed_classes::chosen>
class semi_relaxed : public rounding {
 public:
  static constexpr int parameters = 2;

  /// @param  grid   two's complement or unsigned; its step is α
  /// @param  noise  σ, in units of the weight, within 1e-6 to 1e3 steps
  /// Errors: invalid_argument for a noise outside these limits, or a grid whose phase is not 0.
  semi_relaxed(uniform<double> const& grid, detail::real noise)
      : rounding(grid), noise_(noise), level_noise_(detail::slant_of(grid, noise, "semi_relaxed")) {
    double const slant = level_noise_.slant<double>();
    double const all = detail::rounded_product(grid.size(), slant);
    all_ = detail::natural_exponential(-all);
    share_ = detail::one_minus_exponential(slant) / detail::one_minus_exponential(all);
    by_slant_ =
        1 / detail::exponential_minus_one(slant) - grid.size() / detail::exponential_minus_one(all);
  }

  double noise() const noexcept { return noise_; }

  /// π of the level that is taken.
  template <class T>
  DETENT_HD T probability(T x) const noexcept {
    auto const from = place(x);
    return seen(from, from.offset).probability;
  }

  /// π of level n, from the lowest to the highest code; they sum to 1.
  template <class T>
  DETENT_HD T probability(T x, int n) const noexcept {
    auto const from = place(x);
    return seen(from, (from.code - static_cast<T>(n)) + from.offset).probability;
  }

  template <class T>
  DETENT_HD pullback<T, 2> backward(T x, T upstream) const noexcept {
    if constexpr (Classes == relaxed_classes::chosen) {
      auto const from = place(x);
      auto const c = seen(from, from.offset);
      T const slant = level_noise_.slant<T>();
      T const weight = from.code * upstream * (c.probability * slant);
      T const gradient = weight * c.by_position, noise = weight * c.by_noise;
      // The three derivatives of π, each times what it is by, add up to 0.
      return {gradient,
              {fma(from.code, upstream, fma(-(from.code + from.offset), gradient, -noise)),
               noise * slant}};
    } else {
      T const one[1] = {x}, above[1] = {upstream};
      pullbacks<T, 2, 1> p;
      backward_block(0, one, above, p);
      return {p.gradient[0], {p.theta[0][0], p.theta[1][0]}};
    }
  }

  /// Of all classes, many weights at a time, as `relaxed::backward_block`.
  template <class T, std::size_t N>
  DETENT_HD void backward_block(std::uint64_t, T const (&x)[N], T const (&upstream)[N],
                                pullbacks<T, 2, N>& to) const noexcept
      requires(Classes == relaxed_classes::all) {
    detail::level_places<T, N> const places(grid(), level_noise_, x);
    detail::level_mean_slopes<T, N> slopes;
    for (int level = 0; level < grid().size(); ++level) {
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i) {
        T const n = static_cast<T>(level) + places.lowest[i], beside = places.offset[i] - n;
        auto const ends = level_noise_.level(beside);
        T const share = T(1) / ends.sum;
        slopes.add(i, share, detail::seen(n, beside, ends.lean * share, ends.edge * share));
      }
    }
    slopes.pull(places, level_noise_.slant<T>(), T(1), upstream, to);
  }

 private:
  template <class T>
  DETENT_HD grid_position<T> place(T x) const noexcept {
    return detail::held_position(grid(), level_noise_, x);
  }

  /// Of one class: π, and the derivatives of ln π by x and σ, times σ and σ²/α.
  template <class T>
  struct seen_class {
    T probability, by_position, by_noise;
  };

  /// The class whose level is `beside` steps below x.
  template <class T>
  DETENT_HD seen_class<T> seen(grid_position<T> const& x, T beside) const noexcept {
    T const low = static_cast<T>(grid().lowest_code());
    T const high = static_cast<T>(grid().highest_code());
    T const half_width = T(0.5) * (high - low + T(1));
    T const across = fma(T(-0.5), high + low, x.code) + x.offset;  // from the middle
    // Counted from the outermost levels: beyond the grid it is the same number as that of the
    // class.
    T const above = x.offset - (high - x.code), below = (low - x.code) - x.offset;
    auto const one = level_noise_.level(beside);
    auto const all =
        detail::ends_of(across, level_noise_.turns(larger(above, below)), static_cast<T>(all_));
    T const both = T(1) / (one.sum * all.sum);
    T const of_one = all.sum * both, of_all = one.sum * both;
    T const one_lean = one.lean * of_one, all_lean = all.lean * of_all;
    T const one_edge = one.edge * of_one, all_edge = all.edge * of_all;
    T const by_noise =
        fma(half_width, all_edge, fma(T(-0.5), one_edge, -static_cast<T>(by_slant_)));
    return {static_cast<T>(share_) * (all.sum * of_one), all_lean - one_lean,
            fma(-across, all_lean, fma(beside, one_lean, by_noise))};
  }

  double noise_;
  detail::level_noise level_noise_;
  double all_;       // e^(-Kα/σ)
  double share_;     // (1 - e^(-α/σ))/(1 - e^(-Kα/σ))
  double by_slant_;  // its logarithm's derivative by α/σ
};

semi_relaxed(uniform<double> const&, double)->semi_relaxed<>;

static_assert(quantizer<semi_relaxed<>>);
static_assert(quantizer<semi_relaxed<relaxed_classes::all>>);

}  // namespace detent::inline DETENT_ABI
