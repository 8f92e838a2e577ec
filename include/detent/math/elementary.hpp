// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// exp, log and tanh without branches and without libm: the same bits wherever fma is fused.

#include <cstdint>
#include <detent/config.hpp>
#include <detent/math/rounding.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI {

/// Largest error of `hyperbolic_tangent`, `exponential` and `logarithm` in units in the last place.
/// Held by tests/math/elementary_test.cpp.
inline constexpr double elementary_ulp_bound = 3.0;

namespace detail {

/// 2^k for an integral k within the exponent range of T.
DETENT_HD inline float power_of_two(float k) noexcept {
  return __builtin_bit_cast(float, (static_cast<std::int32_t>(k) + 127) << 23);
}
DETENT_HD inline double power_of_two(double k) noexcept {
  return __builtin_bit_cast(double, static_cast<std::int64_t>(static_cast<std::int32_t>(k) + 1023)
                                        << 52);
}

/// e^r - 1 for |r| ≤ ½ ln 2, its Taylor sum: the first omitted term is below half a unit.
DETENT_HD inline float expm1_reduced(float r) noexcept {
  float p = 1.0f / 5040.0f;
  p = fma(p, r, 1.0f / 720.0f);
  p = fma(p, r, 1.0f / 120.0f);
  p = fma(p, r, 1.0f / 24.0f);
  p = fma(p, r, 1.0f / 6.0f);
  p = fma(p, r, 0.5f);
  return fma(p * r, r, r);
}

DETENT_HD inline double expm1_reduced(double r) noexcept {
  double p = 1.0 / 6227020800.0;
  p = fma(p, r, 1.0 / 479001600.0);
  p = fma(p, r, 1.0 / 39916800.0);
  p = fma(p, r, 1.0 / 3628800.0);
  p = fma(p, r, 1.0 / 362880.0);
  p = fma(p, r, 1.0 / 40320.0);
  p = fma(p, r, 1.0 / 5040.0);
  p = fma(p, r, 1.0 / 720.0);
  p = fma(p, r, 1.0 / 120.0);
  p = fma(p, r, 1.0 / 24.0);
  p = fma(p, r, 1.0 / 6.0);
  p = fma(p, r, 0.5);
  return fma(p * r, r, r);
}

/// An integral k where a number has its exponent: added to the bits of x it makes x 2^k, if both
/// are normal.
DETENT_HD inline std::int32_t exponent_bits(float k) noexcept {
  return static_cast<std::int32_t>(k) * (1 << 23);
}
DETENT_HD inline std::int64_t exponent_bits(double k) noexcept {
  return static_cast<std::int64_t>(static_cast<std::int32_t>(k)) * (std::int64_t{1} << 52);
}

/// cosh(r ln 2) and sinh(r ln 2)/r for z = r² ≤ ¼: Taylor sums, but the sine's in float, of which
/// fitted coefficients spare a term.
DETENT_HD inline float cosh_binary(float z) noexcept {
  float p = 1.54035304e-4f;
  p = fma(p, z, 9.61812911e-3f);
  p = fma(p, z, 2.40226507e-1f);
  return fma(p, z, 1.0f);
}
DETENT_HD inline float sinh_binary(float z) noexcept {
  float p = 1.34004361e-3f;
  p = fma(p, z, 5.55032715e-2f);
  return fma(p, z, 6.93147182e-1f);
}
DETENT_HD inline double cosh_binary(double z) noexcept {
  double p = 2.56784359934882051e-11;
  p = fma(p, z, 7.05491162080112333e-9);
  p = fma(p, z, 1.32154867901443095e-6);
  p = fma(p, z, 1.54035303933816100e-4);
  p = fma(p, z, 9.61812910762847716e-3);
  p = fma(p, z, 2.40226506959100712e-1);
  return fma(p, z, 1.0);
}
DETENT_HD inline double sinh_binary(double z) noexcept {
  double p = 1.36914888539041289e-12;
  p = fma(p, z, 4.44553827187081150e-10);
  p = fma(p, z, 1.01780860092396997e-7);
  p = fma(p, z, 1.52527338040598403e-5);
  p = fma(p, z, 1.33335581464284434e-3);
  p = fma(p, z, 5.55041086648215800e-2);
  return fma(p, z, 6.93147180559945309e-1);
}

template <class T>
struct exponent {
  T power;  ///< 2^k
  T rest;   ///< e^x / 2^k - 1
};

/// e^x = power · (1 + rest), |rest| ≤ √2 - 1. The caller keeps x within the exponent range.
DETENT_HD inline exponent<float> split_exponent(float x) noexcept {
  float const k = round_half_even(x * 1.44269504088896341f);
  float const r = fma(k, -1.42860682030941723e-6f, fma(k, -0.693145751953125f, x));
  return {power_of_two(k), expm1_reduced(r)};
}
DETENT_HD inline exponent<double> split_exponent(double x) noexcept {
  double const k = round_half_even(x * 1.44269504088896341);
  double const r = fma(k, -1.90821492927058770e-10, fma(k, -6.93147180369123816490e-01, x));
  return {power_of_two(k), expm1_reduced(r)};
}

/// min(|x|, limit), and the limit for NaN: non-negative floating point numbers order as their bits,
/// and the integer minimum is no branch to any compiler.
DETENT_HD inline float limited_magnitude(float x, float limit) noexcept {
  auto const a = __builtin_bit_cast(std::uint32_t, absolute(x));
  auto const b = __builtin_bit_cast(std::uint32_t, limit);
  return __builtin_bit_cast(float, a < b ? a : b);
}
DETENT_HD inline double limited_magnitude(double x, double limit) noexcept {
  auto const a = __builtin_bit_cast(std::uint64_t, absolute(x));
  auto const b = __builtin_bit_cast(std::uint64_t, limit);
  return __builtin_bit_cast(double, a < b ? a : b);
}

template <class T>
struct binary_split {
  T exponent;  ///< k
  T rest;      ///< x/2^k - 1, within [√½ - 1, √2 - 1)
};

/// x = 2^k (1 + rest) for a normal x above 0.
DETENT_HD inline binary_split<float> split_binary(float x) noexcept {
  auto const i = __builtin_bit_cast(std::int32_t, x);
  std::int32_t const k = (i - 0x3f3504f3) >> 23;  // of √½
  return {static_cast<float>(k), __builtin_bit_cast(float, i - k * (1 << 23)) - 1.0f};
}
DETENT_HD inline binary_split<double> split_binary(double x) noexcept {
  auto const i = __builtin_bit_cast(std::int64_t, x);
  std::int64_t const k = (i - 0x3fe6a09e667f3bcd) >> 52;
  // By way of 32 bits, which every instruction set converts.
  return {static_cast<double>(static_cast<std::int32_t>(k)),
          __builtin_bit_cast(double, i - k * (std::int64_t{1} << 52)) - 1.0};
}

/// 2 (artanh s - s)/s for z = s² ≤ 0.03, its Taylor sum.
DETENT_HD inline float artanh_rest(float z) noexcept {
  float p = 2.0f / 11.0f;
  p = fma(p, z, 2.0f / 9.0f);
  p = fma(p, z, 2.0f / 7.0f);
  p = fma(p, z, 2.0f / 5.0f);
  return z * fma(p, z, 2.0f / 3.0f);
}
DETENT_HD inline double artanh_rest(double z) noexcept {
  double p = 2.0 / 23.0;
  p = fma(p, z, 2.0 / 21.0);
  p = fma(p, z, 2.0 / 19.0);
  p = fma(p, z, 2.0 / 17.0);
  p = fma(p, z, 2.0 / 15.0);
  p = fma(p, z, 2.0 / 13.0);
  p = fma(p, z, 2.0 / 11.0);
  p = fma(p, z, 2.0 / 9.0);
  p = fma(p, z, 2.0 / 7.0);
  p = fma(p, z, 2.0 / 5.0);
  return z * fma(p, z, 2.0 / 3.0);
}

/// log₂(1 + f)/f for √½ ≤ 1 + f ≤ √2, fitted to 3·10⁻⁸.
DETENT_HD inline float log2_quotient(float f) noexcept {
  float const z = f * f;
  float even = 0.125837147f, odd = -0.20726994f;
  even = fma(even, z, 0.215716437f);
  odd = fma(odd, z, -0.238944799f);
  even = fma(even, z, 0.287916243f);
  odd = fma(odd, z, -0.360703677f);
  even = fma(even, z, 0.480910629f);
  odd = fma(odd, z, -0.721347332f);
  return fma(odd, f, fma(even, z, 1.44269502f));
}

/// ln 2 in two parts; k times the first is exact.
DETENT_HD constexpr float ln2_high(float) noexcept {
  return 0.693145751953125f;
}
DETENT_HD constexpr float ln2_low(float) noexcept {
  return 1.42860682030941723e-6f;
}
DETENT_HD constexpr double ln2_high(double) noexcept {
  return 6.93147180369123816490e-01;
}
DETENT_HD constexpr double ln2_low(double) noexcept {
  return 1.90821492927058770e-10;
}

DETENT_HD constexpr float exponent_limit(float) noexcept {
  return 87.0f;
}
DETENT_HD constexpr double exponent_limit(double) noexcept {
  return 708.0;
}
DETENT_HD constexpr float tanh_limit(float) noexcept {
  return 10.0f;
}
DETENT_HD constexpr double tanh_limit(double) noexcept {
  return 20.0;
}

}  // namespace detail

/// e^x, x limited to ±87 in float and ±708 in double (beyond: the value at the limit).
/// NaN stays NaN. Accuracy: `elementary_ulp_bound`.
template <class T>
DETENT_HD inline T exponential(T x) noexcept {
  // A NaN becomes a number, whose conversion to an integer is defined.
  T const inside = detail::limited_magnitude(x, detail::exponent_limit(T()));
  auto const e = detail::split_exponent(with_sign(inside, x));
  return fma(e.power, e.rest, e.power) + keep_if(x != x, x);
}

/// 2^x and 2^-x.
template <class T>
struct binary_powers {
  T up, down;
};

/// Both powers for little more than the price of one. The caller keeps x within ±125 in float,
/// ±1021 in double. Accuracy: `elementary_ulp_bound`.
///
///     2^±x = 2^±k (cosh(r ln 2) ± sinh(r ln 2)),   k = ⌊x⌉,   r = x - k, without rounding
template <class T>
DETENT_HD inline binary_powers<T> powers_of_two(T x) noexcept {
  T const k = round_half_even(x), r = x - k, z = r * r;
  T const even = detail::cosh_binary(z), odd = detail::sinh_binary(z);
  auto const bits = detail::exponent_bits(k);
  auto const up = __builtin_bit_cast(std::remove_const_t<decltype(bits)>, fma(r, odd, even));
  auto const down = __builtin_bit_cast(std::remove_const_t<decltype(bits)>, fma(-r, odd, even));
  return {__builtin_bit_cast(T, up + bits), __builtin_bit_cast(T, down - bits)};
}

/// 1/(1 + e^(-u)), and the same of -u, each with relative accuracy.
template <class T>
struct logistic_pair {
  T up, down;
};

/// The logistic function on both sides of zero. NaN stays NaN. Cost: about 20 instructions, one
/// division, no branch.
template <class T>
DETENT_HD inline logistic_pair<T> logistic(T u) noexcept {
  T const e = exponential(-absolute(u));
  T const larger_half = T(1) / (T(1) + e), smaller_half = e * larger_half;
  bool const above = u >= T(0);
  return {choose(above, larger_half, smaller_half), choose(above, smaller_half, larger_half)};
}

/// ln x of a normal number above 0; of any other, a number without meaning. NaN stays NaN.
///
///     x = 2^k (1 + f),   ln(1 + f) = 2 artanh(f/(2 + f)) = f - (f²/2 - s (f²/2 + R(s²)))
///
/// Accuracy: `elementary_ulp_bound`, also near 1. Cost: about 20 instructions, one division.
template <class T>
DETENT_HD inline T logarithm(T x) noexcept {
  auto const b = detail::split_binary(x);
  T const f = b.rest, s = f / (T(2) + f), half_f = T(0.5) * f;
  T const series = s * fma(half_f, f, detail::artanh_rest(s * s));
  T const low = fma(-half_f, f, fma(b.exponent, detail::ln2_low(T()), series));
  return fma(b.exponent, detail::ln2_high(T()), f + low) + keep_if(x != x, x);
}

/// log₂ x of a normal number above 0; of any other, a number without meaning. In float without the
/// division of `logarithm`. Accuracy: `elementary_ulp_bound`, also near 1.
DETENT_HD inline float binary_logarithm(float x) noexcept {
  auto const b = detail::split_binary(x);
  return fma(b.rest, detail::log2_quotient(b.rest), b.exponent);
}
DETENT_HD inline double binary_logarithm(double x) noexcept {
  return logarithm(x) * 1.44269504088896341;
}

/// tanh x, with relative accuracy also near 0. NaN stays NaN, ±infinity gives ±1.
///
///     tanh |x| = m/(m + 2),  m = e^(2|x|) - 1
///
/// Accuracy: `elementary_ulp_bound`. Cost: about 25 instructions, one division, no branch.
template <class T>
DETENT_HD inline T hyperbolic_tangent(T x) noexcept {
  T const inside = detail::limited_magnitude(x, detail::tanh_limit(T()));
  auto const e = detail::split_exponent(T(2) * inside);
  T const m = fma(e.power, e.rest, e.power - T(1));
  // Minus, so that -0 stays -0.
  return with_sign(m / (m + T(2)), x) - keep_if(x != x, x);
}

}  // namespace detent::inline DETENT_ABI
