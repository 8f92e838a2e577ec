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
#include <detent/math/scalar.hpp>
#include <detent/quantizer/logistic_noise.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <detent/quantizer/semi_relaxed.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI {

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
/// Cost: a pair of exponentials and up to two divisions for every level of the grid. `backward`
/// over a tensor keeps a sum of 4 KiB for each of the 2 + Gates parameters on a thread's stack, 128
/// KiB at most. Source: Kim et al., arXiv:1911.12990.
///
/// @tparam Gates    how many masks there are: `mask_count(Sharing, fewest, most)`, where `fewest`
///                  bits are never dropped; 1 to 8 bitwise, 1 to 30 by endpoints (6 bits over 2)
/// @tparam Sharing  which levels share a mask
/// @tparam Classes  which probabilities the gradient flows through
template <int Gates, mask_sharing Sharing = mask_sharing::bitwise,
          relaxed_classes Classes = relaxed_classes::chosen>
class drop_bits {
  static constexpr bool is_bitwise = Sharing == mask_sharing::bitwise;
  static constexpr auto gates = static_cast<std::size_t>(Gates);
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
  drop_bits(bits b, step_size step, detail::real noise, std::array<double, gates> const& masks)
      : grid_(twos_complement_grid(b, step)),
        open_grid_(grid_),
        noise_(detail::slant_of(grid_, noise, "drop_bits")) {
    detail::require_between(b.count(), is_bitwise ? Gates + 1 : paired_most,
                            is_bitwise ? 10 : paired_most, "bits of drop_bits");
    fewest_ = is_bitwise ? b.count() - Gates : paired_fewest;
    for (int k = 0; k < Gates; ++k) {
      double const z = masks[static_cast<std::size_t>(k)];
      if (!detail::is_finite(z) || z < 0 || z > 1) {
        detail::fail("mask", "is " + detail::text(z) + "; it lies in [0, 1]");
      }
      masks_[k] = z < 1e-20 ? 0 : z;
      masks_differ_ = masks_differ_ || (masks_[k] != 0 && masks_[k] != 1);
      mask_turns_[k] = z < 1e-20 ? 0 : -1.44269504088896341 * detail::natural_logarithm(z);
    }
    int widest_gap = 0;
    for (int n = 0; n <= grid_.highest_code(); ++n) {
      if (!(mask<double>(gate_of(n)) > 0)) continue;
      widest_gap = n - open_ > widest_gap ? n - open_ : widest_gap;
      open_ = n + 1;
    }
    has_deep_gap_ = 0.5 * widest_gap * noise_.slant<double>() > farthest;
    open_grid_ = uniform<double>(step, 0, -open_, open_ - 1);
  }

  uniform<double> const& grid() const noexcept { return grid_; }

  template <class T>
  DETENT_HD T operator()(T x) const noexcept {
    T const one[1] = {x};
    T level[1];
    quantize_block(0, one, level);
    return level[0];
  }

  /// Of NaN: 0.
  template <class T>
  DETENT_HD std::int32_t code(T x) const noexcept {
    T const one[1] = {x};
    chosen_levels<T, 1> const chosen(*this, detail::level_places<T, 1>(open_grid_, noise_, one));
    return static_cast<std::int32_t>(chosen.code[0]);
  }

  template <class T>
  DETENT_HD pullback<T, parameters> backward(T x, T upstream) const noexcept {
    T const one[1] = {x}, above[1] = {upstream};
    pullbacks<T, parameters, 1> all;
    backward_block(0, one, above, all);
    pullback<T, parameters> p;
    p.gradient = all.gradient[0];
    for (int k = 0; k < parameters; ++k)
      p.theta[k] = all.theta[k][0];
    return p;
  }

  /// Many weights at a time, as `relaxed::quantize_block` and `backward_block`.
  template <class T, std::size_t N>
  DETENT_HD void quantize_block(std::uint64_t, T const (&x)[N], T (&out)[N]) const noexcept {
    chosen_levels<T, N> const chosen(*this, detail::level_places<T, N>(open_grid_, noise_, x));
    auto const levels = grid_.template as<T>();
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < N; ++i)
      out[i] = levels.level(static_cast<int>(chosen.code[i])) + keep_if(x[i] != x[i], x[i]);
  }
  template <class T, std::size_t N>
  DETENT_HD void backward_block(std::uint64_t, T const (&x)[N], T const (&upstream)[N],
                                pullbacks<T, parameters, N>& to) const noexcept {
    detail::level_places<T, N> const places(open_grid_, noise_, x);
    std::conditional_t<Classes == relaxed_classes::chosen, chosen_slopes<T, N>, all_slopes<T, N>>
        slopes;
    T surplus[N] = {};
    if (has_deep_gap_) find_surplus(places, surplus);
    add_levels(places, surplus, slopes);
    slopes.pull(*this, places, surplus, upstream, to);
  }

 private:
  /// How the levels of several gates are compared.
  enum class compared_by {
    distance,   ///< all open masks are 1
    share,      ///< Z A, in double: the largest one is far above the least double
    logarithm,  ///< a deep gap between open levels may let every share underflow
  };

  /// The level of the largest share Z A, and its gate; 0 for NaN.
  ///
  /// Within a gate's levels that is the nearest one, and among gates of equal masks too: they are
  /// compared by distance. Shares differ by less than their rounding where the noise is large.
  /// Those of different masks are compared in double whatever T is.
  template <class T, std::size_t N>
  struct chosen_levels {
    T code[N], gate[N];  ///< the gate: -1 for none

    DETENT_HD chosen_levels(drop_bits const& q, detail::level_places<T, N> const& places) noexcept {
      double mask[N], distance[N], cost[N];
      int const inner = 1 << (q.fewest_ - 1);
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i) {
        code[i] = within(places.code[i], static_cast<T>(-inner), static_cast<T>(inner - 1));
        gate[i] = T(-1);
        mask[i] = 1;
        distance[i] = distance_to(places, i, code[i]);
      }
      if (!q.masks_differ_) {
        compare_gates<compared_by::distance>(q, places, mask, distance, cost);
      } else if (!q.has_deep_gap_) {
        compare_gates<compared_by::share>(q, places, mask, distance, cost);
      } else {
        compare_gates<compared_by::logarithm>(q, places, mask, distance, cost);
      }
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i)
        code[i] = keep_if(places.offset[i] == places.offset[i], code[i]);
    }

   private:
    DETENT_HD static T within(T n, T low, T high) noexcept { return smaller(high, larger(low, n)); }
    /// In double, which holds the sum exactly where T is float.
    DETENT_HD static double distance_to(detail::level_places<T, N> const& places, std::size_t i,
                                        T n) noexcept {
      return absolute(static_cast<double>(places.code[i] - n) +
                      static_cast<double>(places.offset[i]));
    }

    template <compared_by By>
    DETENT_HD void compare_gates(drop_bits const& q, detail::level_places<T, N> const& places,
                                 double (&mask)[N], double (&distance)[N],
                                 double (&cost)[N]) noexcept {
      if constexpr (By != compared_by::distance) {
        DETENT_INDEPENDENT
        for (std::size_t i = 0; i < N; ++i)
          cost[i] = cost_of<By>(q, distance[i], 0);
      }
      DETENT_UNROLL
      for (int k = 0; k < Gates; ++k) {
        if (q.masks_[k] > 0) compare<By>(q, k, places, mask, distance, cost);
      }
    }

    /// 1/A, or -log₂(Z A).
    template <compared_by By>
    DETENT_HD static double cost_of(drop_bits const& q, double beside, double masked) noexcept {
      if constexpr (By == compared_by::share) return q.noise_.level(beside).sum;
      return q.noise_.lost_turns(beside) + masked;
    }

    /// Takes the nearest level of gate k where its share is larger.
    template <compared_by By>
    DETENT_HD void compare(drop_bits const& q, int k, detail::level_places<T, N> const& places,
                           double (&mask)[N], double (&distance)[N], double (&cost)[N]) noexcept {
      // By gate k: the levels first to last, and -last - 1 to -first - 1.
      int const inner = 1 << (q.fewest_ - 1), from = is_bitwise ? inner << k : inner + k;
      T const first = static_cast<T>(from), last = static_cast<T>(is_bitwise ? 2 * from - 1 : from);
      [[maybe_unused]] double const own = q.masks_[k], masked = q.mask_turns_[k];
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i) {
        T const upper = within(places.code[i], first, last);
        T const lower = within(places.code[i], -last - T(1), -first - T(1));
        double const above = distance_to(places, i, upper), below = distance_to(places, i, lower);
        bool const is_upper = above < below;
        T const n = choose(is_upper, upper, lower);
        double const beside = choose(is_upper, above, below);
        // The nearest level of the grid wins over others of its mask though its distance is
        // rounded.
        bool const is_nearest = n == places.code[i], was_nearest = code[i] == places.code[i];
        bool const is_nearer = is_nearest | ((beside < distance[i]) & !was_nearest);
        bool is_larger = is_nearer;
        double own_cost = 0;
        if constexpr (By != compared_by::distance) {
          own_cost = cost_of<By>(q, beside, masked);
          bool const is_equal = own == mask[i];
          bool const is_cheaper =
              By == compared_by::share ? mask[i] * own_cost < own * cost[i] : own_cost < cost[i];
          is_larger = (is_equal & is_nearer) | (!is_equal & is_cheaper);
          mask[i] = choose(is_larger, own, mask[i]);
          cost[i] = choose(is_larger, own_cost, cost[i]);
        }
        code[i] = choose(is_larger, n, code[i]);
        gate[i] = choose(is_larger, static_cast<T>(k), gate[i]);
        distance[i] = choose(is_larger, beside, distance[i]);
      }
    }
  };

  /// What the gradient through the chosen level takes.
  template <class T, std::size_t N>
  struct chosen_slopes {
    T total[N] = {}, mean_position[N] = {},
      mean_noise[N] = {};    ///< Σ Z A, and Σ of those times Z A
    T group[gates][N] = {};  ///< Σ A over the levels of a gate

    DETENT_HD void add(std::size_t i, T next, detail::seen_level<T> const& level) noexcept {
      total[i] += next;
      mean_position[i] = fma(next, level.by_position, mean_position[i]);
      mean_noise[i] = fma(next, level.by_noise, mean_noise[i]);
    }
    DETENT_HD void add_to_gate(int of, T const (&a)[N], T const (&)[N]) noexcept {
      with_gate(of, [&](int k) {
        DETENT_INDEPENDENT
        for (std::size_t i = 0; i < N; ++i)
          group[k][i] += a[i];
      });
    }

    /// ∂ ln π_m = ∂ ln(Z A)_m - Σ π_j ∂ ln A_j; the derivatives by x, α and σ, each times what it
    /// is by, add up to 0.
    DETENT_HD void pull(drop_bits const& q, detail::level_places<T, N> const& places,
                        T const (&surplus)[N], T const (&upstream)[N],
                        pullbacks<T, parameters, N>& to) const noexcept {
      T const slant = q.noise_.template slant<T>(), step = static_cast<T>(q.grid_.step());
      chosen_levels<T, N> const chosen(q, places);
      T share[N], level[N];
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i)
        share[i] = T(1);
      DETENT_UNROLL
      for (int k = 0; k < Gates; ++k) {
        T const z = q.mask<T>(k), number = static_cast<T>(k);
        DETENT_INDEPENDENT
        for (std::size_t i = 0; i < N; ++i)
          share[i] = choose(chosen.gate[i] == number, z, share[i]);
      }
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i) {
        // The surplus is 0 where there is no deep gap.
        T const code = chosen.code[i], beside = nearer(places.above(i, code), surplus[i]);
        auto const ends = q.noise_.level(beside);
        T const a = T(1) / ends.sum;
        auto const own = detail::seen(code, beside, ends.lean / ends.sum, ends.edge * a);
        T const weight = code * (share[i] * a / total[i]) * upstream[i];
        T const gradient = weight * slant * (own.by_position - mean_position[i] / total[i]);
        T const noise = weight * slant * (own.by_noise - mean_noise[i] / total[i]);
        T const place = places.code[i] + places.offset[i];
        to.gradient[i] = gradient;
        to.theta[0][i] = fma(code, upstream[i], fma(-place, gradient, -noise));
        to.theta[1][i] = noise * slant;
        level[i] = weight * step;
      }
      DETENT_UNROLL
      for (int k = 0; k < Gates; ++k) {
        T const z = q.mask<T>(k), own = z > T(0) ? T(1) / z : T(0), number = static_cast<T>(k);
        DETENT_INDEPENDENT
        for (std::size_t i = 0; i < N; ++i) {
          to.theta[2 + k][i] =
              level[i] * (keep_if(chosen.gate[i] == number, own) - group[k][i] / total[i]);
        }
      }
    }
  };

  /// What the gradient through all levels takes.
  template <class T, std::size_t N>
  struct all_slopes {
    detail::level_mean_slopes<T, N> slopes;
    T group[gates][N] = {},
      group_code[gates][N] = {};  ///< Σ A over the levels of a gate, and Σ A n

    DETENT_HD void add(std::size_t i, T next, detail::seen_level<T> const& level) noexcept {
      slopes.add(i, next, level);
    }
    DETENT_HD void add_to_gate(int of, T const (&a)[N], T const (&code)[N]) noexcept {
      with_gate(of, [&](int k) {
        DETENT_INDEPENDENT
        for (std::size_t i = 0; i < N; ++i) {
          group[k][i] += a[i];
          group_code[k][i] = fma(a[i], code[i], group_code[k][i]);
        }
      });
    }

    DETENT_HD void pull(drop_bits const& q, detail::level_places<T, N> const& places,
                        T const (&)[N], T const (&upstream)[N],
                        pullbacks<T, parameters, N>& to) const noexcept {
      slopes.pull(places, q.noise_.template slant<T>(), T(1), upstream, to);
      T const step = static_cast<T>(q.grid_.step());
      auto const& mean = slopes.mean;
      DETENT_UNROLL
      for (int k = 0; k < Gates; ++k) {
        DETENT_INDEPENDENT
        for (std::size_t i = 0; i < N; ++i) {
          T const weight = upstream[i] / mean.weight[i] * step, m = mean.codes[i] / mean.weight[i];
          to.theta[2 + k][i] = weight * fma(-m, group[k][i], group_code[k][i]);
        }
      }
    }
  };

  /// From how many σ on the ratios of probabilities do not change (`detail::held_near`).
  static constexpr double farthest = 40;

  DETENT_HD int gate_of(int code) const noexcept { return mask_of(Sharing, fewest_, code); }

  /// Calls f(gate). On a device each gate has registers of its own, which have no index.
  template <class F>
  DETENT_HD static void with_gate(int gate, F const& f) noexcept {
#if DETENT_DEVICE_CODE
    DETENT_UNROLL
    for (int k = 0; k < Gates; ++k) {
      if (k == gate) f(k);
    }
#else
    f(gate);
#endif
  }

  /// Of no gate, -1, it is 1.
  template <class T>
  DETENT_HD T mask(int gate) const noexcept {
    T z = T(1);
    if (gate >= 0) with_gate(gate, [&](int k) { z = static_cast<T>(masks_[k]); });
    return z;
  }

  /// How many steps further than 40 σ a position between the outermost open levels is from the
  /// nearest one; 0 where it is not. Without them all shares would underflow in a gap.
  template <class T, std::size_t N>
  DETENT_HD void find_surplus(detail::level_places<T, N> const& places,
                              T (&surplus)[N]) const noexcept {
    T least[N];
    for (std::size_t i = 0; i < N; ++i)
      least[i] = static_cast<T>(2 * open_);
    for (int n = -open_; n < open_; ++n) {
      if (!(mask<T>(gate_of(n)) > T(0))) continue;
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i) {
        T const distance = absolute(places.above(i, static_cast<T>(n))) - T(0.5);
        least[i] = choose(distance < least[i], distance, least[i]);
      }
    }
    T const reach = static_cast<T>(farthest / noise_.slant<double>());
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < N; ++i) {
      T const beyond = least[i] - reach, from_middle = places.above(i, T(-0.5));
      bool const is_between = absolute(from_middle) < static_cast<T>(open_);
      surplus[i] = keep_if(is_between & (beyond > T(0)), beyond);
    }
  }

  /// A distance less the surplus, not beyond zero.
  template <class T>
  DETENT_HD static T nearer(T beside, T surplus) noexcept {
    T const left = absolute(beside) - surplus;
    return with_sign(choose(left < T(0), T(0), left), beside);
  }

  /// Adds every level of the grid to `sums`.
  template <class Sums, class T, std::size_t N>
  DETENT_HD void add_levels(detail::level_places<T, N> const& places, T const (&surplus)[N],
                            Sums& sums) const noexcept {
    for (int n = grid_.lowest_code(); n <= grid_.highest_code(); ++n) {
      T beside[N];
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i)
        beside[i] = places.above(i, static_cast<T>(n));
      if (has_deep_gap_) {
        DETENT_INDEPENDENT
        for (std::size_t i = 0; i < N; ++i)
          beside[i] = nearer(beside[i], surplus[i]);
      }
      add_level(n, beside, places, sums);
    }
  }

  template <class Sums, class T, std::size_t N>
  DETENT_HD void add_level(int n, T const (&beside)[N], detail::level_places<T, N> const& places,
                           Sums& sums) const noexcept {
    int const gate = gate_of(n);
    T const z = mask<T>(gate);
    T a[N], code[N];
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < N; ++i) {
      auto const ends = noise_.level(beside[i]);
      a[i] = T(1) / ends.sum;
      code[i] = static_cast<T>(n) - places.code[i];
      // Where one level is all there is, its lean over the sum must be 1: a division, no product.
      // The mask keeps a compiler from fusing the product into a sum.
      sums.add(i, keep_if(a[i] > T(0), z * a[i]),
               detail::seen(code[i], beside[i], ends.lean / ends.sum, ends.edge * a[i]));
    }
    if (gate >= 0) sums.add_to_gate(gate, a, code);
  }

  uniform<double> grid_;
  uniform<double> open_grid_;  // codes -open_ … open_ - 1, which have no open ones beyond them
  detail::level_noise noise_;
  double masks_[gates];
  double mask_turns_[gates];  // -log₂ Z
  int fewest_ = 0;
  int open_ = 0;
  bool has_deep_gap_ = false;
  bool masks_differ_ = false;  // an open gate's mask is not 1, that of the inner levels
};

static_assert(quantizer<drop_bits<1>>);
static_assert(quantizer<drop_bits<4>>);
static_assert(quantizer<drop_bits<2, mask_sharing::bitwise, relaxed_classes::all>>);
static_assert(quantizer<drop_bits<30, mask_sharing::endpoints>>);

}  // namespace detent::inline DETENT_ABI
