// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// detent_peer: accumulate as a C function, for bench/peers/pytorch.py to call on PyTorch's tensors.

#include <cstddef>
#include <detent/detent.hpp>
#include <span>

namespace {

detent::uniform<double> grid() {
  return detent::dorefa_grid(detent::bits{3});
}

}  // namespace

extern "C" double detent_accumulate_bounded(float const* w, float* g, std::size_t size,
                                            double scale) {
  return detent::accumulate(detent::sinusoidal{grid()}, std::span(w, size), std::span(g, size),
                            scale)
      .value;
}

extern "C" double detent_accumulate_periodic(float const* w, float* g, std::size_t size,
                                             double scale) {
  return detent::accumulate(detent::sinusoidal<detent::extent::periodic>{grid()},
                            std::span(w, size), std::span(g, size), scale)
      .value;
}
