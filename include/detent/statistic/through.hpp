// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// through: a statistic that looks at the weight as its quantizer does.

#include <cstdint>
#include <detent/config.hpp>
#include <detent/grid/domain.hpp>
#include <detent/statistic/statistic.hpp>

namespace detent::inline DETENT_ABI {

/// The statistic that `through` returns: `inner` has observed d(w).
template <domain D, statistic S>
struct observed_through {
  D coordinate_of;
  S inner;

  template <class T>
  void observe(T w) noexcept {
    inner.observe(coordinate_of(w).value);
  }
  void merge(observed_through const& other) noexcept { inner.merge(other.inner); }
};

template <domain D, summing_statistic S>
struct observed_through<D, S> {
  static constexpr int sums = S::sums;
  static constexpr int maxima = S::maxima;
  D coordinate_of;
  S inner;

  template <class T>
  DETENT_LOOP observation<sums, maxima> terms(T w) const noexcept {
    return inner.terms(coordinate_of(w).value);
  }
  DETENT_HD void add(observation<sums, maxima> const& terms, std::uint64_t count) noexcept {
    inner.add(terms, count);
  }
  template <class T>
  void observe(T w) noexcept {
    inner.observe(coordinate_of(w).value);
  }
  void merge(observed_through const& other) noexcept { inner.merge(other.inner); }
};

/// A statistic of the coordinate of a domain in place of the weight, for a regularizer that is
/// made of it and is seen `through` the same domain:
///
///     auto const m = reduce(through(tanh_domain{}, moments{}), w).inner;
///     auto reg     = through(tanh_domain{}, kurtosis{m});
template <domain D, statistic S>
constexpr observed_through<D, S> through(D d, S inner) noexcept {
  return {d, inner};
}

}  // namespace detent::inline DETENT_ABI
