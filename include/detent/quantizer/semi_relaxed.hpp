// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// semi_relaxed: rounding forward, the gradient of its noisy relaxation backward (SRQ).

#include <cmath>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>
#include <detent/quantizer/logistic_noise.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <detent/quantizer/rounding.hpp>

namespace detent {

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
/// Source: Louizos et al., "Relaxed quantization", arXiv:1810.01875; Kim et al., "SRQ and
/// DropBits", arXiv:1911.12990.
template <relaxed_classes Classes = relaxed_classes::chosen>
class semi_relaxed : public rounding {
 public:
  static constexpr int parameters = 2;

  /// @param  grid   two's complement or unsigned; its step is α
  /// @param  noise  σ, in units of the weight, within 1e-6 to 1e3 steps
  /// Errors: invalid_argument for a noise outside these limits, or a grid whose phase is not 0.
  semi_relaxed(uniform<double> const& grid, double noise)
      : rounding(grid), noise_(noise), slant_(detail::slant_of(grid, noise, "semi_relaxed")) {
    double const all = grid.size() * slant_;
    share_ = std::expm1(-slant_) / std::expm1(-all);
    by_slant_ = 1 / std::expm1(slant_) - grid.size() / std::expm1(all);
  }

  double noise() const noexcept { return noise_; }

  /// π of the level that is taken.
  template <class T>
  DETENT_HD T probability(T x) const noexcept {
    auto const p = grid().template as<T>().position(x);
    return seen(p, p.code).probability;
  }

  /// π of level n, from the lowest to the highest code; they sum to 1.
  template <class T>
  DETENT_HD T probability(T x, int code) const noexcept {
    return seen(grid().template as<T>().position(x), static_cast<T>(code)).probability;
  }

  template <class T>
  DETENT_HD pullback<T, 2> backward(T x, T upstream) const noexcept {
    auto const p = grid().template as<T>().position(x);
    T const slant = static_cast<T>(slant_);
    if constexpr (Classes == relaxed_classes::chosen) {
      auto const c = seen(p, p.code);
      T const weight = p.code * c.probability * upstream;
      return {weight * c.by_position,
              {fma(weight, c.by_step, p.code * upstream), weight * c.by_noise * slant}};
    } else {
      T by_position = 0, by_step = 0, by_noise = 0;
      for (int n = grid().lowest_code(); n <= grid().highest_code(); ++n) {
        auto const c = seen(p, static_cast<T>(n));
        T const weight = static_cast<T>(n) * c.probability * upstream;
        by_position = fma(weight, c.by_position, by_position);
        by_step += fma(weight, c.by_step, weight);
        by_noise = fma(weight, c.by_noise, by_noise);
      }
      return {by_position, {by_step, by_noise * slant}};
    }
  }

 private:
  /// Of one class: π, and the derivatives of ln π by x and α, times α, and by σ, times σ.
  template <class T>
  struct seen_class {
    T probability, by_position, by_step, by_noise;
  };

  /// Class n, seen from a position, which is held near the grid: no quotient becomes 0/0.
  template <class T>
  DETENT_HD seen_class<T> seen(grid_position<T> const& from, T n) const noexcept {
    T const rho = static_cast<T>(slant_);
    T const low = static_cast<T>(grid().lowest_code());
    T const high = static_cast<T>(grid().highest_code());
    T const offset = detail::held_near(from.offset, low - from.code, high - from.code, slant_);
    // Bounds of the class, and of the whole grid, in units of σ, counted outwards.
    T const to = (n - from.code) - offset;
    T const u = (to + T(0.5)) * rho, l = (T(0.5) - to) * rho;
    T const last = (((high - from.code) - offset) + T(0.5)) * rho;
    T const first = (T(0.5) - ((low - from.code) - offset)) * rho;
    auto const su = logistic(u), sl = logistic(l), s_last = logistic(last),
               s_first = logistic(first);
    T const by_slant = rho * static_cast<T>(by_slant_);
    T const wide = fma(-(high + T(0.5)), s_last.down, (low - T(0.5)) * s_first.down);
    T const narrow = fma(n + T(0.5), su.down, (T(0.5) - n) * sl.down);
    return {(su.up / s_last.up) * (sl.up / s_first.up) * static_cast<T>(share_),
            rho * ((s_last.down - su.down) + (sl.down - s_first.down)),
            fma(rho, narrow + wide, by_slant),
            ((last * s_last.down - u * su.down) + (first * s_first.down - l * sl.down)) - by_slant};
  }

  double noise_;
  double slant_;     // α/σ
  double share_;     // (1 - e^(-α/σ))/(1 - e^(-Kα/σ))
  double by_slant_;  // its logarithm's derivative by α/σ
};

static_assert(quantizer<semi_relaxed<>>);
static_assert(quantizer<semi_relaxed<relaxed_classes::all>>);

}  // namespace detent
