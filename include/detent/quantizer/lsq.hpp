// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// lsq: rounding whose step is learned (learned step size quantization).

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/grid/convention.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/statistic/magnitude.hpp>

namespace detent::inline DETENT_ABI {

/// s·⌊clip(w/s, -Qn, Qp)⌉, with the derivative by the step s.
///
///     theta[0] = ∂ŵ/∂s = ⌊w/s⌉ - w/s inside, -Qn or Qp beyond          times the upstream gradient
///
/// The straight-through gradient by w is 1 inside and 0 beyond. Keep s in a `positive`, which no
/// step makes negative, and descend with the sum times `gradient_scale`:
///
///     auto const q = lsq::weights(bits{3}, step_size{s.value()});
///     auto const r = backward(q, w, upstream, g);
///     s.descend(r.theta[0] * q.gradient_scale(w.size()), rate);
///
/// Source: Esser et al., "Learned step size quantization", arXiv:1902.08153, eq. 1 to 3.
class lsq : public rounding {
 public:
  static constexpr int parameters = 1;

  /// On any grid that has zero among its levels. Errors: invalid_argument for another phase, whose
  /// levels would not scale with the step alone in the papers' sense.
  explicit lsq(uniform<double> const& grid) : rounding(grid) {
    if (grid.phase() != 0) {
      detail::fail("grid of lsq", "has phase " + detail::text(grid.phase()) + "; 0 is needed");
    }
  }

  /// Qn = 2^(b-1), Qp = 2^(b-1) - 1.
  static lsq weights(bits b, step_size s) { return lsq(twos_complement_grid(b, s)); }
  /// After a rectifier: Qn = 0, Qp = 2^b - 1.
  static lsq activations(bits b, step_size s) { return lsq(unsigned_grid(b, s)); }

  /// The same with the step that has been learned, for a device: bit for bit what the constructor
  /// makes of it. Where `step_size` throws, weights, levels and derivatives become NaN.
  DETENT_HD lsq rebuilt(double step) const noexcept {
    lsq q = *this;
    q.change_step(step);
    return q;
  }

  template <class T>
  DETENT_HD pullback<T, 1> backward(T w, T upstream) const noexcept {
    auto const g = grid().template as<T>();
    auto const at = g.position(w);
    bool const beyond = g.is_outside(w);
    T const by_step = at.code - keep_if(!beyond, at.code + at.offset);
    return {keep_if(!beyond, upstream), {by_step * upstream}};
  }

  /// 1/√(N·Qp): makes the step's gradient as large, for its size, as the weights'.
  double gradient_scale(std::size_t count) const noexcept {
    double const highest = grid().highest_code() > 1 ? grid().highest_code() : 1;
    return 1.0 / std::sqrt(static_cast<double>(count > 0 ? count : 1) * highest);
  }

  /// The step to start from: 2·E|w|/√Qp. Errors: invalid_argument where all weights are 0.
  static step_size start(int highest_code, magnitude const& m) {
    return step_size(2.0 * m.mean() /
                     std::sqrt(highest_code > 1 ? static_cast<double>(highest_code) : 1.0));
  }
};

static_assert(quantizer<lsq>);
static_assert(grid_quantizer<lsq>);

}  // namespace detent::inline DETENT_ABI
