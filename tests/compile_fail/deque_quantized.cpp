// expect: nothing shows that the elements of this container lie one after another: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// An output that is not contiguous.

#include <deque>
#include <detent/detent.hpp>
#include <vector>

void round(std::vector<float> const& w, std::deque<float>& levels) {
  detent::quantize(detent::seq, detent::wrpn_weights{detent::bits{3}}, w, levels);
}
