// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// sinusoidal: the penalty whose minima are the levels of a grid (SinReQ).

#include <bit>
#include <detent/config.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/sinusoid.hpp>
#include <detent/regularizer/term.hpp>

namespace detent::inline DETENT_ABI {

/// The height of the sinusoid, which decides what a strength means.
enum class amplitude {
  squared_distance,  ///< (Δ/π)²: near a level the squared distance to it, at any bit-width
  unit,              ///< 1: the papers' form; the slope grows with 1/Δ
  octave,            ///< 2^-b for a grid of at most 2^b levels: WaveQ's normalization
};

/// What lies beyond the outermost levels.
enum class extent {
  bounded,   ///< a parabola that continues value, slope and curvature: weights are drawn back
  periodic,  ///< the sinusoid goes on, and holds weights on levels that do not exist
};

/// A·sin²(πu), u = w/Δ - φ the position of the weight on its grid in steps.
///
///     value = A sin²(πu)            slope = A (π/Δ) sin(2πu)
///     beyond the ends, v steps out: value = A π² v²,  slope = A (2π²/Δ) v
///
/// Zero with zero slope on every level. With the default amplitude, one strength serves every
/// bit-width, and |slope| ≤ Δ/π between the levels. The range of the weights is the grid's:
/// `sinusoidal{dorefa_grid(bits{3}).scaled(c)}`. For a quantizer, build it with `matched`.
///
/// Accuracy: see `penalty_ulp_bound`; NaN gives NaN; a weight so far out that its distance in half
/// steps is infinite gives infinity or NaN. noexcept, pure. Source: Elthakeb et al., "SinReQ",
/// arXiv:1905.01416, eq. 3; the bounded form after "QSin", arXiv:2108.05075.
template <extent Extent = extent::bounded>
class sinusoidal {
 public:
  static constexpr int parameters = 0;

  explicit sinusoidal(uniform<double> const& grid,
                      amplitude height = amplitude::squared_distance) noexcept
      : grid_(grid),
        value_(height_of(grid, height) * (pi / 2) * (pi / 2)),
        slope_(height_of(grid, height) * pi * pi / grid.step()) {}

  uniform<double> const& grid() const noexcept { return grid_; }

  template <class T>
  DETENT_HD term<T> operator()(T w) const noexcept {
    auto const t = unscaled(w);
    auto const f = factors();
    return {static_cast<T>(f.value) * t.value, static_cast<T>(f.slope) * t.slope};
  }

  /// `sinusoid_or_parabola` of the offset from the nearest level: what the factors make a penalty.
  template <class T>
  DETENT_HD term<T> unscaled(T w) const noexcept {
    auto const grid = grid_.template as<T>();
    if constexpr (Extent == extent::periodic) {
      // Far out, where a step is less than the spacing of T, the offset is not reduced any more.
      T const offset = grid.unbounded_position(w).offset;
      T const x = T(2) * (offset - round_half_even(offset));
      auto const s = sinusoid_or_parabola(x, x);
      return {s.square, s.sine};
    } else {
      T const x = grid.half_steps(w);
      auto const s = sinusoid_or_parabola(x, keep_if(grid.is_within(w), x));
      return {s.square, s.sine};
    }
  }

  DETENT_HD term<double> factors() const noexcept { return {value_, slope_}; }

 private:
  static constexpr double pi = 3.14159265358979323846;

  static double height_of(uniform<double> const& grid, amplitude height) noexcept {
    if (height == amplitude::unit) return 1.0;
    if (height == amplitude::squared_distance) return (grid.step() / pi) * (grid.step() / pi);
    return 1.0 / static_cast<double>(std::bit_ceil(static_cast<unsigned>(grid.size())));
  }

  uniform<double> grid_;
  double value_;
  double slope_;
};

sinusoidal(uniform<double> const&, amplitude)->sinusoidal<>;

static_assert(factored_regularizer<sinusoidal<extent::bounded>>);
static_assert(factored_regularizer<sinusoidal<extent::periodic>>);

}  // namespace detent::inline DETENT_ABI
