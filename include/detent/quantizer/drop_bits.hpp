// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// drop_bits: semi-relaxed quantization whose upper bits are masked by gates (DropBits).

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/convention.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>
#include <detent/quantizer/logistic_noise.hpp>
#include <detent/quantizer/quantizer.hpp>

namespace detent {

/// The most probable level under logistic noise and the masks of gates: SRQ with DropBits.
///
///     A_i = F(g_i + α/2) - F(g_i - α/2),    F(c) = 1/(1 + e^(-(c - x)/σ))
///     π_i = Z_k(i) A_i/Σ_j Z_k(j) A_j,      m = argmax π,   x̂ = g_m
///     ∂x̂ := g_m ∂π_m, and n_m more to α                     (multi-class straight-through)
///
/// k(i) is the gate of level i (`bit_gates::gate_of`); levels without one have Z = 1. theta[0] is
/// the derivative by the step α, theta[1] by the noise σ, theta[2 + k] by the mask Z_k: times
/// `gate_draw::slope` it is that by the gate's logit. With all masks 1 it is `semi_relaxed`.
/// Masks are for training; at test time round on the grid of `bit_gates::length()` bits.
///
/// Cost: two logistic functions a level of the grid. Source: Kim et al., arXiv:1911.12990.
///
/// @tparam Gates  how many masks there are: bits of the grid less those that are never dropped
template <int Gates>
class drop_bits {
  static_assert(Gates >= 1 && Gates <= 8, "1 to 8 gates");

 public:
  static constexpr int parameters = 2 + Gates;

  /// @param  b      bits of the whole grid, of two's complement      @param  step  α
  /// @param  noise  σ, in units of the weight, within 1e-6 to 1e3 steps
  /// @param  masks  Z_k in [0, 1], of the lowest gate first
  /// Errors: invalid_argument for a noise or a mask outside these limits, or for bits that do not
  /// leave at least one without a gate, or more than 10.
  drop_bits(bits b, step_size step, double noise, std::array<double, Gates> const& masks)
      : grid_(twos_complement_grid(b, step)), slant_(detail::slant_of(grid_, noise, "drop_bits")) {
    detail::require_between(b.count(), Gates + 1, 10, "bits of drop_bits");
    fewest_ = b.count() - Gates;
    open_ = fewest_;
    for (int k = 0; k < Gates; ++k) {
      double const z = masks[static_cast<std::size_t>(k)];
      if (!detail::is_finite(z) || z < 0 || z > 1) {
        detail::fail("mask", "is " + detail::text(z) + "; it lies in [0, 1]");
      }
      masks_[k] = z;
      if (z > 0) open_ = fewest_ + k + 1;
    }
  }

  uniform<double> const& grid() const noexcept { return grid_; }

  template <class T>
  DETENT_HD T operator()(T x) const noexcept {
    T const level = grid_.template as<T>().level(static_cast<int>(summed(x).code));
    return level + keep_if(x != x, x);
  }

  template <class T>
  DETENT_HD std::int32_t code(T x) const noexcept {
    return static_cast<std::int32_t>(summed(x).code);
  }

  template <class T>
  DETENT_HD pullback<T, parameters> backward(T x, T upstream) const noexcept {
    auto const s = summed(x);
    T const rho = static_cast<T>(slant_);
    T const weight = s.code * (s.chosen.share / s.total) * upstream;
    // ∂ ln π_m = ∂ ln(Z A)_m - Σ π_j ∂ ln A_j
    pullback<T, parameters> p{};
    p.gradient = weight * rho * (s.chosen.by_position - s.mean.by_position / s.total);
    p.theta[0] = weight * rho * (s.chosen.by_step - s.mean.by_step / s.total) + s.code * upstream;
    p.theta[1] = weight * rho * (s.chosen.by_noise - s.mean.by_noise / s.total);
    // Times α: a level is α n.
    T const level = weight * static_cast<T>(grid_.step());
    for (int k = 0; k < Gates; ++k) {
      bool const is_chosen = s.gate == k;
      T const own = is_chosen ? T(1) / static_cast<T>(masks_[k]) : T(0);
      p.theta[2 + k] = level * (own - s.group[k] / s.total);
    }
    return p;
  }

 private:
  /// A level: Z A, and the derivatives of ln A by x, α and σ, times σ.
  template <class T>
  struct seen_level {
    T share, by_position, by_step, by_noise;
  };

  template <class T>
  struct sums {
    T code;                ///< m
    int gate;              ///< its gate; -1: none
    seen_level<T> chosen;  ///< of m
    T total;               ///< Σ Z A
    seen_level<T> mean;    ///< Σ Z A times the derivatives
    T group[Gates];        ///< Σ A over the levels of a gate
  };

  /// The position is held near the levels that are open, so that the sum of shares is never 0.
  template <class T>
  DETENT_HD sums<T> summed(T x) const noexcept {
    T const rho = static_cast<T>(slant_);
    T const turns = grid_.template as<T>().turns(x);
    T const low = static_cast<T>(-(1 << (open_ - 1))),
            high = static_cast<T>((1 << (open_ - 1)) - 1);
    T const at = detail::held_near(turns, low, high, slant_);
    sums<T> s{};
    s.gate = -1;
    s.chosen.share = T(-1);
    for (int n = grid_.lowest_code(); n <= grid_.highest_code(); ++n) {
      int const added = nested_bits(n) - fewest_, gate = added > 0 ? added - 1 : -1;
      T const to = static_cast<T>(n) - at;
      T const u = (to + T(0.5)) * rho, l = (T(0.5) - to) * rho;
      auto const su = logistic(u), sl = logistic(l);
      T const share = su.up * sl.up;
      T const z = gate < 0 ? T(1) : static_cast<T>(masks_[gate]);
      T const code = static_cast<T>(n);
      seen_level<T> const level{z * share, sl.down - su.down,
                                fma(code + T(0.5), su.down, (T(0.5) - code) * sl.down),
                                -fma(u, su.down, l * sl.down)};
      s.total += level.share;
      s.mean.by_position = fma(level.share, level.by_position, s.mean.by_position);
      s.mean.by_step = fma(level.share, level.by_step, s.mean.by_step);
      s.mean.by_noise = fma(level.share, level.by_noise, s.mean.by_noise);
      if (gate >= 0) s.group[gate] += share;
      if (level.share > s.chosen.share) {
        s.chosen = level;
        s.code = code;
        s.gate = gate;
      }
    }
    return s;
  }

  uniform<double> grid_;
  double slant_;
  double masks_[Gates];
  int fewest_ = 0, open_ = 0;
};

static_assert(quantizer<drop_bits<1>>);
static_assert(quantizer<drop_bits<4>>);

}  // namespace detent
