// expect: (satisfaction of|does not satisfy) [^a-z]*(detent::)?readable
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A deque is not contiguous.

#include <deque>
#include <detent/detent.hpp>

double mean(std::deque<double> const& w) {
  return detent::reduce(detent::magnitude{}, w).mean();
}
