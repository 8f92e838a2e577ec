// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Functors and strengths that lie in device memory, where a schedule may change them between
// replays of a graph.

#include <cstddef>
#include <detent/config.hpp>
#include <detent/cuda/device_span.cuh>
#include <detent/error.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI::cuda {

/// A functor in device memory. Kernels read it when they run, not when they are enqueued.
///
///     cuda::regularized_layer{cuda::in_memory{reg_on_device}, w, g, strength}
///
/// Whoever changes it, a copy or a kernel, does so in the stream's order, and has checked it.
template <class F>
struct in_memory {
  F const* memory;
};

/// λ: a number, or where it lies in device memory. One in memory is not checked: a NaN there makes
/// gradients and results NaN.
class strength {
 public:
  template <class T>
  requires std::is_arithmetic_v<T>
  constexpr strength(T value) noexcept : value_(static_cast<double>(value)) {}
  constexpr strength(double const* memory) noexcept : memory_(memory) {}

  /// 0 where it lies in memory.
  DETENT_HD constexpr double value() const noexcept { return value_; }
  DETENT_HD constexpr double const* memory() const noexcept { return memory_; }

 private:
  double value_ = 0;
  double const* memory_ = nullptr;
};

namespace detail {

template <class F>
struct functor_behind {
  using type = F;
};
template <class F>
struct functor_behind<in_memory<F>> {
  using type = F;
};
/// A functor with a table stays in memory: a kernel calls what looks it up there.
template <class F>
requires requires {
  typename F::by_table;
}
struct functor_behind<in_memory<F>> {
  using type = typename F::by_table;
};
/// The functor that a kernel calls: F itself, or what F finds in memory.
template <class F>
using functor_of = typename functor_behind<F>::type;

template <std::size_t Bytes>
struct word_of;
template <>
struct word_of<1> {
  using type = unsigned char;
};
template <>
struct word_of<2> {
  using type = unsigned short;
};
template <>
struct word_of<4> {
  using type = unsigned;
};
template <>
struct word_of<8> {
  using type = unsigned long long;
};

/// Reads an object from device memory, word by word: through a pointer that was itself read from
/// memory, the compiler would not know that it is global memory.
template <class T>
__device__ T fetch(T const* from) {
  static_assert(std::is_trivially_copyable_v<T>);
  using word = typename word_of<(alignof(T) < 8 ? alignof(T) : 8)>::type;
  struct words {
    word of[sizeof(T) / sizeof(word)];
  } read;
  DETENT_UNROLL
  for (std::size_t i = 0; i < sizeof(T) / sizeof(word); ++i)
    read.of[i] = __ldcg(reinterpret_cast<word const*>(from) + i);
  return __builtin_bit_cast(T, read);
}

template <class F>
__device__ F fetched(F const& functor) {
  return functor;
}
template <class F>
__device__ functor_of<in_memory<F>> fetched(in_memory<F> const& functor) {
  if constexpr (requires { typename F::by_table; }) {
    return {fetch(functor.memory->head()), functor.memory->table()};
  } else {
    return fetch(functor.memory);
  }
}
__device__ inline double fetched(strength const& scale) {
  return scale.memory() == nullptr ? scale.value() : fetch(scale.memory());
}

}  // namespace detail
}  // namespace detent::inline DETENT_ABI::cuda
