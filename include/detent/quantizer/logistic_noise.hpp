// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What the quantizers under logistic noise share: the noise in steps, and where nothing changes.

#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>
#include <detent/quantizer/quantizer.hpp>

namespace detent::detail {

/// α/σ, checked: grids without a phase, σ within 1e-6 to 1e3 steps.
inline double slant_of(uniform<double> const& grid, double noise, char const* quantizer_name) {
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

/// A level seen from a weight: its code, counted from the nearest; A, the difference of the logistic
/// function at its bounds, up to a factor; the derivatives of ln A by the weight and by σ, times σ.
template <class T>
struct seen_level {
  T code, share, by_position, by_noise;
};

/// N weights that see one level after the other, each in its own place on the grid.
///
///     A_n = F(n + ½) (1 - F(n - ½)),   F(c) the logistic function of (c - place)·α/σ
///
/// A level's upper bound is the lower one of the next: one logistic function a level. It is in
/// columns, so that a compiler takes many weights at a time in a loop over i.
template <class T, int N>
struct level_walk {
  T slant, low, high;
  T code[N];      ///< of the nearest level
  T offset[N];    ///< from it, in steps
  T next[N];      ///< level, counted from the nearest
  T up[N], down[N];  ///< F and 1 - F at its lower bound

  /// Starts `reach` levels below the nearest, or at the lowest of all.
  DETENT_HD level_walk(uniform<double> const& grid, double alpha_by_sigma, T const (&x)[N], bool all,
                       int reach) noexcept
      : slant(static_cast<T>(alpha_by_sigma)),
        low(static_cast<T>(grid.lowest_code())),
        high(static_cast<T>(grid.highest_code())) {
    auto const levels = grid.template as<T>();
    T const first = static_cast<T>(-reach);
    DETENT_INDEPENDENT
    for (int i = 0; i < N; ++i) {
      auto const p = levels.position(x[i]);
      T const place = held_near(p.offset, low - p.code, high - p.code, alpha_by_sigma);
      T const from = choose(all, low - p.code, first);
      auto const f = logistic(((from - place) - T(0.5)) * slant);
      code[i] = p.code;
      offset[i] = place;
      next[i] = from;
      up[i] = f.up;
      down[i] = f.down;
    }
  }

  /// What weight i sees next; of what lies beyond the grid, the share is 0.
  DETENT_HD seen_level<T> step(int i) noexcept {
    T const n = next[i], to = n - offset[i];
    T const u = (to + T(0.5)) * slant, l = (T(0.5) - to) * slant;
    auto const f = logistic(u);
    bool const is_level = (code[i] + n >= low) & (code[i] + n <= high);
    // The mask keeps a compiler from fusing the product into a sum.
    seen_level<T> const level{n, keep_if(is_level, f.up * down[i]), up[i] - f.down,
                              -fma(u, f.down, l * up[i])};
    next[i] = n + T(1);
    up[i] = f.up;
    down[i] = f.down;
    return level;
  }
};

/// Σ w and Σ w n over the levels, n counted from the nearest.
template <class T, int N>
struct level_mean {
  T weight[N] = {}, codes[N] = {};

  DETENT_HD void add(int i, T w, seen_level<T> const& level) noexcept {
    weight[i] += w;
    codes[i] = fma(w, level.code, codes[i]);
  }
};

/// The same with what the derivatives of the mean take, for w that are powers of A.
template <class T, int N>
struct level_mean_slopes {
  level_mean<T, N> mean;
  T by_position[N] = {}, by_noise[N] = {}, codes_by_position[N] = {}, codes_by_noise[N] = {};

  DETENT_HD void add(int i, T w, seen_level<T> const& level) noexcept {
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
  DETENT_HD void pull(level_walk<T, N> const& walk, T power, T const (&upstream)[N],
                      pullbacks<T, 2, N>& to) const noexcept {
    DETENT_INDEPENDENT
    for (int i = 0; i < N; ++i) {
      T const m = mean.codes[i] / mean.weight[i];
      T const slope = upstream[i] * power / mean.weight[i];
      T const noise = slope * fma(-m, by_noise[i], codes_by_noise[i]);
      T const gradient = slope * walk.slant * fma(-m, by_position[i], codes_by_position[i]);
      T const place = walk.code[i] + walk.offset[i];
      to.gradient[i] = gradient;
      to.theta[0][i] = fma(upstream[i], walk.code[i] + m, -fma(place, gradient, noise));
      to.theta[1][i] = noise * walk.slant;
    }
  }
};

}  // namespace detent::detail
