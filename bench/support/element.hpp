// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The element types that are measured, their names, and the sizes and threads of a series.

#include <array>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <type_traits>

namespace bench {

template <class... T>
struct type_list {};

using elements = type_list<float, double, detent::bfloat16, detent::half>;

template <class T>
inline constexpr char const* name_of = "unnamed";
template <>
inline constexpr char const* name_of<float> = "float";
template <>
inline constexpr char const* name_of<double> = "double";
template <>
inline constexpr char const* name_of<detent::bfloat16> = "bfloat16";
template <>
inline constexpr char const* name_of<detent::half> = "half";

/// 16-bit weights have float gradients, as in mixed-precision training.
template <class T>
using gradient_of = std::conditional_t<sizeof(T) == 2, float, T>;

/// Calls f.template operator()<T>() for every type of the list.
template <class... T, class F>
void for_each_type(type_list<T...>, F f) {
  (f.template operator()<T>(), ...);
}

/// The threads that are measured; one where there is no OpenMP.
#if defined(_OPENMP)
inline constexpr std::array<int, 2> thread_counts{1, 2};
#else
inline constexpr std::array<int, 1> thread_counts{1};
#endif

/// Calls f(policy) for a number of threads. One policy for all numbers, one thread included, keeps
/// the compile times down: a chunk takes ten microseconds and more, OpenMP with one thread none.
template <class F>
decltype(auto) with_policy([[maybe_unused]] int threads, F f) {
#if defined(_OPENMP)
  return f(detent::openmp_policy(threads));
#else
  return f(detent::seq);
#endif
}

}  // namespace bench
