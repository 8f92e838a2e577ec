// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The concept of a statistic: what one pass can learn of a tensor.

#include <concepts>
#include <type_traits>

namespace detent {

/// A statistic: a value that observes weights one by one and merges with its equals.
///
/// Beyond what is written: a fresh copy is the neutral element of `merge`, and merging is
/// associative up to rounding. `reduce` fixes the order, so the result does not depend on threads.
template <class S>
concept statistic = std::is_trivially_copyable_v<S> && requires(S s, S const other, float w) {
  s.observe(w);
  s.merge(other);
};

}  // namespace detent
