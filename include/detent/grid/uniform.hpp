// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// uniform<T>: equally spaced levels, the one object that quantizer and regularizer share.

#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/bits.hpp>
#include <detent/math/floating_mode.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/scalar.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI {

/// Where a weight stands on a grid.
template <class T>
struct grid_position {
  T code;    ///< the nearest code of the unbounded grid, as a number
  T offset;  ///< distance to its level in steps, in [-½, ½]
};

/// The levels (code + phase)·step for lowest_code ≤ code ≤ highest_code.
///
///     level(n) = (n + φ)Δ
///
/// A trivially copyable value, made in double and converted to the compute type by `as`; the
/// reciprocal step is kept in two parts, so that positions in float carry one rounding only.
/// Owning step and phase together rules out the classic mistake of a penalty whose minima stand
/// on the rounding thresholds.
template <class T = double>
class uniform {
 public:
  /// @param  step          distance of levels, in units of the weight
  /// @param  phase         offset of code 0 from zero, in steps: 0 (mid-tread) or ½ (mid-rise)
  /// @param  lowest_code   inclusive, within ±2^max_bits
  /// @param  highest_code  inclusive, within ±2^max_bits; at most 2^max_bits codes
  /// Errors: invalid_argument for a phase that is not finite, for reversed codes or too many, and
  /// where the calling thread does not round to nearest.
  constexpr uniform(step_size step, detail::real phase, int lowest_code, int highest_code)
      : uniform(detail::rounded(step.value()), phase, lowest_code, highest_code, as_number{}) {
    if (!std::is_constant_evaluated()) detail::require_rounding_to_nearest();
    if (!detail::is_finite(phase)) detail::fail("phase", "is not finite");
    constexpr int most = 1 << max_bits;
    // Checked before the subtraction, which could overflow.
    if (lowest_code < -most || highest_code > most || highest_code < lowest_code ||
        highest_code - lowest_code >= most) {
      detail::fail("codes", "span " + detail::text(lowest_code) + " to " +
                                detail::text(highest_code) +
                                "; allowed are 1 to 65536 codes between -65536 and 65536");
    }
  }

  DETENT_HD constexpr T step() const noexcept { return step_; }
  DETENT_HD constexpr T phase() const noexcept { return phase_; }
  DETENT_HD constexpr int lowest_code() const noexcept { return lowest_; }
  DETENT_HD constexpr int highest_code() const noexcept { return highest_; }
  DETENT_HD constexpr int size() const noexcept { return highest_ - lowest_ + 1; }
  T lowest() const noexcept { return level(lowest_); }
  T highest() const noexcept { return level(highest_); }

  /// The weight at a code: (code + phase)·step, rounded once. Codes outside the range extrapolate.
  DETENT_HD T level(int code) const noexcept { return level_at(static_cast<T>(code)); }

  /// The code whose level is nearest to w, ties to the even code, limited to the range; the
  /// lowest code for NaN.
  DETENT_HD std::int32_t code(T w) const noexcept {
    T const n = round_half_even(turns(w));
    T const low = static_cast<T>(lowest_), high = static_cast<T>(highest_);
    T const above = n > low ? n : low;
    return static_cast<std::int32_t>(above < high ? above : high);
  }

  /// The level nearest to w, ties to the even code, limited to the range. NaN stays NaN.
  DETENT_HD T nearest(T w) const noexcept {
    T const n = round_half_even(turns(w));
    return level_at(clip(n, static_cast<T>(lowest_), static_cast<T>(highest_)));
  }

  /// w in steps from the level of code 0: the argument of every periodic penalty, in turns.
  DETENT_HD T turns(T w) const noexcept { return fma(w, inverse_, -phase_); }

  /// w limited to [lowest, highest]. NaN stays NaN.
  DETENT_HD T confined(T w) const noexcept {
    return clip(w, level_at(static_cast<T>(lowest_)), level_at(static_cast<T>(highest_)));
  }

  /// The nearest code within the range, and the distance to its level in steps with more digits
  /// than `turns` can hold; beyond the ends the offset goes on growing.
  DETENT_HD grid_position<T> position(T w) const noexcept {
    T const n = round_half_even(turns(within(w)));
    return {number_of(n, w), offset_from(n + phase_, w)};
  }

  /// `position(w).offset` in half steps: twice as much for no instruction more.
  DETENT_HD T half_steps(T w) const noexcept {
    T const n = round_half_even(turns(within(w)));
    T const from_zero = fma(T(-2), n, T(-2) * phase_);
    return fma(w, T(2) * inverse_tail_, fma(w, T(2) * inverse_, from_zero));
  }

  /// The same on the grid continued without end: |offset| ≤ ½ up to rounding.
  DETENT_HD grid_position<T> unbounded_position(T w) const noexcept {
    T const n = round_half_even(turns(w));
    return {n, offset_from(n + phase_, w)};
  }

  /// Whether w lies between the outermost levels or on them; not so for NaN.
  DETENT_HD bool is_within(T w) const noexcept { return w == within(w); }

  /// Whether w lies beyond the outermost levels (or is NaN).
  DETENT_HD bool is_outside(T w) const noexcept {
    T const low = level_at(static_cast<T>(lowest_)), high = level_at(static_cast<T>(highest_));
    bool const above = w >= low, below = w <= high;
    return !(above & below);  // & has no branch
  }

  /// The grid stretched by `range`: unit grids span [-1, 1] or [0, 1], a layer's weights do not.
  /// Errors: invalid_argument unless range is finite and above 0.
  uniform scaled(detail::real range) const {
    detail::require_positive(range, "range");
    double const step = static_cast<double>(step_) + static_cast<double>(step_tail_);
    return {step_size(step * range), static_cast<double>(phase_), lowest_, highest_};
  }

  /// The same codes another step apart, for what is learned on a device, where nothing can throw: a
  /// step outside `min_step` to `max_step` makes every level NaN.
  DETENT_HD uniform with_step(double step) const noexcept {
    double const given = detail::rounded(step);
    double const checked = given >= min_step && given <= max_step ? given : __builtin_nan("");
    uniform g = *this;
    g.step_ = static_cast<T>(checked);
    g.step_tail_ = static_cast<T>(checked - static_cast<double>(g.step_));
    g.inverse_ = static_cast<T>(1.0 / checked);
    g.inverse_tail_ = static_cast<T>(lost_in(checked, static_cast<double>(g.inverse_)));
    return g;
  }

  /// The same grid for another compute type.
  template <class U>
  DETENT_HD constexpr uniform<U> as() const noexcept {
    return {*this, member_wise{}};
  }

 private:
  template <class U>
  friend class uniform;

  /// The step is a number by now: the multiplication that may have made it is not fused with the
  /// subtraction that finds its tail.
  struct as_number {};
  constexpr uniform(double step, double phase, int lowest_code, int highest_code,
                    as_number) noexcept
      : step_(static_cast<T>(step)),
        step_tail_(static_cast<T>(step - static_cast<double>(step_))),
        inverse_(static_cast<T>(1.0 / step)),
        inverse_tail_(static_cast<T>(residual(step, static_cast<double>(inverse_)))),
        phase_(static_cast<T>(phase)),
        lowest_(lowest_code),
        highest_(highest_code) {}

  /// Unlike a copy, which GCC does not take apart within a loop.
  struct member_wise {};
  template <class U, class Tag>
  DETENT_HD constexpr uniform(uniform<U> const& other, Tag) noexcept
      : step_(static_cast<T>(other.step_)),
        step_tail_(static_cast<T>(other.step_ - static_cast<U>(step_) + other.step_tail_)),
        inverse_(static_cast<T>(other.inverse_)),
        inverse_tail_(
            static_cast<T>(other.inverse_ - static_cast<U>(inverse_) + other.inverse_tail_)),
        phase_(static_cast<T>(other.phase_)),
        lowest_(other.lowest_),
        highest_(other.highest_) {}

  /// 1/step - inverse, to first order: what the reciprocal lost in rounding.
  static constexpr double residual(double step, double inverse) noexcept {
    if (!std::is_constant_evaluated()) return lost_in(step, inverse);
    // Dekker's product: exact without a fused multiply-add, which constant evaluation lacks. At run
    // time -ffast-math would undo it.
    constexpr double splitter = 134217729.0;
    double const a = splitter * step, a_high = a - (a - step), a_low = step - a_high;
    double const b = splitter * inverse, b_high = b - (b - inverse), b_low = inverse - b_high;
    double const product = step * inverse;
    double const error =
        ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    return ((1.0 - product) - error) / step;
  }

  DETENT_HD static double lost_in(double step, double inverse) noexcept {
    return fma(-step, inverse, 1.0) / step;
  }

  DETENT_HD T level_at(T code) const noexcept {
    T const n = code + phase_;
    return fma(n, step_, n * step_tail_);
  }

  /// `confined`, but for -0. On the host NaN stays NaN, by the order of the arguments; a device has
  /// an end in its place.
  DETENT_HD T within(T w) const noexcept {
    return smaller(level_at(static_cast<T>(highest_)),
                   larger(w, level_at(static_cast<T>(lowest_))));
  }

  /// The code n that was found for w, and NaN where a device has lost it.
  DETENT_HD static T number_of(T n, [[maybe_unused]] T w) noexcept {
#if DETENT_DEVICE_CODE
    return w == w ? n : w;
#else
    return n;
#endif
  }

  /// Distance of w from the level (code + phase)·step, in steps: the sum of code and phase is
  /// exact, so near a level the distance is accurate relative to itself.
  DETENT_HD T offset_from(T code_and_phase, T w) const noexcept {
    return fma(w, inverse_tail_, fma(w, inverse_, -code_and_phase));
  }

  T step_, step_tail_;
  T inverse_, inverse_tail_;
  T phase_;
  int lowest_, highest_;
};

uniform(step_size, double, int, int)->uniform<>;

}  // namespace detent::inline DETENT_ABI
