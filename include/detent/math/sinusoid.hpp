// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// sin²(πu) and sin(2πu) from one range reduction: the arithmetic of every sinusoidal penalty.

#include <detent/config.hpp>
#include <detent/math/rounding.hpp>

namespace detent {

/// Largest error of `sinusoid`, in units in the last place of the exact value at the given
/// argument, for |u| up to 2²⁰. Held by tests/math/sinusoid_test.cpp.
inline constexpr double sinusoid_ulp_bound = 3.0;

/// What `sinusoid` returns.
template <class T>
struct sinusoid_values {
  T square;  ///< sin²(πu), in [0, 1]
  T sine;    ///< sin(2πu), in [-1, 1]
};

namespace detail {

/// sin(πr)/r as a polynomial of z = r², for |r| ≤ ½.
DETENT_HD inline float sine_ratio(float z) noexcept {
  float p = 0.0775603913897197892f;
  p = fma(p, z, -0.598242129305637123f);
  p = fma(p, z, 2.55006972693505967f);
  p = fma(p, z, -5.16770968484200536f);
  return fma(p, z, 3.1415926368961182f);
}

DETENT_HD inline double sine_ratio(double z) noexcept {
  double p = 7.6947273283067905e-7;
  p = fma(p, z, -0.0000219031854208053768);
  p = fma(p, z, 0.000466299688773173555);
  p = fma(p, z, -0.00737043047876246099);
  p = fma(p, z, 0.0821458865698926095);
  p = fma(p, z, -0.599264529318738216);
  p = fma(p, z, 2.55016403987729394);
  p = fma(p, z, -5.16771278004996953);
  return fma(p, z, 3.14159265358979324);
}

}  // namespace detail

/// sin²(πr) and sin(2πr) for an argument already reduced to |r| ≤ ½.
///
/// The sine goes through y = min(2|r|, 1 - 2|r|), exact where it matters, so that its zeros at
/// r = ±½ are as accurate as the one at 0.
template <class T>
DETENT_HD inline sinusoid_values<T> sinusoid_reduced(T r) noexcept {
  T const s = r * detail::sine_ratio(r * r);
  T const twice = T(2) * absolute(r);
  T const rest = T(1) - twice;
  T const y = twice < rest ? twice : rest;
  return {s * s, with_sign(y * detail::sine_ratio(y * y), r)};
}

/// sin²(πu) and sin(2πu), u in turns.
///
/// @param  u  argument in turns; any finite value (|u| ≥ 2²³ in float is an integer: both are 0)
/// @return the two values. NaN and infinity give NaN.
/// Cost: about twenty instructions, no branch. Accuracy: `sinusoid_ulp_bound`.
template <class T>
DETENT_HD inline sinusoid_values<T> sinusoid(T u) noexcept {
  return sinusoid_reduced(u - round_half_even(u));
}

}  // namespace detent
