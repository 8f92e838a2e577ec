// expect: nothing shows that the elements of this container lie one after another: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A deque is not contiguous.

#include <deque>
#include <detent/detent.hpp>

double mean(std::deque<double> const& w) {
  return detent::reduce(detent::magnitude{}, w).mean();
}
