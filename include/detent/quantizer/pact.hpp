// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// pact: activations clipped at a learned point, then rounded.

#include <detent/config.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <detent/quantizer/rounding.hpp>

namespace detent::inline DETENT_ABI {

/// ⌊clip(x, 0, a)·(2^b - 1)/a⌉·a/(2^b - 1), with the derivative by the clipping point a.
///
///     ∂ŷ/∂x := 1 on (0, a), else 0           theta[0] = ∂ŷ/∂a := 1 for x ≥ a, else 0
///
/// Keep a in a `positive`; the paper also adds an ℓ2 penalty on it, which is the caller's.
/// Source: Choi et al., "PACT", arXiv:1805.06085, eq. 1 to 3.
class pact : public rounding {
 public:
  static constexpr int parameters = 1;

  /// @param  b      bits, 1 to 16      @param  range  a, in units of the activation
  /// Errors: invalid_argument unless range is finite and above 0.
  pact(bits b, detail::real range) : rounding(unit_grid(b).scaled(range)), range_(range) {}

  double range() const noexcept { return range_; }

  /// The same with the clipping point that has been learned, for a device: bit for bit what the
  /// constructor makes of it. Where that throws, levels become NaN.
  DETENT_HD pact rebuilt(double range) const noexcept {
    pact q = *this;
    q.range_ = range;
    q.change_step(1.0 / grid().highest_code() * range);
    return q;
  }

  template <class T>
  DETENT_HD pullback<T, 1> backward(T x, T upstream) const noexcept {
    bool const above = x >= static_cast<T>(range_), positive = x > T(0);
    return {keep_if(positive & !above, upstream), {keep_if(above, upstream)}};
  }

 private:
  double range_;
};

static_assert(quantizer<pact>);
static_assert(grid_quantizer<pact>);

}  // namespace detent::inline DETENT_ABI
