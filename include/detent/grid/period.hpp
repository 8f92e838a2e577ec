// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// period: the step of a grid as a function of a real, learnable bit-width.

#include <cmath>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/bits.hpp>
#include <detent/grid/convention.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/rounding.hpp>

namespace detent::inline DETENT_ABI {

/// How many periods a unit of weight holds at the bit-width β: f(β). At an integer bit-width the
/// minima are the levels of the grid named.
enum class bit_convention {
  waveq,          ///< 2^β - 1, β without the sign: `wrpn_grid` of β + 1 bits (the paper's form)
  wrpn,           ///< 2^(β-1) - 1: `wrpn_grid`
  dorefa,         ///< (2^β - 1)/2, levels between the multiples of the step: `dorefa_grid`
  unsigned_unit,  ///< 2^β - 1 on [0, 1]: `unit_grid`
};

/// The period of a bit-width under a convention, with its derivative.
///
///     u = w·frequency() - phase()        argument of the sinusoid, in turns
///
/// Source: Elthakeb et al., "WaveQ", arXiv:2003.00146, eq. 2 (convention `waveq`).
template <bit_convention Convention = bit_convention::waveq>
class period {
 public:
  /// Bit-widths for which there is a grid.
  static constexpr double min_bit_width = Convention == bit_convention::wrpn ? 2.0 : 1.0;
  static constexpr double max_bit_width =
      Convention == bit_convention::waveq ? max_bits - 1.0 : max_bits;

  /// @param  bit_width  β, min_bit_width to max_bit_width
  /// @param  range      c, the magnitude of the outermost level, in units of the weight
  /// Errors: invalid_argument for a bit-width outside its limits, a range that is not positive, or
  /// one so small or large that its levels have no `step_size`.
  explicit period(detail::real bit_width, detail::real range = 1.0)
      : bit_width_(bit_width), range_(range) {
    if (!detail::is_finite(bit_width) || bit_width < min_bit_width || bit_width > max_bit_width) {
      detail::fail("bit-width", "is " + detail::text(bit_width) + "; allowed are " +
                                    detail::text(min_bit_width) + " to " +
                                    detail::text(max_bit_width));
    }
    detail::require_positive(range, "range");
    (void)step();
  }

  /// Another bit-width and range, for what is learned on a device, where nothing can throw: a
  /// bit-width beyond its limits counts as the limit; a NaN, and a range that is not above 0, make
  /// everything NaN.
  DETENT_HD period moved_to(double bit_width, double range) const noexcept {
    period p = *this;
    bool const is_number = bit_width == bit_width;
    p.bit_width_ = clip(is_number ? bit_width : min_bit_width, min_bit_width, max_bit_width);
    p.range_ = is_number && range > 0 ? range : __builtin_nan("");
    return p;
  }

  DETENT_HD double bit_width() const noexcept { return bit_width_; }
  DETENT_HD double range() const noexcept { return range_; }
  /// f(β)/c, periods per unit of weight.
  DETENT_HD double frequency() const noexcept {
    return halved(powers_of_two(octaves()).up - 1.0) / range_;
  }
  /// Distance of the minima, c/f(β).
  step_size step() const { return step_size(1.0 / frequency()); }
  /// f′(β)/c, its derivative by the bit-width.
  DETENT_HD double slope() const noexcept {
    return halved(ln2 * powers_of_two(octaves()).up) / range_;
  }
  /// Offset of the minima from the multiples of the period, in turns.
  static constexpr double phase() noexcept { return is_dorefa ? 0.5 : 0.0; }
  /// Ends of the range, where the outermost levels lie.
  DETENT_HD double lowest() const noexcept {
    return Convention == bit_convention::unsigned_unit ? 0.0 : -range_;
  }
  DETENT_HD double highest() const noexcept { return range_; }
  /// ⌈β⌉, sign included: what the weights cost once the bit-width is frozen.
  detent::bits bits() const {
    int const sign = Convention == bit_convention::waveq ? 1 : 0;
    return detent::bits(static_cast<int>(std::ceil(bit_width_)) + sign);
  }
  /// The grid at ⌈β⌉: what the bit-width is frozen to.
  uniform<double> grid() const { return unit_levels().scaled(range_); }

 private:
  static constexpr double ln2 = 0.69314718055994530942;
  static constexpr bool is_dorefa = Convention == bit_convention::dorefa;

  DETENT_HD double octaves() const noexcept {
    return Convention == bit_convention::wrpn ? bit_width_ - 1.0 : bit_width_;
  }
  DETENT_HD static constexpr double halved(double x) noexcept { return is_dorefa ? 0.5 * x : x; }

  uniform<double> unit_levels() const {
    if constexpr (is_dorefa) {
      return dorefa_grid(bits());
    } else if constexpr (Convention == bit_convention::unsigned_unit) {
      return unit_grid(bits());
    } else {
      return wrpn_grid(bits());
    }
  }

  double bit_width_;
  double range_;
};

}  // namespace detent::inline DETENT_ABI
