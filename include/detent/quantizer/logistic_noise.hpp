// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What the quantizers under logistic noise share: the noise in steps, and where nothing changes.

#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/rounding.hpp>

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

/// A place on the grid, in steps, held within 40 σ of the codes low to high: beyond, the ratios of
/// probabilities do not change to the last bit, but their terms would underflow. NaN stays NaN.
template <class T>
DETENT_HD inline T held_near(T place, T low, T high, double slant) noexcept {
  T const steps = static_cast<T>(40.0 / slant) + T(0.5);
  return clip(place, low - steps, high + steps);
}

}  // namespace detent::detail
