// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The concepts of a statistic: what one pass can learn of a tensor.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/math/scalar.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI {

namespace detail {
// By its bits: Clang warns of infinity under -ffast-math.
inline constexpr double infinite = __builtin_bit_cast(double, std::uint64_t{0x7ff0000000000000u});
}  // namespace detail

/// A statistic: a value that observes weights one by one and merges with its equals.
///
/// Beyond what is written: a fresh copy is the neutral element of `merge`, and merging is
/// associative up to rounding. `reduce` fixes the order, so the result does not depend on threads.
template <class S>
concept statistic = std::is_trivially_copyable_v<S> && requires(S s, S const other, float w) {
  s.observe(w);
  s.merge(other);
};

/// What one weight adds to a statistic, or what many have: numbers that are summed, and numbers of
/// which the largest is kept. A sum keeps a NaN, a maximum loses it.
template <int Sums, int Maxima = 0>
struct observation {
  static_assert(Sums > 0 && Maxima > 0);
  double sum[static_cast<std::size_t>(Sums)];
  double maximum[static_cast<std::size_t>(Maxima)];
};
template <int Sums>
struct observation<Sums, 0> {
  double sum[static_cast<std::size_t>(Sums)];
};

/// A statistic that is nothing but sums and maxima of what each weight adds by itself: `reduce`
/// keeps it in lanes, at the speed of memory.
///
/// Beyond what is written: `terms` is pure and branch-free on data. The least effort is to derive
/// from `summing`.
template <class S>
concept summing_statistic = statistic<S> && requires(S s, S const of, float w, double v) {
  { of.terms(w) } -> std::same_as<observation<S::sums, S::maxima>>;
  { of.terms(v) } -> std::same_as<observation<S::sums, S::maxima>>;
  s.add(of.terms(w), std::uint64_t{});
};

/// Base of a statistic of sums and maxima, which itself says what a weight adds:
///
///     struct squares : detent::summing<squares, 1> {
///       template <class T>
///       DETENT_HD detent::observation<1> terms(T w) const noexcept {
///         double const x = static_cast<double>(w);
///         return {{x * x}};
///       }
///       double norm() const { return std::sqrt(total().sum[0]); }
///     };
template <class Statistic, int Sums, int Maxima = 0>
class summing {
 public:
  static constexpr int sums = Sums;
  static constexpr int maxima = Maxima;

  constexpr summing() noexcept {
    if constexpr (Maxima > 0) {
      for (double& maximum : total_.maximum)
        maximum = -detail::infinite;
    }
  }

  template <class T>
  DETENT_HD void observe(T w) noexcept {
    add(static_cast<Statistic const&>(*this).terms(w), 1);
  }

  /// Takes in what `count` weights have added.
  DETENT_HD void add(observation<Sums, Maxima> const& terms, std::uint64_t count) noexcept {
    count_ += count;
    // What is added may be a product: it has a rounding of its own.
    for (int k = 0; k < Sums; ++k)
      total_.sum[k] += detail::rounded(terms.sum[k]);
    if constexpr (Maxima > 0) {
      for (int k = 0; k < Maxima; ++k) {
        double const x = terms.maximum[k];
        total_.maximum[k] = x > total_.maximum[k] ? x : total_.maximum[k];
      }
    }
  }

  DETENT_HD void merge(Statistic const& other) noexcept { add(other.total_, other.count_); }

  std::uint64_t count() const noexcept { return count_; }

 protected:
  /// Of no weights: sums 0, maxima -infinity.
  observation<Sums, Maxima> const& total() const noexcept { return total_; }
  /// The k-th sum divided by the number of weights; 0 of no weights.
  double mean_of(int k) const noexcept {
    return count_ == 0 ? 0.0 : total_.sum[k] / static_cast<double>(count_);
  }

 private:
  observation<Sums, Maxima> total_{};
  std::uint64_t count_ = 0;
};

}  // namespace detent::inline DETENT_ABI
