// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// dorefa_activations: unsigned rounding of activations after clipping (DoReFa-Net, WRPN).

#include <detent/config.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/rounding.hpp>

namespace detent::inline DETENT_ABI {

/// Activations: ⌊(2^b - 1) clip(a/c, 0, 1)⌉/(2^b - 1)·c; gradient 1 inside [0, c], 0 outside.
///
/// Source: Zhou et al., arXiv:1606.06160, eq. 11; Mishra et al., arXiv:1709.01134, section 3.
class dorefa_activations : public rounding {
 public:
  /// @param  b      bits, 1 to 16
  /// @param  range  c, the clipping point in units of the activation; the papers' is 1
  /// Errors: invalid_argument unless the range is finite and above 0.
  explicit dorefa_activations(bits b, detail::real range = 1.0)
      : rounding(unit_grid(b).scaled(range)) {}
};

/// WRPN rounds activations exactly as DoReFa does.
using wrpn_activations = dorefa_activations;

static_assert(quantizer<dorefa_activations>);

}  // namespace detent::inline DETENT_ABI
