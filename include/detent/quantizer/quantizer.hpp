// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The concept of a quantizer and what its backward pass says of one weight.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/grid/domain.hpp>
#include <detent/grid/uniform.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI {

/// Gradient of the loss by one weight (or input) and by the quantizer's P learnable parameters.
template <class T, int P = 0>
struct pullback {
  T gradient;
  T theta[static_cast<std::size_t>(P)];
};

template <class T>
struct pullback<T, 0> {
  T gradient;
};

/// The same of N weights, in columns.
template <class T, int P, std::size_t N>
struct pullbacks {
  T gradient[N];
  T theta[static_cast<std::size_t>(P)][N];
};

/// A quantizer: a small value that maps a weight to its level, and the gradient at the level back
/// to the weight.
///
/// Beyond what is written: pure, branch-free on data, and q(q.level) is the level again wherever
/// the domain is the identity.
template <class Q>
concept quantizer = std::is_trivially_copyable_v<Q> && requires(Q const q, float w, double v) {
  requires Q::parameters >= 0;
  { q(w) } -> std::same_as<float>;
  { q(v) } -> std::same_as<double>;
  { q.code(w) } -> std::same_as<std::int32_t>;
  { q.backward(w, w) } -> std::same_as<pullback<float, Q::parameters>>;
  { q.backward(v, v) } -> std::same_as<pullback<double, Q::parameters>>;
};

/// A quantizer that draws: `at(element)` is the quantizer of one element of a tensor. The verbs ask
/// it for each, so that a draw depends on the place of the weight alone.
template <class Q>
concept drawing_quantizer = std::is_trivially_copyable_v<Q> && requires(Q const q) {
  requires Q::parameters >= 0;
  { q.at(std::uint64_t()) } -> quantizer;
};

/// What the verbs take.
template <class Q>
concept tensor_quantizer = quantizer<Q> || drawing_quantizer<Q>;

namespace detail {

/// Quantizers that take many elements at once, from `first` on, level by level. What they compute
/// is what they compute of one.
template <class Q, class T, std::size_t N>
concept quantizes_blocks = requires(Q const q, T const (&x)[N], T (&out)[N]) {
  q.quantize_block(std::uint64_t(), x, out);
};
template <class Q, class T, std::size_t N>
concept pulls_blocks = requires(Q const q, T const (&x)[N], pullbacks<T, Q::parameters, N>& to) {
  q.backward_block(std::uint64_t(), x, x, to);
};

/// The quantizer of element i: q itself, unless it draws.
template <class Q>
DETENT_HD inline decltype(auto) at_element(Q const& q, std::uint64_t i) noexcept {
  if constexpr (drawing_quantizer<Q>) {
    return q.at(i);
  } else {
    return (q);
  }
}

}  // namespace detail

/// A quantizer that rounds on one uniform grid, seen through a domain: level n comes out as
/// gain·grid().level(n). Regularizers and error statistics are built from it.
template <class Q>
concept grid_quantizer = quantizer<Q> && requires(Q const q, float w) {
  { q.grid() } -> std::convertible_to<uniform<double>>;
  { q.domain() } -> domain;
  { q.gain() } -> std::convertible_to<double>;
  { q.unrounded(w) } -> std::same_as<float>;
};

}  // namespace detent::inline DETENT_ABI
