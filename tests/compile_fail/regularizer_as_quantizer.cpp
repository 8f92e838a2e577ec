// expect: (satisfaction of|does not satisfy) [^a-z]*(detent::)?(tensor_)?quantizer
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A regularizer has no levels to come out of.

#include <detent/detent.hpp>
#include <vector>

void round(std::vector<float>& w) {
  detent::quantize(detent::sinusoidal{detent::dorefa_grid(detent::bits{3})}, w, w);
}
