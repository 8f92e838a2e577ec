// expect: nothing shows that the elements of this container lie one after another: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The elements of a std::vector<bool> are bits.

#include <detent/detent.hpp>
#include <vector>

double mean(std::vector<bool> const& w) {
  return detent::reduce(detent::magnitude{}, w).mean();
}
