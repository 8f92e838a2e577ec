// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The lane tree: the one order in which the library adds up, and the loop over one chunk.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <detent/config.hpp>
#include <detent/math/rounding.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI {

/// A chunk is `tree_rows` rows of `tree_lanes<C>` lanes. Lane l adds the elements l, l + lanes, …
/// of its chunk in the compute type C; lanes, then chunks, are combined in double by a fixed tree.
/// The sum depends on the number of elements alone.
inline constexpr std::size_t tree_rows = 16;
inline constexpr std::size_t tree_groups = 256;
template <class C>
inline constexpr std::size_t tree_lanes = 4096 / sizeof(C);
template <class C>
inline constexpr std::size_t tree_chunk = tree_rows* tree_lanes<C>;

namespace detail {

/// Adds the first `used` of `tree_groups` numbers: pairwise within 32, the 32s in order. The rest
/// count as 0. Groups of 32 are the warps of a device block, which add in the same order.
inline double tree_sum(double* group, std::size_t used) noexcept {
  double sum = 0;
  for (std::size_t warp = 0; warp < used; warp += 32) {
    for (std::size_t half = 16; half > 0; half /= 2) {
      for (std::size_t i = 0; i < half; ++i)
        group[warp + i] += group[warp + i + half];
    }
    sum = warp == 0 ? group[0] : sum + group[warp];
  }
  return sum;
}

/// Adds the partial sums of chunks, `stride` apart, as one block of `tree_groups` threads would.
inline double partials_sum(double const* partial, std::size_t chunks, std::size_t stride) noexcept {
  if (chunks == 1) return partial[0];
  double group[tree_groups] = {};
  for (std::size_t c = 0; c < chunks; ++c)
    group[c % tree_groups] += partial[c * stride];
  return tree_sum(group, chunks < tree_groups ? chunks : tree_groups);
}

/// Combines the lanes of a chunk, of which the first `used` hold something.
template <class C>
double lanes_sum(C const* lane, std::size_t used) noexcept {
  constexpr std::size_t width = tree_lanes<C> / tree_groups;
  double group[tree_groups];
  std::size_t const groups = (used + width - 1) / width;
  std::size_t const padded = (groups + 31) / 32 * 32;
  for (std::size_t t = 0; t < padded; ++t) {
    group[t] = static_cast<double>(lane[t * width]);
    for (std::size_t j = 1; j < width; ++j)
      group[t] += static_cast<double>(lane[t * width + j]);
  }
  return tree_sum(group, groups);
}

/// In place of std::fill_n, of which the linker may keep a copy for another processor.
template <class C>
DETENT_HOST_LOOP inline void fill(C* to, std::size_t count, C value) noexcept {
  for (std::size_t i = 0; i < count; ++i)
    to[i] = value;
}
template <class T>
DETENT_HOST_LOOP inline void copy(T const* from, std::size_t count, T* to) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  if (count != 0) std::memcpy(static_cast<void*>(to), from, count * sizeof(T));
}

/// A one that the optimizer cannot see through. Adding as fma(x, one, sum) leaves a compiler no
/// freedom to fuse the multiplication that made x with the addition, and costs nothing.
template <class C>
DETENT_HD inline C opaque_one() noexcept {
  C one = 1;
#if defined(__GNUC__) && !DETENT_DEVICE_CODE
  asm("" : "+m"(one));
#endif
  return one;
}

/// Elements that every instance of the inner loop takes at a time: a compile-time trip count, so
/// that -O2 vectorizes it.
inline constexpr std::size_t tree_block = 64;

template <class Kernel, class C>
DETENT_HOST_LOOP inline void add_block(Kernel const& kernel, std::size_t first, std::size_t count,
                                       C one, C* lane) noexcept {
  DETENT_INDEPENDENT
  for (std::size_t l = 0; l < count; ++l) {
    auto const terms = kernel(first + l);
    if constexpr (Kernel::sums > 0) {
      for (int k = 0; k < Kernel::sums; ++k) {
        C* const sum = lane + static_cast<std::size_t>(k) * tree_lanes<C> + l;
        *sum = fma(terms.value[k], one, *sum);
      }
    }
  }
}

/// The elements of one row, or the first of it. A kernel that works on blocks overloads it.
template <class Kernel, class C>
DETENT_HOST_LOOP inline void add_row(Kernel const& kernel, std::size_t first, std::size_t count,
                                     C one, C* lane) noexcept {
  if (count == tree_lanes<C>) return add_block(kernel, first, tree_lanes<C>, one, lane);
  std::size_t l = 0;
  for (; l + tree_block <= count; l += tree_block)
    add_block(kernel, first + l, tree_block, one, lane + l);
  for (; l < count; ++l)
    add_block(kernel, first + l, 1, one, lane + l);
}

/// Runs `kernel(i)` for first ≤ i < first + count, at most one chunk, and writes its sums.
///
/// A kernel is a value with `compute` (float or double), `sums` (how many numbers an element
/// adds) and a call that handles one element and returns `lane_terms<compute, sums>`.
template <class Kernel>
DETENT_HOST_LOOP inline void run_chunk(Kernel kernel, std::size_t first, std::size_t count,
                                       double* result) noexcept {
  using C = typename Kernel::compute;
  constexpr std::size_t lanes = tree_lanes<C>;
  constexpr auto sums = static_cast<std::size_t>(Kernel::sums);
  alignas(64) C lane[std::max<std::size_t>(sums, 1) * lanes];
  std::size_t const used = (std::min)(count, lanes);
  std::size_t const cleared = (std::min)(lanes, (used / 128 + 1) * 128);
  for (std::size_t k = 0; k != sums; ++k)
    fill(lane + k * lanes, cleared, C(0));
  C const one = opaque_one<C>();
  for (std::size_t row = 0; row < count; row += lanes)
    add_row(kernel, first + row, (std::min)(lanes, count - row), one, lane);
  for (std::size_t k = 0; k != sums; ++k)
    result[k] = lanes_sum(lane + k * lanes, used);
}

}  // namespace detail

/// What one element adds to the K sums of a kernel.
template <class C, int K>
struct lane_terms {
  C value[static_cast<std::size_t>(K)];
};
template <class C>
struct lane_terms<C, 0> {};

}  // namespace detent::inline DETENT_ABI
