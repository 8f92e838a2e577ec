// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// waveq: the sinusoid whose period is a learnable bit-width.

#include <detent/config.hpp>
#include <detent/grid/period.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/sinusoid.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <detent/regularizer/term.hpp>

namespace detent::inline DETENT_ABI {

/// What a `waveq` learns.
enum class learns {
  bit_width,            ///< theta[0] = ∂/∂β
  bit_width_and_range,  ///< theta[0] = ∂/∂β, theta[1] = ∂/∂c
};

/// 2^(-kβ)·sin²(πu), u = w f(β)/c - φ: a penalty of the weights and of the bit-width itself.
///
///     value   = A sin²(πu)                                 A = 2^(-kβ)
///     slope   = A π (f/c) sin(2πu)
///     ∂/∂β    = A [π w (f′/c) sin(2πu) - k ln2 sin²(πu)]
///     ∂/∂c    = -A π (w f/c²) sin(2πu)
///
/// Beyond the range, v = |w| - c of the weight out, value gains A (π v f/c)²: weights are drawn
/// back to the range. At an integer bit-width this is `sinusoidal` on the grid of that width.
/// Order 1 is the method: the pull on β neither explodes (order 0) nor vanishes (order 2) with
/// the bit-width. The papers take the mean over a layer: `scale = λ/N`.
///
/// Accuracy: see `penalty_ulp_bound`; NaN gives NaN. noexcept, pure.
/// Source: Elthakeb et al., "WaveQ", arXiv:2003.00146, eq. 2 and 3.
template <bit_convention Convention = bit_convention::waveq, int Order = 1,
          extent Extent = extent::bounded, learns Learns = learns::bit_width>
class waveq {
  static_assert(Order >= 0 && Order <= 2, "the order is 0, 1 or 2");

 public:
  static constexpr int parameters = Learns == learns::bit_width ? 1 : 2;

  explicit waveq(period<Convention> const& p)
      : period_(p), grid_(p.step(), p.phase(), 0, 0), height_(height_of(p)), decay_(decay_of(p)) {}

  period<Convention> const& of() const noexcept { return period_; }

  /// The same with what has been learned, for a device: bit for bit what the constructor makes of
  /// it. Where the constructor throws, a bit-width counts as the nearest of its limits, and all
  /// else makes values and derivatives NaN (`period::moved_to`, `uniform::with_step`).
  DETENT_HD waveq rebuilt(double bit_width, double range) const noexcept {
    waveq r = *this;
    r.period_ = period_.moved_to(bit_width, range);
    r.grid_ = grid_.with_step(1.0 / r.period_.frequency());
    r.height_ = height_of(r.period_);
    r.decay_ = decay_of(r.period_);
    return r;
  }
  DETENT_HD waveq rebuilt(double bit_width) const noexcept {
    return rebuilt(bit_width, period_.range());
  }

  template <class T>
  DETENT_HD term<T, parameters> operator()(T w) const noexcept {
    auto t = unscaled(w);
    auto const f = factors();
    t.value *= static_cast<T>(f.value);
    t.slope *= static_cast<T>(f.slope);
    for (int p = 0; p < parameters; ++p)
      t.theta[p] *= static_cast<T>(f.theta[p]);
    return t;
  }

  /// `sinusoid_or_parabola`, and the derivatives in its units: what the factors make a penalty.
  template <class T>
  DETENT_HD term<T, parameters> unscaled(T w) const noexcept {
    T const confined = limited(w);
    T const offset = grid_.template as<T>().unbounded_position(confined).offset;
    T const x = T(2) * (offset - round_half_even(offset));
    auto const s = sinusoid_or_parabola(x, x);
    T const beyond = w - confined;
    T const v = beyond * static_cast<T>(2 / grid_.step());
    term<T, parameters> t;
    t.value = fma(v, v, s.square);
    t.slope = v + keep_if(is_inside(beyond), s.sine);
    T const by_period = fma(v, beyond, confined * s.sine);
    t.theta[0] = fma(static_cast<T>(-decay_), t.value, by_period);
    if constexpr (parameters == 2) t.theta[1] = w * t.slope;
    return t;
  }

  DETENT_HD term<double, parameters> factors() const noexcept {
    double const slope = height_ * pi * pi / grid_.step();
    term<double, parameters> f{};
    f.value = height_ * (pi / 2) * (pi / 2);
    f.slope = slope;
    f.theta[0] = height_ * pi * pi * period_.slope();
    if constexpr (parameters == 2) f.theta[1] = -slope / period_.range();
    return f;
  }

 private:
  static constexpr double pi = 3.14159265358979323846;
  static constexpr double ln2 = 0.69314718055994530942;

  DETENT_HD static double height_of(period<Convention> const& p) noexcept {
    return powers_of_two(Order * p.bit_width()).down;
  }
  DETENT_HD static double decay_of(period<Convention> const& p) noexcept {
    return Order * ln2 / (4.0 * p.slope());
  }

  template <class T>
  DETENT_HD T limited(T w) const noexcept {
    if constexpr (Extent == extent::periodic) return w;
    return clip(w, static_cast<T>(period_.lowest()), static_cast<T>(period_.highest()));
  }
  template <class T>
  DETENT_HD static bool is_inside(T beyond) noexcept {
    if constexpr (Extent == extent::periodic) return true;
    return beyond == T(0);
  }

  period<Convention> period_;
  uniform<double> grid_;  // only its step and phase count
  double height_;
  double decay_;
};

template <bit_convention Convention>
waveq(period<Convention> const&) -> waveq<Convention>;

static_assert(factored_regularizer<waveq<>>);
static_assert(factored_regularizer<
              waveq<bit_convention::dorefa, 2, extent::periodic, learns::bit_width_and_range>>);

}  // namespace detent::inline DETENT_ABI
