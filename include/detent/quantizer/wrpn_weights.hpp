// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// wrpn_weights: clipped mid-tread rounding of weights (WRPN).

#include <detent/config.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/rounding.hpp>

namespace detent::inline DETENT_ABI {

/// WRPN weights: ŵ = c·⌊(2^(b-1) - 1) clip(w/c, -1, 1)⌉/(2^(b-1) - 1); gradient 1 inside
/// [-c, c], 0 outside.
///
/// Source: Mishra et al., "WRPN", arXiv:1709.01134, section 3.
class wrpn_weights : public rounding {
 public:
  /// @param  b      bits, sign included, 2 to 16
  /// @param  range  c, the clipping point in units of the weight; the paper's is 1, a pretrained
  ///                layer needs its own: `fit_range(wrpn_grid(b), w)`
  /// Errors: invalid_argument for one bit, or unless the range is finite and above 0.
  explicit wrpn_weights(bits b, detail::real range = 1.0) : rounding(wrpn_grid(b).scaled(range)) {}
};

static_assert(quantizer<wrpn_weights>);

}  // namespace detent::inline DETENT_ABI
