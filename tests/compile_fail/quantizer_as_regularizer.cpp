// expect: (satisfaction of|does not satisfy) [^a-z]*(detent::)?regularizer
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A quantizer has levels, but no penalty: that is matched(q).

#include <detent/detent.hpp>
#include <vector>

double loss(std::vector<float> const& w, std::vector<float>& g) {
  detent::wrpn_weights const q{detent::bits{3}};
  return detent::accumulate(q, w, g, 1.0).value;
}
