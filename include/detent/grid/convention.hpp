// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The level conventions of the literature as grids, on their unit range.

#include <detent/config.hpp>
#include <detent/grid/bits.hpp>
#include <detent/grid/uniform.hpp>

namespace detent::inline DETENT_ABI {

/// DoReFa weights: the 2^b levels (2i - (2^b - 1))/(2^b - 1) in [-1, 1]; zero is no level.
/// One bit gives ±1, the binary weight network. Source: Zhou et al., arXiv:1606.06160, eq. 9.
inline uniform<double> dorefa_grid(bits b) {
  return {step_size(2.0 / (b.codes() - 1)), 0.5, -(b.codes() / 2), b.codes() / 2 - 1};
}

/// WRPN weights: n/(2^(b-1) - 1), |n| ≤ 2^(b-1) - 1, in [-1, 1]; zero is a level.
/// Errors: invalid_argument for one bit, which leaves only zero.
/// Source: Mishra et al., arXiv:1709.01134, section 3.
inline uniform<double> wrpn_grid(bits b) {
  detail::require_between(b.count(), 2, max_bits, "bits of a WRPN grid");
  int const highest = b.codes() / 2 - 1;
  return {step_size(1.0 / highest), 0.0, -highest, highest};
}

/// Unsigned levels i/(2^b - 1) in [0, 1]: activations of DoReFa and WRPN.
inline uniform<double> unit_grid(bits b) {
  return {step_size(1.0 / (b.codes() - 1)), 0.0, 0, b.codes() - 1};
}

/// Two's complement: step·n, n = -2^(b-1) … 2^(b-1) - 1. Weights of RQ, SRQ and LSQ.
inline uniform<double> twos_complement_grid(bits b, step_size step) {
  return {step, 0.0, -(b.codes() / 2), b.codes() / 2 - 1};
}

/// The fewest bits whose two's complement grid has the code; the grids are nested.
DETENT_HD constexpr int nested_bits(int code) noexcept {
  int b = 1;
  while (b < 31 && (code < -(1 << (b - 1)) || code >= 1 << (b - 1)))
    ++b;
  return b;
}

/// Which levels of nested grids share a mask.
enum class mask_sharing {
  bitwise,    ///< those that one bit adds: as many masks as bits above the fewest
  endpoints,  ///< the pair -m - 1 and m: a grid shrinks by one level at either end
};

/// How many masks the levels have that `most` bits add to those of `fewest`; 0 where they add none.
constexpr int mask_count(mask_sharing sharing, bits fewest, bits most) noexcept {
  if (most.count() < fewest.count()) return 0;
  if (sharing == mask_sharing::bitwise) return most.count() - fewest.count();
  return (most.codes() - fewest.codes()) / 2;
}

/// The mask of a code, counted from the innermost; -1 within the grid of the fewest bits, whose
/// levels have none. With three bits over two, bitwise: {-4, -3, 2, 3} have mask 0; by endpoints:
/// {-3, 2} have mask 0 and {-4, 3} mask 1.
DETENT_HD constexpr int mask_of(mask_sharing sharing, int fewest, int code) noexcept {
  int const pair = code < 0 ? -(code + 1) : code;
  int const beyond = sharing == mask_sharing::bitwise ? nested_bits(code) - fewest - 1
                                                      : pair - (1 << (fewest - 1));
  return beyond < 0 ? -1 : beyond;
}

/// Unsigned: step·n, n = 0 … 2^b - 1. Activations of RQ and LSQ after a ReLU.
inline uniform<double> unsigned_grid(bits b, step_size step) {
  return {step, 0.0, 0, b.codes() - 1};
}

}  // namespace detent::inline DETENT_ABI
