// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The functors that are measured on the host and on a GPU: on the 3-bit DoReFa grid, Δ = 2/7 and
// φ = ½, and with a learned range on four bits of two's complement, Δ = 0.14.

#include <detent/grid/bits.hpp>
#include <detent/grid/convention.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/quantizer/lsq.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/regularizer/sinusoidal.hpp>

namespace bench {

inline detent::uniform<double> grid() {
  return detent::dorefa_grid(detent::bits{3});
}
inline auto bounded() {
  return detent::sinusoidal{grid()};
}
inline auto rounding() {
  return detent::rounding(grid());
}

inline constexpr detent::bits learned_bits{4};
inline constexpr double learned_step = 0.14;
inline auto lsq() {
  return detent::lsq::weights(learned_bits, detent::step_size{learned_step});
}

}  // namespace bench
