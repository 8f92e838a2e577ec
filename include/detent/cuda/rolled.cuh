// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// rolled: a chunk of a kernel whose elements take long, which stands in the code once.

#include <cstddef>
#include <detent/config.hpp>
#include <detent/cuda/row.cuh>
#include <detent/execution/arrays.hpp>

namespace detent::inline DETENT_ABI::cuda::detail {

/// Kernels that say so: written out for every element that a thread holds, they would be slow to
/// compile and have too few registers.
template <class Kernel>
inline constexpr bool is_long = requires {
  requires Kernel::is_long;
};

/// The first `count` elements of each array, one by one.
template <int N>
__device__ inline void load_some(row<N, array_list<>>&, array_list<>, std::size_t, int) {}
template <int N, class Array, class... Rest>
__device__ void load_some(row<N, array_list<Array, Rest...>>& to,
                          array_list<Array, Rest...> const& arrays, std::size_t at, int count) {
  if constexpr (Array::loaded) {
    DETENT_UNROLL
    for (int j = 0; j < N; ++j) {
      if (j >= count) continue;
      elements<typename Array::element, 1> one;
      one.load(arrays.first.data + at + static_cast<std::size_t>(j));
      to.first.value[j] = one.value[0];
    }
  }
  load_some(to.rest, arrays.rest, at, count);
}
template <int N>
__device__ inline void store_some(row<N, array_list<>> const&, array_list<>, std::size_t, int) {}
template <int N, class Array, class... Rest>
__device__ void store_some(row<N, array_list<Array, Rest...>> const& from,
                           array_list<Array, Rest...> const& arrays, std::size_t at, int count) {
  if constexpr (Array::stored) {
    DETENT_UNROLL
    for (int j = 0; j < N; ++j) {
      if (j >= count) continue;
      elements<typename Array::element, 1> one;
      one.value[0] = from.first.value[j];
      one.store(arrays.first.data + at + static_cast<std::size_t>(j));
    }
  }
  store_some(from.rest, arrays.rest, at, count);
}

/// Element 1 to place 0, and so on; element 0 to the last. Registers have no index: a loop over
/// elements that is not written out turns them past place 0.
template <class T, std::size_t N>
__device__ void turn(T (&value)[N]) {
  T const first = value[0];
  DETENT_UNROLL
  for (std::size_t j = 1; j < N; ++j)
    value[j - 1] = value[j];
  value[N - 1] = first;
}
template <int N>
__device__ inline void turn(row<N, array_list<>>&) {}
template <int N, class Array, class... Rest>
__device__ void turn(row<N, array_list<Array, Rest...>>& elements_of_arrays) {
  turn(elements_of_arrays.first.value);
  turn(elements_of_arrays.rest);
}

/// At most one chunk, from element `first` on: element by element, whose order in each lane is that
/// of `add_chunk`.
template <class Shape, class Kernel, class Lanes>
__device__ void add_rolled_chunk(Kernel const& kernel, std::size_t first, int count, Lanes& lanes) {
  auto const arrays = kernel.arrays();
  bool const aligned = are_aligned<Shape::width>(arrays);
  int const before = static_cast<int>(threadIdx.x) * Shape::width;
  DETENT_ROLL
  for (int done = before; done < count; done += Shape::lanes) {
    std::size_t const at = first + static_cast<std::size_t>(done);
    int const left = count - done;
    row<Shape::width, typename Shape::list> elements_of_arrays{};
    bool const whole = aligned && left >= Shape::width;
    if (whole) {
      elements_of_arrays.load(arrays, at);
    } else {
      load_some(elements_of_arrays, arrays, at, left);
    }
    DETENT_ROLL
    for (int j = 0; j < Shape::width; ++j) {
      if (j < left) {
        lanes.add(elements_of_arrays.call(kernel, at + static_cast<std::size_t>(j), 0), 0);
      }
      turn(elements_of_arrays);
      lanes.turn();
    }
    if (whole) {
      elements_of_arrays.store(arrays, at);
    } else {
      store_some(elements_of_arrays, arrays, at, left);
    }
  }
}

}  // namespace detent::inline DETENT_ABI::cuda::detail
