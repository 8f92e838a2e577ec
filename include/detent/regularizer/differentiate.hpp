// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// differentiate: a regularizer from a one-line penalty, its slope by dual numbers.

#include <detent/config.hpp>
#include <detent/math/dual.hpp>
#include <detent/regularizer/term.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI {

/// The regularizer that `differentiate` returns.
template <class F>
struct differentiated {
  static constexpr int parameters = 0;
  F penalty;

  template <class T>
  DETENT_LOOP term<T> operator()(T w) const noexcept {
    dual<T> const r = penalty(dual<T>(w, T(1)));
    return {r.value, r.slope};
  }
};

/// A regularizer from the penalty alone.
///
///     auto reg = differentiate([](auto w) { return sinpi_squared(4 * w); });
///
/// @param  penalty  generic callable of one weight; it is called with `dual<float>` and
///                  `dual<double>`, and finds the functions of math/dual.hpp by its argument
/// The slope is exact to rounding; the loop vectorizes like a hand-written functor as long as the
/// callable has no branch (use `select`, `min`, `max`). It must be trivially copyable: capture
/// by value.
template <class F>
constexpr differentiated<F> differentiate(F penalty) {
  static_assert(std::is_trivially_copyable_v<F>,
                "the penalty must be trivially copyable: capture plain values, not containers");
  static_assert(std::is_invocable_r_v<dual<float>, F const&, dual<float>> &&
                    std::is_invocable_r_v<dual<double>, F const&, dual<double>>,
                "the penalty must be callable with one weight of type dual<T> and return dual<T>: "
                "write it as [](auto w) { return …; }");
  return {penalty};
}

}  // namespace detent::inline DETENT_ABI
