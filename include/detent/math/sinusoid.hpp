// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// sin²(πu) and sin(2πu) from one range reduction: the arithmetic of every sinusoidal penalty.

#include <detent/config.hpp>
#include <detent/math/rounding.hpp>

namespace detent::inline DETENT_ABI {

/// Largest error of `sinusoid`, in units in the last place of the exact value at the given
/// argument, for |u| up to 2²⁰. Held by tests/math/sinusoid_test.cpp.
inline constexpr double sinusoid_ulp_bound = 1.5;

/// What `sinusoid` returns.
template <class T>
struct sinusoid_values {
  T square;  ///< sin²(πu), in [0, 1]
  T sine;    ///< sin(2πu), in [-1, 1]
};

namespace detail {

/// sin²(πt)/(8t²) - 1 as a polynomial of z = (4t)² ≤ 1: small, so that its rounding hardly counts.
DETENT_HD inline float square_remainder(float z) noexcept {
  float p = 2.34748786e-5f;
  p = fma(p, z, -0.000917033933f);
  p = fma(p, z, 0.0208623111f);
  p = fma(p, z, -0.253669292f);
  return fma(p, z, 0.233700544f);
}

DETENT_HD inline double square_remainder(double z) noexcept {
  double p = -6.34899803047543856e-11;
  p = fma(p, z, 6.38294841560957735e-9);
  p = fma(p, z, -4.71084259610993503e-7);
  p = fma(p, z, 2.52020407988764778e-5);
  p = fma(p, z, -9.19260274420199107e-4);
  p = fma(p, z, 0.0208634807632979667);
  p = fma(p, z, -0.253669507901045255);
  return fma(p, z, 0.233700550136169805);
}

/// sin(2πt)/(4t) - 1, likewise.
DETENT_HD inline float sine_remainder(float z) noexcept {
  float p = 0.000150169973f;
  p = fma(p, z, -0.0046712379f);
  p = fma(p, z, 0.0796881765f);
  p = fma(p, z, -0.64596343f);
  return fma(p, z, 0.570796311f);
}

DETENT_HD inline double sine_remainder(double z) noexcept {
  double p = 7.18190004054531464e-12;
  p = fma(p, z, -6.7374781068703227e-10);
  p = fma(p, z, 5.69301213568425032e-8);
  p = fma(p, z, -3.59885056669490626e-6);
  p = fma(p, z, 1.60441188328703046e-4);
  p = fma(p, z, -0.00468175413624972309);
  p = fma(p, z, 0.0796926262462879093);
  p = fma(p, z, -0.645964097506252277);
  return fma(p, z, 0.570796326794896669);
}

/// (2/π) sin(πx/2) = x + x·z·(this), z = x² ≤ 1.
DETENT_HD inline float half_sine_remainder(float z) noexcept {
  float p = 9.66634107e-5f;
  p = fma(p, z, -0.00297590555f);
  p = fma(p, z, 0.0507323928f);
  return fma(p, z, -0.411233366f);
}

DETENT_HD inline double half_sine_remainder(double z) noexcept {
  double p = 3.74778395209026468e-12;
  p = fma(p, z, -4.25573768039390044e-10);
  p = fma(p, z, 3.62373073723909256e-8);
  p = fma(p, z, -2.29109465318703287e-6);
  p = fma(p, z, 0.000102140030501785879);
  p = fma(p, z, -0.00298049725190117692);
  p = fma(p, z, 0.0507339015802091356);
  return fma(p, z, -0.411233516712056602);
}

/// cos(πx/2) = (1 - z)·(1 + z·(this)), likewise.
DETENT_HD inline float half_cosine_remainder(float z) noexcept {
  float p = 2.36605483e-5f;
  p = fma(p, z, -0.000893666584f);
  p = fma(p, z, 0.0199686904f);
  return fma(p, z, -0.233700529f);
}

DETENT_HD inline double half_cosine_remainder(double z) noexcept {
  double p = -6.30997707247742732e-11;
  p = fma(p, z, 6.31826407642618274e-9);
  p = fma(p, z, -4.64763399531837994e-7);
  p = fma(p, z, 2.47372752087746948e-5);
  p = fma(p, z, -0.000894522998206199148);
  p = fma(p, z, 0.0199689577648498873);
  return fma(p, z, -0.233700550136168944);
}

}  // namespace detail

/// sin²(πr) and sin(2πr) for an argument already reduced to |r| ≤ ½; up to ¾ they are as good.
///
/// Both go through t = min(|r|, ½ - |r|), the distance to the nearest zero of the sine, which is
/// exact where it matters: the zeros at r = ±½ are as accurate as the one at 0.
template <class T>
DETENT_HD inline sinusoid_values<T> sinusoid_reduced(T r) noexcept {
  T const up = absolute(T(4) * r);
  T const down = T(2) - up;
  T const t = smaller(up, down);  // 4t, in [0, 1]
  T const z = t * t;
  T const s = fma(z, detail::square_remainder(z), z);  // 2 sin²(πt) ≤ 1
  // |0 - s| or |2 - s|, without a branch.
  T const square = absolute(keep_if(up > T(1), T(2)) - s);
  return {T(0.5) * square, flip_sign(fma(t, detail::sine_remainder(z), t), r)};
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

/// Largest error of `sinusoid_or_parabola`, as `sinusoid_ulp_bound`: a penalty bears more of it,
/// for two thirds of the instructions.
inline constexpr double penalty_ulp_bound = 4;

/// (2/π)² sin²(πx/2) and sin(πx)/π for |x| ≤ 1, x in half turns: x² and x near 0. With `bend` = 0
/// in place of x they are x² and x for any x: the parabola that continues value, slope and
/// curvature.
///
/// The slope's zeros at ±1 are exact, and as accurate as the one at 0. NaN gives NaN.
template <class T>
DETENT_HD inline sinusoid_values<T> sinusoid_or_parabola(T x, T bend) noexcept {
  T const z = bend * bend;
  T const sine = fma(x, z * detail::half_sine_remainder(z), x);
  T const cosine = fma(-bend, bend, T(1)) * fma(z, detail::half_cosine_remainder(z), T(1));
  return {sine * sine, sine * cosine};
}

}  // namespace detent::inline DETENT_ABI
