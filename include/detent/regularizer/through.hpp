// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// through and matched: a regularizer that looks at the weight as its quantizer does.

#include <detent/config.hpp>
#include <detent/grid/domain.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <detent/regularizer/term.hpp>

namespace detent::inline DETENT_ABI {

/// The regularizer that `through` returns: R(d(w)), with the chain rule in the same pass.
template <domain D, regularizer R>
struct seen_through {
  static constexpr int parameters = R::parameters;
  D coordinate_of;
  R inner;

  template <class T>
  DETENT_LOOP term<T, parameters> operator()(T w) const noexcept {
    auto const x = coordinate_of(w);
    return chained(inner(x.value), x.slope);
  }

  template <class T>
  DETENT_LOOP term<T, parameters> unscaled(T w) const noexcept requires factored_regularizer<R> {
    auto const x = coordinate_of(w);
    return chained(inner.unscaled(x.value), x.slope);
  }

  DETENT_HD term<double, parameters> factors() const noexcept requires factored_regularizer<R> {
    return inner.factors();
  }

 private:
  template <class T>
  DETENT_HD static term<T, parameters> chained(term<T, parameters> t, T by) noexcept {
    t.slope *= by;
    return t;
  }
};

/// A regularizer that penalizes the coordinate of a domain in place of the weight.
template <domain D, regularizer R>
constexpr seen_through<D, R> through(D d, R inner) noexcept {
  return {d, inner};
}

/// The sinusoid that belongs to a quantizer: on its grid, in its domain, so that every minimum
/// is a level and every level a minimum.
///
///     auto q   = dorefa_weights{bits{3}, reduce(magnitude{}, w)};
///     auto reg = matched(q);
///
/// @param  q  a quantizer with `grid()` and `domain()`
template <extent Extent = extent::bounded, grid_quantizer Q>
auto matched(Q const& q, amplitude height = amplitude::squared_distance) noexcept {
  return through(q.domain(), sinusoidal<Extent>(q.grid(), height));
}

}  // namespace detent::inline DETENT_ABI
