// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// row: the elements that one thread holds in registers, and the streaming accesses that move them.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <detent/config.hpp>
#include <detent/execution/arrays.hpp>
#include <utility>

namespace detent::inline DETENT_ABI::cuda::detail {

using namespace detent::detail;

/// What one access moves.
template <std::size_t Bytes>
struct piece_of;
template <>
struct piece_of<1> {
  using type = unsigned char;
};
template <>
struct piece_of<2> {
  using type = unsigned short;
};
template <>
struct piece_of<4> {
  using type = unsigned;
};
template <>
struct piece_of<8> {
  using type = uint2;
};
template <>
struct piece_of<16> {
  using type = uint4;
};
constexpr std::size_t piece_bytes(std::size_t bytes) noexcept {
  std::size_t const largest = bytes & (~bytes + 1);  // power of two that divides
  return largest < 16 ? largest : 16;
}

/// N elements of one array. Every element is moved once: the caches are told to let go of it.
template <class T, int N>
struct alignas(piece_bytes(N * sizeof(T))) elements {
  static constexpr std::size_t bytes = N * sizeof(T);
  using piece = typename piece_of<piece_bytes(bytes)>::type;
  static constexpr std::size_t pieces = bytes / sizeof(piece);

  T value[static_cast<std::size_t>(N)];

  __device__ void load(T const* from) {
    DETENT_UNROLL
    for (std::size_t p = 0; p < pieces; ++p) {
      piece const moved = __ldcs(reinterpret_cast<piece const*>(from) + p);
      std::memcpy(reinterpret_cast<unsigned char*>(value) + p * sizeof(piece), &moved,
                  sizeof(piece));
    }
  }
  __device__ void store(T* to) const {
    DETENT_UNROLL
    for (std::size_t p = 0; p < pieces; ++p) {
      piece moved;
      std::memcpy(&moved, reinterpret_cast<unsigned char const*>(value) + p * sizeof(piece),
                  sizeof(piece));
      __stcs(reinterpret_cast<piece*>(to) + p, moved);
    }
  }
};

/// N elements of every array of a kernel.
template <int N, class List>
struct row;

template <int N>
struct row<N, array_list<>> {
  __device__ void load(array_list<>, std::size_t) {}
  __device__ void store(array_list<>, std::size_t) const {}

  template <class Kernel, class... Elements>
  __device__ auto call(Kernel const& kernel, std::size_t i, int, Elements&... element) {
    return kernel.element(i, element...);
  }
};

template <int N, class Array, class... Rest>
struct row<N, array_list<Array, Rest...>> {
  using list = array_list<Array, Rest...>;
  elements<typename Array::element, N> first;
  row<N, array_list<Rest...>> rest;

  __device__ void load(list const& arrays, std::size_t at) {
    if constexpr (Array::loaded) first.load(arrays.first.data + at);
    rest.load(arrays.rest, at);
  }
  __device__ void store(list const& arrays, std::size_t at) const {
    if constexpr (Array::stored) first.store(arrays.first.data + at);
    rest.store(arrays.rest, at);
  }
  /// Calls the kernel with the j-th element of every array, which is element i of the tensor.
  template <class Kernel, class... Elements>
  __device__ auto call(Kernel const& kernel, std::size_t i, int j, Elements&... element) {
    return rest.call(kernel, i, j, element..., first.value[j]);
  }
};

/// Whether N elements of every array may be moved in the pieces of `elements<T, N>`.
template <int N>
__device__ inline bool are_aligned(array_list<>) {
  return true;
}
template <int N, class Array, class... Rest>
__device__ bool are_aligned(array_list<Array, Rest...> const& arrays) {
  auto const address = reinterpret_cast<std::uintptr_t>(arrays.first.data);
  return address % alignof(elements<typename Array::element, N>) == 0 &&
         are_aligned<N>(arrays.rest);
}

template <class List>
inline constexpr std::size_t smallest_element = 16;
template <class Array, class... Rest>
inline constexpr std::size_t smallest_element<array_list<Array, Rest...>> =
    sizeof(typename Array::element) < smallest_element<array_list<Rest...>>
        ? sizeof(typename Array::element)
        : smallest_element<array_list<Rest...>>;

}  // namespace detent::inline DETENT_ABI::cuda::detail
