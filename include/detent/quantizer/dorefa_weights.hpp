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
/// one bit: ŵ = sign(w)·E|w| (s where a range is given), derivative 1 (straight through). Zero
/// counts as positive, as in the authors' code: the two codes have no third level.
///
/// A tensor or channel of zeros stays zero: every output is 0, though the grid has no level there.
/// The same holds, with two bits and more, for weights too small for a grid (`min_step`). The
/// gradient then passes as for a range of 1, and `gain` is 0.
///
/// Cost a weight: one tanh and one rounding.
/// Source: Zhou et al., "DoReFa-Net", arXiv:1606.06160, eqs. 8 and 9.
class dorefa_weights : public rounding_through<dorefa_domain, outside::passes> {
 public:
  /// @param  b           bits, sign included
  /// @param  of_weights  magnitudes of the tensor: `reduce(magnitude{}, w)`
  /// Errors: invalid_argument if the magnitudes hold a NaN or infinity.
  dorefa_weights(bits b, magnitude const& of_weights)
      : dorefa_weights(b, of_weights, b.count() == 1 ? or_one(b, of_weights.mean()) : 1.0) {
    if (b.count() == 1) {
      one_bit_level_ = of_weights.mean();
      if (!is_representable(b, of_weights.mean())) gain_ = 0;
    }
  }

  /// @param  b             bits, sign included
  /// @param  of_weights    magnitudes of the tensor: `reduce(magnitude{}, w)`
  /// @param  output_range  s: the levels span [-s, s]. The paper's is 1; a network trained in full
  ///                       precision needs its own, such as E|w|/E|ŵ|.
  /// Errors: as above, and invalid_argument if the range is not above 0.
  dorefa_weights(bits b, magnitude const& of_weights, detail::real output_range)
      : rounding_through(dorefa_grid(b).scaled(input_range(b, of_weights, output_range)),
                         dorefa_domain{b.count() == 1},
                         output_range / input_range(b, of_weights, output_range)),
        one_bit_level_(output_range),
        gain_(rounding_through::gain()) {
    bool const is_zero = of_weights.maximum() == 0;
    if (is_zero) one_bit_level_ = 0;
    if (is_zero || (b.count() > 1 && !is_representable(b, of_tanh(of_weights)))) gain_ = 0;
  }

  /// Level n comes out as gain()·grid().level(n); 0 for a tensor of zeros.
  DETENT_HD double gain() const noexcept { return gain_; }

  template <class T>
  DETENT_HD T operator()(T w) const noexcept {
    T const level = static_cast<T>(gain_) * grid().template as<T>().nearest(domain()(w).value);
    // The grid rounds the position of a weight next to zero to its threshold; the sign is exact.
    // NaN stays the grid's.
    T const positive = static_cast<T>(one_bit_level_);
    return choose(domain().one_bit & (w == w), choose(w < T(0), -positive, positive), level);
  }

  template <class T>
  DETENT_HD std::int32_t code(T w) const noexcept {
    return choose(domain().one_bit & (w < T(0)), std::int32_t{-1}, rounding_through::code(w));
  }

  template <class T>
  DETENT_HD T unrounded(T w) const noexcept {
    return static_cast<T>(gain_) * domain()(w).value;
  }

 private:
  static bool is_representable(bits b, double range) {
    return range * dorefa_grid(b).step() >= min_step;
  }
  static double or_one(bits b, double range) { return is_representable(b, range) ? range : 1.0; }
  static double of_tanh(magnitude const& m) { return hyperbolic_tangent(m.maximum()); }

  /// Where the outermost levels lie in the domain. One bit looks at the sign alone: its levels can
  /// lie where they come out, so that gain and derivative are 1.
  static double input_range(bits b, magnitude const& m, double const& output_range) {
    detail::require_finite(m.maximum(), "largest |w|");
    detail::require_positive(output_range, "output range");
    return b.count() == 1 ? output_range : or_one(b, of_tanh(m));
  }

  double one_bit_level_;
  double gain_;
};

static_assert(quantizer<dorefa_weights> && domain<dorefa_domain>);

}  // namespace detent::inline DETENT_ABI
