// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// detent_peer: accumulate, and relaxed quantization forward and backward, as C functions, for
// bench/peers/pytorch.py to call on PyTorch's tensors.

#include <cstddef>
#include <cstdint>
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

/// x̂ into `out`, for the step's draws; its gradient added to `g`, and theta[0 … 1] by α and σ.
extern "C" void detent_relaxed(float const* w, float const* upstream, float* out, float* g,
                               std::size_t size, double alpha, double sigma, double local,
                               std::uint32_t step, double* theta) {
  detent::relaxed<> const q(detent::twos_complement_grid(detent::bits{4}, detent::step_size{alpha}),
                            sigma, detent::philox_draws{1, step, 0}, {.local = local});
  detent::quantize(q, std::span(w, size), std::span(out, size));
  auto const sums =
      detent::backward(q, std::span(w, size), std::span(upstream, size), std::span(g, size));
  theta[0] = sums.theta[0];
  theta[1] = sums.theta[1];
}
