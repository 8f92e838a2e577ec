// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Sums in a fixed order that still fill a vector register.

#include <algorithm>
#include <array>
#include <cstddef>

namespace detent_trainer {

/// Sums f(0) … f(count - 1): sixteen running sums of every sixteenth term, then their total.
///
/// The compiler may not reorder a plain sum, so it could not vectorize one.
template <class Sum, class F>
Sum lane_sum(int count, F f) {
  constexpr int lanes = 16;
  std::array<Sum, lanes> sums{};
  int i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (int lane = 0; lane < lanes; ++lane) {
      sums[static_cast<std::size_t>(lane)] += static_cast<Sum>(f(i + lane));
    }
  }
  Sum total = 0;
  for (; i < count; ++i)
    total += static_cast<Sum>(f(i));
  for (const Sum sum : sums)
    total += sum;
  return total;
}

}  // namespace detent_trainer
