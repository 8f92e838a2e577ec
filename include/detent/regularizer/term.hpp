// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What a regularizer says of one weight, and the concept of a regularizer.

#include <concepts>
#include <cstddef>
#include <detent/config.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI {

/// Penalty of one weight, its derivative by the weight, and its derivatives by the regularizer's
/// P learnable parameters.
template <class T, int P = 0>
struct term {
  T value;
  T slope;
  T theta[static_cast<std::size_t>(P)];
};

template <class T>
struct term<T, 0> {
  T value;
  T slope;
};

/// A regularizer: a small value that maps one weight to its `term`.
///
/// Beyond what is written: the call is pure and has no branch that depends on the weight (so that
/// loops vectorize), `slope` is the derivative of `value`, every multiplication that feeds an
/// addition is an explicit `fma` (so that compilers agree on the bits), and a NaN weight gives
/// a NaN value.
template <class R>
concept regularizer = std::is_trivially_copyable_v<R> && requires(R const r, float w, double v) {
  requires R::parameters >= 0;
  { r(w) } -> std::same_as<term<float, R::parameters>>;
  { r(v) } -> std::same_as<term<double, R::parameters>>;
};

/// A regularizer with constant factors, which a loop applies once a tensor, not once a weight:
/// r(w) is `r.unscaled(w)`, member by member times `r.factors()`.
template <class R>
concept factored_regularizer = regularizer<R> && requires(R const r, float w, double v) {
  { r.factors() } -> std::same_as<term<double, R::parameters>>;
  { r.unscaled(w) } -> std::same_as<term<float, R::parameters>>;
  { r.unscaled(v) } -> std::same_as<term<double, R::parameters>>;
};

namespace detail {

/// What a loop calls: `unscaled` where there is one, so that its sums and slopes await `factors`.
template <regularizer R, class T>
DETENT_LOOP term<T, R::parameters> unscaled(R const& r, T w) noexcept {
  if constexpr (factored_regularizer<R>) {
    return r.unscaled(w);
  } else {
    return r(w);
  }
}

template <regularizer R>
DETENT_HD inline term<double, R::parameters> factors(R const& r) noexcept {
  if constexpr (factored_regularizer<R>) {
    return r.factors();
  } else {
    term<double, R::parameters> ones{};
    ones.value = ones.slope = 1;
    if constexpr (R::parameters > 0) {
      for (double& factor : ones.theta)
        factor = 1;
    }
    return ones;
  }
}

}  // namespace detail

}  // namespace detent::inline DETENT_ABI
