// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// kurtosis: KURE, which draws the distribution of a tensor's weights towards the uniform one.

#include <cmath>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/math/rounding.hpp>
#include <detent/regularizer/term.hpp>
#include <detent/statistic/moments.hpp>
#include <limits>

namespace detent::inline DETENT_ABI {

/// (Kurt(W) - target)²: a two-step regularizer, a statistic and the functor made of it.
///
///     kurtosis const reg{reduce(moments{}, w)};        then accumulate(reg, w, g, λ)
///
///     Kurt    = m₄/m₂²                                 population moments
///     ∂Kurt/∂w = (4/(N σ)) [z³ - Kurt·z - m₃/σ³]       z = (w - μ)/σ
///
/// The penalty is no sum over the weights. So each weight's `value` is the penalty divided by N:
/// over the tensor that was observed they add up to it. The `slope` is the exact derivative of the
/// whole penalty by the weight, through the moments too. They are those of the weights as they
/// were: make the functor anew in every step, and one for each tensor or channel.
///
/// Where all weights are equal, or there are none, the kurtosis does not exist: penalty and slopes
/// are then 0 (`is_degenerate`), so that an untrained or pruned layer stops no training. For
/// weights far from zero pass `moments` an origin near their mean. A weight that is not finite
/// makes the penalty and all slopes NaN. Source: Shkolnik et al., "Robust Quantization: One Model
/// to Rule Them All", arXiv:2002.07686.
class kurtosis {
 public:
  static constexpr int parameters = 0;
  /// That of a uniform distribution.
  static constexpr double uniform_target = 1.8;
  /// Weights whose variance is below this share of their squared mean count as equal: they differ
  /// by less than the spacing of floats.
  static constexpr double degenerate_share = 0x1p-46;
  /// And so do those whose variance is below this, whose slopes no float could hold.
  static constexpr double least_variance = 0x1p-200;

  /// @param  of      the moments of the weights that the functor will see
  /// @param  target  the kurtosis to reach: 1.8 for uniform weights; 1 is the least there is
  /// Errors: invalid_argument for a target that is not finite or below 1.
  explicit kurtosis(moments const& of, detail::real target = uniform_target) {
    if (!detail::is_finite(target) || target < 1) {
      detail::fail("target kurtosis",
                   "is " + detail::text(target) + "; a finite number of 1 or above is needed");
    }
    double const variance = of.variance(), mean = of.mean(), fourth = of.fourth();
    if (!detail::is_finite(variance) || !detail::is_finite(mean) || !detail::is_finite(fourth)) {
      // The factors stay finite: what is NaN comes from the weights, and is no bad argument.
      kurtosis_ = share_ = value_ = not_a_number;
      return;
    }
    degenerate_ = is_equal(variance, mean);
    if (degenerate_) return;
    double const sigma = std::sqrt(variance), count = static_cast<double>(of.count());
    inverse_ = 1 / sigma;
    centre_ = mean * inverse_;
    skewness_ = of.third() / (variance * sigma);
    kurtosis_ = of.kurtosis();
    double const excess = kurtosis_ - target;
    value_ = excess * excess;
    factors_ = {value_ / count, 8 * excess / (count * sigma)};
  }

  /// (Kurt - target)², what the penalty of the observed tensor comes to.
  double value() const noexcept { return value_; }
  /// Kurt(W); 0 where it does not exist.
  double of_weights() const noexcept { return kurtosis_; }
  /// Whether there is no kurtosis, and the penalty is 0.
  bool is_degenerate() const noexcept { return degenerate_; }

  template <class T>
  DETENT_HD term<T> operator()(T w) const noexcept {
    auto const t = unscaled(w);
    return {static_cast<T>(factors_.value) * t.value, static_cast<T>(factors_.slope) * t.slope};
  }

  /// 1 and z³ - Kurt·z - m₃/σ³: what the factors make a share of the penalty and its slope.
  template <class T>
  DETENT_HD term<T> unscaled(T w) const noexcept {
    T const z = fma(w, static_cast<T>(inverse_), -static_cast<T>(centre_));
    T const inner = fma(z, z, -static_cast<T>(kurtosis_));
    return {static_cast<T>(share_) + keep_if(w != w, w), fma(z, inner, -static_cast<T>(skewness_))};
  }

  DETENT_HD term<double> factors() const noexcept { return factors_; }

 private:
  static bool is_equal(double variance, double mean) noexcept {
    return variance <= degenerate_share * mean * mean || variance < least_variance;
  }

  static constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

  double inverse_ = 0, centre_ = 0, skewness_ = 0, kurtosis_ = 0;
  double share_ = 1;  // NaN where the moments are
  double value_ = 0;
  bool degenerate_ = false;
  term<double> factors_{0, 0};
};

static_assert(factored_regularizer<kurtosis>);

}  // namespace detent::inline DETENT_ABI
