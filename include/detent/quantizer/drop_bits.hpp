// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// drop_bits: semi-relaxed quantization whose upper bits are masked by gates (DropBits).

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/bits.hpp>
#include <detent/grid/convention.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>
#include <detent/quantizer/logistic_noise.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <detent/quantizer/semi_relaxed.hpp>

namespace detent {

/// The most probable level under logistic noise and the masks of gates: SRQ with DropBits.
///
///     A_i = F(g_i + α/2) - F(g_i - α/2),    F(c) = 1/(1 + e^(-(c - x)/σ))
///     π_i = Z_k(i) A_i/Σ_j Z_k(j) A_j,      m = argmax π,   x̂ = g_m
///     chosen:  ∂x̂ := g_m ∂π_m, and n_m more to α           all:  ∂x̂ := ∂ Σ g_i π_i
///
/// `chosen` is the papers' multi-class straight-through estimator. For a gate it says how the
/// chosen level gains or loses against the others, whether or not these are nearer to what the loss
/// wants; `all` weighs every level, so that a gate is told what its levels are worth.
///
/// k(i) is the gate of level i (`mask_of`); levels without one have Z = 1. theta[0] is
/// the derivative by the step α, theta[1] by the noise σ, theta[2 + k] by the mask Z_k: times
/// `gate_draw::slope` it is that by the gate's logit. With all masks 1 it is `semi_relaxed`.
/// Masks are for training; at test time round on `bit_gates::grid(step)`.
///
/// Sound for every x: beyond the open levels, and in a gap that shut gates leave, x counts as no
/// further than 40 σ from the nearest open level. That changes no output and no derivative but that
/// by the mask of a shut gate, which would grow without bounds.
///
/// Cost: two logistic functions a level of the grid. `backward` over a tensor keeps a sum of 4 KiB
/// for each of the 2 + Gates parameters on a thread's stack, 128 KiB at most.
/// Source: Kim et al., arXiv:1911.12990.
///
/// @tparam Gates    how many masks there are: `mask_count(Sharing, fewest, most)`, where `fewest`
///                  bits are never dropped; 1 to 8 bitwise, 1 to 30 by endpoints (6 bits over 2)
/// @tparam Sharing  which levels share a mask
/// @tparam Classes  which probabilities the gradient flows through
template <int Gates, mask_sharing Sharing = mask_sharing::bitwise,
          relaxed_classes Classes = relaxed_classes::chosen>
class drop_bits {
  static constexpr bool is_bitwise = Sharing == mask_sharing::bitwise;
  static_assert(Gates >= 1 && Gates <= (is_bitwise ? 8 : 30),
                "1 to 8 gates bitwise, 1 to 30 by endpoints");

  /// The only numbers of bits that have so many masks by endpoints: 2^(most - 1) - 2^(fewest - 1).
  static constexpr int paired_fewest = std::countr_zero(static_cast<unsigned>(Gates)) + 1;
  static constexpr int paired_most = std::bit_width(static_cast<unsigned>(Gates)) + 1;
  static_assert(is_bitwise || Gates == (1 << (paired_most - 1)) - (1 << (paired_fewest - 1)),
                "masks by endpoints are 2^(most - 1) - 2^(fewest - 1)");

 public:
  static constexpr int parameters = 2 + Gates;

  /// @param  b      bits of the whole grid, of two's complement      @param  step  α
  /// @param  noise  σ, in units of the weight, within 1e-6 to 1e3 steps
  /// @param  masks  Z_k in [0, 1], of the innermost gate first; below 1e-20 it counts as 0
  /// Errors: invalid_argument for a noise or a mask outside these limits, or for bits that do not
  /// leave at least one without a gate, or more than 10; by endpoints, for other bits than those
  /// that have so many masks.
  drop_bits(bits b, step_size step, double noise, std::array<double, Gates> const& masks)
      : grid_(twos_complement_grid(b, step)), slant_(detail::slant_of(grid_, noise, "drop_bits")) {
    detail::require_between(b.count(), is_bitwise ? Gates + 1 : paired_most,
                            is_bitwise ? 10 : paired_most, "bits of drop_bits");
    fewest_ = is_bitwise ? b.count() - Gates : paired_fewest;
    for (int k = 0; k < Gates; ++k) {
      double const z = masks[static_cast<std::size_t>(k)];
      if (!detail::is_finite(z) || z < 0 || z > 1) {
        detail::fail("mask", "is " + detail::text(z) + "; it lies in [0, 1]");
      }
      masks_[k] = z < 1e-20 ? 0 : z;
    }
    int widest_gap = 0;
    for (int n = 0; n <= grid_.highest_code(); ++n) {
      if (!(mask<double>(gate_of(n)) > 0)) continue;
      widest_gap = n - open_ > widest_gap ? n - open_ : widest_gap;
      open_ = n + 1;
    }
    has_deep_gap_ = 0.5 * widest_gap * slant_ > farthest;
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
    if constexpr (Classes == relaxed_classes::all) return through_all(s, upstream);
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
    seen_level<T> moment;  ///< as `mean`, with Σ Z A for its share, all times the code
    T group_code[Gates];   ///< as `group`, times the code
  };

  /// ∂ Σ g_i π_i: of every sum with the code, less the mean code times the sum without.
  template <class T>
  DETENT_HD pullback<T, parameters> through_all(sums<T> const& s, T upstream) const noexcept {
    T const mean = s.moment.share / s.total;
    T const weight = upstream / s.total;
    T const slope = weight * static_cast<T>(slant_);
    pullback<T, parameters> p{};
    p.gradient = slope * fma(-mean, s.mean.by_position, s.moment.by_position);
    p.theta[0] = fma(slope, fma(-mean, s.mean.by_step, s.moment.by_step), upstream * mean);
    p.theta[1] = slope * fma(-mean, s.mean.by_noise, s.moment.by_noise);
    for (int k = 0; k < Gates; ++k) {
      p.theta[2 + k] =
          weight * static_cast<T>(grid_.step()) * fma(-mean, s.group[k], s.group_code[k]);
    }
    return p;
  }

  /// From how many σ on the ratios of probabilities do not change (`detail::held_near`).
  static constexpr double farthest = 40;

  DETENT_HD int gate_of(int code) const noexcept { return mask_of(Sharing, fewest_, code); }

  template <class T>
  DETENT_HD T mask(int gate) const noexcept {
    return gate < 0 ? T(1) : static_cast<T>(masks_[gate]);
  }

  /// How many steps further than 40 σ a position between the outermost open levels is from the
  /// nearest one; 0 where it is not. Without them all shares would underflow in a gap.
  template <class T>
  DETENT_HD T surplus_of(T at) const noexcept {
    T least = static_cast<T>(2 * open_);
    for (int n = -open_; n < open_; ++n) {
      T const distance = absolute(static_cast<T>(n) - at) - T(0.5);
      least = choose((mask<T>(gate_of(n)) > T(0)) & (distance < least), distance, least);
    }
    T const surplus = least - static_cast<T>(farthest / slant_);
    bool const is_between = absolute(at + T(0.5)) < static_cast<T>(open_);
    return keep_if(is_between & (surplus > T(0)), surplus);
  }

  /// A distance less the surplus, not beyond zero.
  template <class T>
  DETENT_HD static T nearer(T to, T surplus) noexcept {
    T const left = absolute(to) - surplus;
    return with_sign(choose(left < T(0), T(0), left), to);
  }

  /// The position is held near the levels that are open, so that the sum of shares is never 0.
  template <class T>
  DETENT_HD sums<T> summed(T x) const noexcept {
    T const rho = static_cast<T>(slant_);
    T const turns = grid_.template as<T>().turns(x);
    T const low = static_cast<T>(-open_), high = static_cast<T>(open_ - 1);
    T const at = detail::held_near(turns, low, high, slant_);
    T const surplus = has_deep_gap_ ? surplus_of(at) : T(0);
    sums<T> s{};
    s.gate = -1;
    s.chosen.share = T(-1);
    for (int n = grid_.lowest_code(); n <= grid_.highest_code(); ++n) {
      int const gate = gate_of(n);
      T const to = nearer(static_cast<T>(n) - at, surplus);
      T const u = (to + T(0.5)) * rho, l = (T(0.5) - to) * rho;
      auto const su = logistic(u), sl = logistic(l);
      T const share = su.up * sl.up;
      T const z = mask<T>(gate);
      T const code = static_cast<T>(n);
      seen_level<T> const level{z * share, sl.down - su.down,
                                fma(code + T(0.5), su.down, (T(0.5) - code) * sl.down),
                                -fma(u, su.down, l * sl.down)};
      s.total += level.share;
      s.mean.by_position = fma(level.share, level.by_position, s.mean.by_position);
      s.mean.by_step = fma(level.share, level.by_step, s.mean.by_step);
      s.mean.by_noise = fma(level.share, level.by_noise, s.mean.by_noise);
      if (gate >= 0) s.group[gate] += share;
      if constexpr (Classes == relaxed_classes::all) {
        T const moment = level.share * code;
        s.moment.share += moment;
        s.moment.by_position = fma(moment, level.by_position, s.moment.by_position);
        s.moment.by_step = fma(moment, level.by_step, s.moment.by_step);
        s.moment.by_noise = fma(moment, level.by_noise, s.moment.by_noise);
        if (gate >= 0) s.group_code[gate] = fma(share, code, s.group_code[gate]);
      }
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
  int fewest_ = 0;
  int open_ = 0;  // codes -open_ … open_ - 1 have no open ones beyond them
  bool has_deep_gap_ = false;
};

static_assert(quantizer<drop_bits<1>>);
static_assert(quantizer<drop_bits<4>>);
static_assert(quantizer<drop_bits<2, mask_sharing::bitwise, relaxed_classes::all>>);
static_assert(quantizer<drop_bits<30, mask_sharing::endpoints>>);

}  // namespace detent
