// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// dual<T>: a value with its derivative, so that a one-line penalty gets its slope.

#include <detent/config.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/sinusoid.hpp>

#include <math.h>
#include <concepts>
#include <type_traits>

namespace detent::inline DETENT_ABI {

namespace detail {

/// a·b as an fma: a multiplication could be fused with an addition of the user's on one instruction
/// set and not on another.
template <class T>
DETENT_HD inline T unfused(T a, T b) noexcept {
  return detent::fma(a, b, T(-0.0));
}

}  // namespace detail

/// The functions of C. Those of <cmath> for float are inline functions, which the linker shares
/// between objects with different flags.
namespace detail {
DETENT_HD inline float c_floor(float x) noexcept {
  return (::floorf)(x);
}
DETENT_HD inline double c_floor(double x) noexcept {
  return (::floor)(x);
}
DETENT_HD inline float c_sqrt(float x) noexcept {
  return (::sqrtf)(x);
}
DETENT_HD inline double c_sqrt(double x) noexcept {
  return (::sqrt)(x);
}
DETENT_HD inline float c_log(float x) noexcept {
  return (::logf)(x);
}
DETENT_HD inline double c_log(double x) noexcept {
  return (::log)(x);
}
DETENT_HD inline float c_sin(float x) noexcept {
  return (::sinf)(x);
}
DETENT_HD inline double c_sin(double x) noexcept {
  return (::sin)(x);
}
DETENT_HD inline float c_cos(float x) noexcept {
  return (::cosf)(x);
}
DETENT_HD inline double c_cos(double x) noexcept {
  return (::cos)(x);
}
DETENT_HD inline float c_pow(float x, float exponent) noexcept {
  return (::powf)(x, exponent);
}
DETENT_HD inline double c_pow(double x, double exponent) noexcept {
  return (::pow)(x, exponent);
}
}  // namespace detail

/// value + slope·ε with ε² = 0: arithmetic on it is forward-mode differentiation.
///
/// The functions below follow their namesakes of <cmath>; at a kink (abs at 0, min and max of
/// equals) the slope is that of one side, and rounding functions have slope 0 as almost
/// everywhere. All of it is branch-free, so a loop over it vectorizes where T does; log, sin, cos
/// and pow call the C library, which GCC at -O2 leaves in scalar form, and whose last bits are
/// those of its version and of the processor; the other functions give the same bits everywhere.
/// Source: Clifford, "Preliminary sketch of biquaternions", 1873.
template <class T>
struct dual {
  T value{};
  T slope{};

  constexpr dual() = default;
  /// A constant. Any arithmetic type converts, so that `2 * w` reads as it should.
  template <class A>
  requires std::is_arithmetic_v<A> DETENT_HD constexpr dual(A constant) noexcept
      : value(static_cast<T>(constant)) {}
  DETENT_HD constexpr dual(T v, T s) noexcept : value(v), slope(s) {}

  DETENT_HD friend dual operator+(dual a) noexcept { return a; }
  DETENT_HD friend dual operator-(dual a) noexcept {
    // By the bits: GCC makes one instruction of a negated fma, with the other sign of a zero.
    return {flip_sign(a.value, T(-1)), flip_sign(a.slope, T(-1))};
  }
  DETENT_HD friend dual operator+(dual a, dual b) noexcept {
    return {a.value + b.value, a.slope + b.slope};
  }
  DETENT_HD friend dual operator-(dual a, dual b) noexcept {
    return {a.value - b.value, a.slope - b.slope};
  }
  DETENT_HD friend dual operator*(dual a, dual b) noexcept {
    return {detail::unfused(a.value, b.value), detent::fma(a.slope, b.value, a.value * b.slope)};
  }
  DETENT_HD friend dual operator/(dual a, dual b) noexcept {
    T const q = a.value / b.value;
    return {q, detent::fma(-q, b.slope, a.slope) / b.value};
  }
  DETENT_HD dual& operator+=(dual b) noexcept { return *this = *this + b; }
  DETENT_HD dual& operator-=(dual b) noexcept { return *this = *this - b; }
  DETENT_HD dual& operator*=(dual b) noexcept { return *this = *this * b; }
  DETENT_HD dual& operator/=(dual b) noexcept { return *this = *this / b; }

  /// Comparisons look at the value alone, as `if` and `select` need.
  DETENT_HD friend constexpr bool operator==(dual a, dual b) noexcept { return a.value == b.value; }
  DETENT_HD friend constexpr auto operator<=>(dual a, dual b) noexcept {
    return a.value <=> b.value;
  }

  /// `yes` where the condition holds, else `no`, without a branch. Any of them may be a constant.
  DETENT_HD friend constexpr dual select(bool condition, dual yes, dual no) noexcept {
    return {condition ? yes.value : no.value, condition ? yes.slope : no.slope};
  }
  DETENT_HD friend constexpr dual(min)(dual a, dual b) noexcept {
    return select(b.value < a.value, b, a);
  }
  DETENT_HD friend constexpr dual(max)(dual a, dual b) noexcept {
    return select(a.value < b.value, b, a);
  }
  DETENT_HD friend constexpr dual(clamp)(dual x, dual lowest, dual highest) noexcept {
    dual const above = select(x.value < lowest.value, lowest, x);
    return select(highest.value < above.value, highest, above);
  }
};

template <class T>
DETENT_HD inline dual<T>(abs)(dual<T> x) noexcept {
  return {absolute(x.value), x.value < T(0) ? flip_sign(x.slope, T(-1)) : x.slope};
}
template <class T>
DETENT_HD inline dual<T> rint(dual<T> x) noexcept {
  return {round_half_even(x.value), T(0)};
}
template <class T>
DETENT_HD inline dual<T> round_half_even(dual<T> x) noexcept {
  return rint(x);
}
template <class T>
DETENT_HD inline dual<T> floor(dual<T> x) noexcept {
  return {detail::c_floor(x.value), T(0)};
}
template <class T>
DETENT_HD inline dual<T>(square)(dual<T> x) noexcept {
  return x * x;
}
template <class T>
DETENT_HD inline dual<T> sqrt(dual<T> x) noexcept {
  T const root = detail::c_sqrt(x.value);
  return {root, x.slope / (T(2) * root)};
}
template <class T>
DETENT_HD inline dual<T> exp(dual<T> x) noexcept {
  T const e = exponential(x.value);
  return {e, detail::unfused(e, x.slope)};
}
template <class T>
DETENT_HD inline dual<T>(log)(dual<T> x) noexcept {
  return {detail::c_log(x.value), x.slope / x.value};
}
template <class T>
DETENT_HD inline dual<T> tanh(dual<T> x) noexcept {
  T const t = hyperbolic_tangent(x.value);
  return {t, detail::unfused(detent::fma(-t, t, T(1)), x.slope)};
}
template <class T>
DETENT_HD inline dual<T> sin(dual<T> x) noexcept {
  return {detail::c_sin(x.value), detail::unfused(detail::c_cos(x.value), x.slope)};
}
template <class T>
DETENT_HD inline dual<T> cos(dual<T> x) noexcept {
  return {detail::c_cos(x.value), detail::unfused(-detail::c_sin(x.value), x.slope)};
}
/// x^exponent for a constant exponent.
template <class T>
DETENT_HD inline dual<T> pow(dual<T> x, double exponent) noexcept {
  T const e = static_cast<T>(exponent);
  T const slope = e == T(0) ? T(0) : e * detail::c_pow(x.value, e - T(1));
  return {detail::c_pow(x.value, e), detail::unfused(slope, x.slope)};
}
/// sin²(πx): the periodic penalty, vectorized; prefer it to sin(x) * sin(x).
template <class T>
DETENT_HD inline dual<T> sinpi_squared(dual<T> x) noexcept {
  auto const s = sinusoid(x.value);
  return {s.square, detail::unfused(static_cast<T>(3.14159265358979323846) * s.sine, x.slope)};
}

/// sin²(πx) of a plain number, under the name that dual numbers know.
template <std::floating_point T>
DETENT_HD inline T sinpi_squared(T x) noexcept {
  return sinusoid(x).square;
}

}  // namespace detent::inline DETENT_ABI
