// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// rounding: the nearest level of any uniform grid, and the base of the quantizers that round.

#include <cstdint>
#include <detent/config.hpp>
#include <detent/grid/domain.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/quantizer/quantizer.hpp>

namespace detent::inline DETENT_ABI {

/// What the straight-through gradient does beyond the outermost levels.
enum class outside {
  stops,   ///< 0 there: the quantizer clips
  passes,  ///< as inside: the domain cannot leave the range, or is not clipped
};

/// gain·nearest(d(w)): rounding on a grid, seen through a domain, with the straight-through
/// estimator as its derivative.
///
///     ŵ = gain · ⌊d(w)⌉          ∂ŵ/∂w := gain · d′(w) · [lowest ≤ d(w) ≤ highest]
///
/// Source of the estimator: Bengio et al., arXiv:1308.3432.
template <domain Domain, outside Outside>
class rounding_through {
 public:
  static constexpr int parameters = 0;

  /// Errors: invalid_argument unless gain is finite and above 0.
  rounding_through(uniform<double> const& grid, Domain d, detail::real gain)
      : grid_(grid), domain_(d), gain_(gain) {
    detail::require_positive(gain, "gain");
  }

  /// The grid in the domain's coordinate; level n comes out as gain·grid().level(n).
  DETENT_HD uniform<double> const& grid() const noexcept { return grid_; }
  DETENT_HD Domain domain() const noexcept { return domain_; }
  DETENT_HD double gain() const noexcept { return gain_; }

  template <class T>
  DETENT_HD T operator()(T w) const noexcept {
    return static_cast<T>(gain_) * grid_.template as<T>().nearest(domain_(w).value);
  }

  template <class T>
  DETENT_HD std::int32_t code(T w) const noexcept {
    return grid_.template as<T>().code(domain_(w).value);
  }

  /// What would come out without rounding and clipping: gain·d(w).
  template <class T>
  DETENT_HD T unrounded(T w) const noexcept {
    return static_cast<T>(gain_) * domain_(w).value;
  }

  template <class T>
  DETENT_HD pullback<T> backward(T w, T upstream) const noexcept {
    auto const x = domain_(w);
    T const straight = static_cast<T>(gain_) * x.slope * upstream;
    if constexpr (Outside == outside::passes) return {straight};
    return {keep_if(!grid_.template as<T>().is_outside(x.value), straight)};
  }

 protected:
  /// For quantizers whose step is learned on a device.
  DETENT_HD void change_step(double step) noexcept { grid_ = grid_.with_step(step); }

 private:
  uniform<double> grid_;
  [[no_unique_address]] Domain domain_;
  double gain_;
};

/// Plain uniform rounding: the nearest level, clipped; the gradient passes between the outermost
/// levels and stops beyond them.
class rounding : public rounding_through<identity_domain, outside::stops> {
 public:
  explicit rounding(uniform<double> const& grid) : rounding_through(grid, {}, 1.0) {}
};

static_assert(quantizer<rounding>);

}  // namespace detent::inline DETENT_ABI
