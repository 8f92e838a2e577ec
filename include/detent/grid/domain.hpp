// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Domains: the coordinate in which a grid lies, seen from the weight.

#include <concepts>
#include <detent/config.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI {

/// A coordinate and its derivative by the weight.
template <class T>
struct coordinate {
  T value;
  T slope;
};

/// A map from the weight to the coordinate of the grid: monotone, odd, trivially copyable.
///
/// A range needs no domain of its own: dividing the weight by c is the grid scaled by c.
template <class D>
concept domain = std::is_trivially_copyable_v<D> && requires(D const d, float w, double v) {
  { d(w) } -> std::same_as<coordinate<float>>;
  { d(v) } -> std::same_as<coordinate<double>>;
};

/// The weight itself.
struct identity_domain {
  template <class T>
  DETENT_HD coordinate<T> operator()(T w) const noexcept {
    return {w, T(1)};
  }
};

/// tanh w: DoReFa's coordinate. Its division by max|tanh w| is the scale of the grid, and the
/// maximum is held constant, so the slope is 1 - tanh² w.
struct tanh_domain {
  template <class T>
  DETENT_HD coordinate<T> operator()(T w) const noexcept {
    T const t = hyperbolic_tangent(w);
    return {t, fma(-t, t, T(1))};
  }
};

static_assert(domain<identity_domain> && domain<tanh_domain>);

}  // namespace detent::inline DETENT_ABI
