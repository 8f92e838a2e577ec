// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What the quantizers under logistic noise share: the noise in steps, and where nothing changes.

#include <cstddef>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/scalar.hpp>
#include <detent/quantizer/quantizer.hpp>

namespace detent::inline DETENT_ABI::detail {

/// α/σ, checked: grids without a phase, σ within 1e-6 to 1e3 steps.
inline double slant_of(uniform<double> const& grid, double const& noise,
                       char const* quantizer_name) {
  if (grid.phase() != 0) {
    fail(quantizer_name, "has a grid of phase " + text(grid.phase()) + "; 0 is needed");
  }
  double const step = grid.step();
  if (!is_finite(noise) || noise < 1e-6 * step || noise > 1e3 * step) {
    fail("noise", "is " + text(noise) + "; allowed are 1e-6 to 1e3 steps of " + text(step));
  }
  return step / noise;
}

/// A place on the grid, in steps, held near the codes low to high: 18 σ (40 in double) beyond, the
/// ratios of probabilities do not change to the last bit, but their terms would underflow, the
/// sooner the lower the temperature. NaN stays NaN.
template <class T>
DETENT_HD inline T held_near(T place, T low, T high, double slant) noexcept {
  T const steps = static_cast<T>((sizeof(T) == 4 ? 18.0 : 40.0) / slant) + T(0.5);
  return clip(place, low - steps, high + steps);
}

/// Of the logistic functions at both ends of an interval, 1/(1 + a) above and b/(1 + b) below:
/// their difference is (1 - ab)/sum, without cancellation.
template <class T>
struct interval_ends {
  T sum;   ///< (1 + a)(1 + b)
  T lean;  ///< a - b
  T edge;  ///< a + b + 2ab
};

/// Of an interval that is seen from `place`, which lies that far above its middle.
///
/// @param  turns  log₂ of the larger of a and b, within ±125 in float and ±1000 in double
/// @param  ab     e^(-width α/σ)
template <class T>
DETENT_HD inline interval_ends<T> ends_of(T place, T turns, T ab) noexcept {
  auto const e = powers_of_two(turns);
  T const sum = fma(ab, e.down, e.up), difference = fma(-ab, e.down, e.up);
  return {sum + (T(1) + ab), with_sign(difference, place), fma(T(2), ab, sum)};
}

/// Logistic noise, seen from levels that are α apart.
class level_noise {
 public:
  explicit level_noise(double slant)
      : slant_(slant),
        binary_slant_(slant * 1.44269504088896341),
        ab_(natural_exponential(-slant)) {}

  /// α/σ
  template <class T>
  DETENT_HD T slant() const noexcept {
    return static_cast<T>(slant_);
  }

  /// The ends of the level that lies `beside` steps below x. Deep inside, both are as good as 0,
  /// and so for NaN; far outside they grow no more.
  template <class T>
  DETENT_HD interval_ends<T> level(T beside) const noexcept {
    T const farthest = T(0.5) + limit<T> / static_cast<T>(binary_slant_);
    return ends_of(beside, turns(smaller(farthest, absolute(beside))), static_cast<T>(ab_));
  }

  /// By how much the larger of log₂ a and log₂ b of that level exceeds what `level` takes it for; 0
  /// up to there, and for NaN.
  template <class T>
  DETENT_HD T turns_beyond(T beside) const noexcept {
    T const slant = static_cast<T>(binary_slant_), farthest = T(0.5) + limit<T> / slant;
    T const distance = absolute(beside);
    return keep_if(distance > farthest, (distance - farthest) * slant);
  }

  /// -log₂ A of the level that lies `beside` steps from x, up to what all levels share.
  DETENT_HD double lost_turns(double beside) const noexcept {
    return fma(logarithm(level(beside).sum), 1.44269504088896341, turns_beyond(beside));
  }

  /// log₂ a at `outer` steps beyond the outermost level of an interval. NaN counts as deep inside:
  /// `larger` then gives its first argument.
  template <class T>
  DETENT_HD T turns(T outer) const noexcept {
    T const slant = static_cast<T>(binary_slant_);
    T const deepest = T(0.5) - limit<T> / slant;
    return fma(larger(deepest, outer), slant, T(-0.5) * slant);
  }

 private:
  template <class T>
  static constexpr T limit = sizeof(T) == 4 ? T(120) : T(1000);

  double slant_;
  double binary_slant_;  // over ln 2
  double ab_;            // e^(-α/σ)
};

/// The position of x, whose offset is held near the grid: no quotient becomes 0/0.
template <class T>
DETENT_HD inline grid_position<T> held_position(uniform<double> const& grid,
                                                level_noise const& noise, T x) noexcept {
  auto const p = grid.template as<T>().position(x);
  T const low = static_cast<T>(grid.lowest_code()), high = static_cast<T>(grid.highest_code());
  return {p.code, held_near(p.offset, low - p.code, high - p.code, noise.slant<double>())};
}

/// Where N weights are on a grid, held near it, in columns: so a compiler takes many weights at a
/// time in a loop over i.
template <class T, std::size_t N>
struct level_places {
  T code[N];                ///< of the nearest level
  T offset[N];              ///< from it, in steps
  T lowest[N], highest[N];  ///< levels, counted from the nearest

  DETENT_HD level_places(uniform<double> const& grid, level_noise const& noise,
                         T const (&x)[N]) noexcept {
    T const low = static_cast<T>(grid.lowest_code()), high = static_cast<T>(grid.highest_code());
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < N; ++i) {
      auto const p = held_position(grid, noise, x[i]);
      code[i] = p.code;
      offset[i] = p.offset;
      lowest[i] = low - p.code;
      highest[i] = high - p.code;
    }
  }

  /// How many steps weight i lies above level n.
  DETENT_HD T above(std::size_t i, T n) const noexcept { return (code[i] - n) + offset[i]; }
};

/// A level: its code, counted from the nearest, and the derivatives of ln A by x and by σ, times σ
/// and σ²/α.
template <class T>
struct seen_level {
  T code, by_position, by_noise;
};

/// Of the level that lies `beside` steps below x; its ends' lean and edge, each over their sum.
template <class T>
DETENT_HD inline seen_level<T> seen(T code, T beside, T lean, T edge) noexcept {
  return {code, -lean, fma(beside, lean, T(-0.5) * edge)};
}

/// Σ w and Σ w n over the levels, n counted from the nearest.
template <class T, std::size_t N>
struct level_mean {
  T weight[N] = {}, codes[N] = {};

  DETENT_HD void add(std::size_t i, T w, seen_level<T> const& level) noexcept {
    weight[i] += w;
    codes[i] = fma(w, level.code, codes[i]);
  }
};

/// The same with what the derivatives of the mean take, for w that are powers of A.
template <class T, std::size_t N>
struct level_mean_slopes {
  level_mean<T, N> mean;
  // Σ w times the derivatives of ln A, and of all that times n.
  T by_position[N] = {}, by_noise[N] = {}, codes_by_position[N] = {}, codes_by_noise[N] = {};

  DETENT_HD void add(std::size_t i, T w, seen_level<T> const& level) noexcept {
    mean.add(i, w, level);
    T const wn = w * level.code;
    by_position[i] = fma(w, level.by_position, by_position[i]);
    by_noise[i] = fma(w, level.by_noise, by_noise[i]);
    codes_by_position[i] = fma(wn, level.by_position, codes_by_position[i]);
    codes_by_noise[i] = fma(wn, level.by_noise, codes_by_noise[i]);
  }

  /// The gradient of the mean level by the weight, α and σ, for w ∝ A^power.
  ///
  /// The mean's code depends on ratios of weight, α and σ alone: the three derivatives, each times
  /// what it is by, add up to 0.
  template <int P>
  DETENT_HD void pull(level_places<T, N> const& places, T slant, T power, T const (&upstream)[N],
                      pullbacks<T, P, N>& to) const noexcept {
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < N; ++i) {
      T const m = mean.codes[i] / mean.weight[i];
      T const slope = upstream[i] * (power * slant) / mean.weight[i];
      T const noise = slope * fma(-m, by_noise[i], codes_by_noise[i]);
      T const gradient = slope * fma(-m, by_position[i], codes_by_position[i]);
      T const place = places.code[i] + places.offset[i];
      to.gradient[i] = gradient;
      to.theta[0][i] = fma(upstream[i], places.code[i] + m, fma(-place, gradient, -noise));
      to.theta[1][i] = noise * slant;
    }
  }
};

}  // namespace detent::inline DETENT_ABI::detail
