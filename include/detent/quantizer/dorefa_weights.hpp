// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// dorefa_weights: tanh-normalized mid-rise rounding of weights (DoReFa-Net), one bit included.

#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/bits.hpp>
#include <detent/grid/convention.hpp>
#include <detent/grid/domain.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/statistic/magnitude.hpp>

namespace detent::inline DETENT_ABI {

/// DoReFa's coordinate: tanh w, and for one bit the weight itself.
struct dorefa_domain {
  bool one_bit = false;

  template <class T>
  DETENT_HD coordinate<T> operator()(T w) const noexcept {
    // By masks: along ?: GCC would split the loop and give up vectorizing it.
    auto const t = tanh_domain{}(w);
    return {choose(one_bit, w, t.value), choose(one_bit, T(1), t.slope)};
  }
};

/// DoReFa weights, two bits and more:
///
///     t = tanh w / (2 max|tanh w|) + ½,  q = ⌊(2^b - 1) t⌉/(2^b - 1),  ŵ = s (2q - 1)
///     ∂ŵ/∂w := s (1 - tanh² w)/max|tanh w|            the maximum held constant
///
/// one bit: ŵ = sign(w)·E|w| (s where a range is given), derivative 1 (straight through).
///
/// Cost a weight: one tanh and one rounding.
/// Source: Zhou et al., "DoReFa-Net", arXiv:1606.06160, eqs. 8 and 9.
class dorefa_weights : public rounding_through<dorefa_domain, outside::passes> {
 public:
  /// @param  b           bits, sign included
  /// @param  of_weights  magnitudes of the tensor: `reduce(magnitude{}, w)`
  /// Errors: invalid_argument if the magnitudes hold a NaN or infinity. A tensor of zeros, or of
  /// weights too small for a grid, is taken to have range 1.
  dorefa_weights(bits b, magnitude const& of_weights)
      : dorefa_weights(b, of_weights, b.count() == 1 ? or_one(b, of_weights.mean()) : 1.0) {}

  /// @param  b             bits, sign included
  /// @param  of_weights    magnitudes of the tensor: `reduce(magnitude{}, w)`
  /// @param  output_range  s: the levels span [-s, s]. The paper's is 1; a network trained in full
  ///                       precision needs its own, such as E|w|/E|ŵ|.
  /// Errors: as above, and invalid_argument if the range is not above 0.
  dorefa_weights(bits b, magnitude const& of_weights, detail::real output_range)
      : rounding_through(dorefa_grid(b).scaled(input_range(b, of_weights, output_range)),
                         dorefa_domain{b.count() == 1},
                         output_range / input_range(b, of_weights, output_range)) {}

 private:
  static double or_one(bits b, double range) {
    return range * dorefa_grid(b).step() >= min_step ? range : 1.0;
  }

  /// Where the outermost levels lie in the domain. One bit looks at the sign alone: its levels can
  /// lie where they come out, so that gain and derivative are 1.
  static double input_range(bits b, magnitude const& m, double const& output_range) {
    detail::require_finite(m.maximum(), "largest |w|");
    detail::require_positive(output_range, "output range");
    return b.count() == 1 ? output_range : or_one(b, hyperbolic_tangent(m.maximum()));
  }
};

static_assert(quantizer<dorefa_weights> && domain<dorefa_domain>);

}  // namespace detent::inline DETENT_ABI
