// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Blocks of elements in columns of their compute type, for quantizers that take many at once.

#include <algorithm>
#include <cstddef>
#include <detent/config.hpp>
#include <detent/execution/lane_tree.hpp>
#include <detent/math/storage.hpp>
#include <detent/quantizer/quantizer.hpp>

namespace detent::inline DETENT_ABI::detail {

/// Elements that a quantizer takes at once: a row of lanes is a multiple of it.
inline constexpr std::size_t quantizer_block = tree_block;

/// What takes so long for an element that a device has one at a time in its loop: loops over levels
/// within it, draws, and backward several parameters, whose sums need the registers.
template <class Q, class C>
inline constexpr bool quantizes_at_length =
    drawing_quantizer<Q> || quantizes_blocks<Q, C, quantizer_block>;
template <class Q, class C>
inline constexpr bool pulls_at_length =
    (Q::parameters > 1) || drawing_quantizer<Q> || pulls_blocks<Q, C, quantizer_block>;

/// Calls f(i) for i below `count` ≤ `quantizer_block`.
template <class F>
DETENT_HOST_LOOP inline void for_block(std::size_t count, F const& f) noexcept {
  if (count == tree_block) {
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < tree_block; ++i)
      f(i);
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    f(i);
}

/// Calls f(first element, number of elements) for all blocks of a row.
template <class F>
DETENT_HOST_LOOP inline void for_blocks(std::size_t first, std::size_t count, F const& f) noexcept {
  for (std::size_t done = 0; done < count; done += tree_block)
    f(first + done, (std::min)(tree_block, count - done));
}

/// The elements in their compute type; what is beyond `count` counts as 0.
template <class W, class C>
DETENT_HOST_LOOP inline void load_block(W const* from, std::size_t count,
                                        C (&to)[quantizer_block]) noexcept {
  if (count < tree_block) fill(to, tree_block, C(0));
  for_block(count, [&](std::size_t i) { to[i] = static_cast<C>(to_compute(from[i])); });
}

}  // namespace detent::inline DETENT_ABI::detail
