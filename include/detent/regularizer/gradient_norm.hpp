// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// gradient_norm: the ℓ1, ℓ2 or ℓ∞ norm of a gradient, and the direction in which it grows.

#include <cmath>
#include <detent/config.hpp>
#include <detent/math/rounding.hpp>
#include <detent/regularizer/term.hpp>
#include <detent/statistic/norms.hpp>

namespace detent::inline DETENT_ABI {

/// Which norm.
enum class norm {
  l1,       ///< Σ|g|: bounds what rounding every weight by up to half a step does to the loss
  l2,       ///< √Σg²
  maximum,  ///< max|g|
};

/// The norm of a tensor of gradients g as a regularizer of its elements: values add up to ‖g‖, and
/// slopes are v = ∂‖g‖/∂g.
///
///     ℓ1   |g|                   v = sign g, 0 at 0
///     ℓ2   g²/‖g‖                v = g/‖g‖, 0 where ‖g‖ < 2^-126
///     ℓ∞   max|g| shared         v = sign g, shared, where |g| is the largest; else 0
///
/// As the norm is a penalty λ‖∇E‖ of the weights, its gradient is H v with v held constant, one
/// Hessian-vector product for all layers: `accumulate` of training/gradient_penalty.hpp makes it
/// for any trainer. By itself the functor gives value and v of gradients of any kind, those of
/// activations too:
///
///     gradient_norm<norm::l2> const n{reduce(norms{}, g)};     penalty(n, g)
///
/// ℓ1 needs no statistic. Where several elements attain ℓ∞ (as the two outputs of a softmax do),
/// each gets its share, if the statistic has counted them.
/// NaN gives a NaN value. noexcept, pure.
/// Source: Alizadeh et al., "Gradient ℓ1 Regularization for Quantization Robustness",
/// arXiv:2002.07520.
template <norm Norm>
class gradient_norm {
 public:
  static constexpr int parameters = 0;
  static constexpr bool needs_an_oracle = true;

  /// Of a gradient of zeros; for ℓ1 of any.
  constexpr gradient_norm() noexcept = default;

  explicit gradient_norm(norms const& of) noexcept : value_(norm_of(of)) {
    // Where float has lost the norm there is no direction.
    constexpr double smallest = 0x1p-126;
    if (Norm == norm::l2) share_ = value_ < smallest ? 0 : 1 / value_;
    if (Norm == norm::maximum) share_ = 1 / larger(of.counted(), 1.0);
    direction_ = direction_of(of);
  }

  /// ‖g‖ of what was observed.
  double value() const noexcept { return value_; }
  /// ‖v‖₂.
  double direction() const noexcept { return direction_; }

  template <class T>
  DETENT_HD term<T> operator()(T g) const noexcept {
    T const share = static_cast<T>(share_);
    if constexpr (Norm == norm::l1) {
      return {absolute(g), flip_sign(keep_if(g != T(0), T(1)), g)};
    } else if constexpr (Norm == norm::l2) {
      // The product as an fma: -ffast-math would square g first, and lose a small one.
      T const slope = g * share;
      return {fma(slope, g, T(-0.0)), slope};
    } else {
      bool const attains = absolute(g) == static_cast<T>(value_);
      T const slope = flip_sign(keep_if(g != T(0), share), g);
      T const value = static_cast<T>(value_ * share_);
      return {keep_if(attains, value) + keep_if(g != g, g), keep_if(attains, slope)};
    }
  }

 private:
  static double norm_of(norms const& of) noexcept {
    if (Norm == norm::l1) return of.l1();
    return Norm == norm::l2 ? of.l2() : of.maximum();
  }

  double direction_of(norms const& of) const noexcept {
    if (Norm == norm::l1) return std::sqrt(of.nonzero());
    if (Norm == norm::l2) return value_ * share_;
    return value_ > 0 ? std::sqrt(share_) : 0;
  }

  double value_ = 0;
  double share_ = 0;
  double direction_ = 0;
};

static_assert(regularizer<gradient_norm<norm::l1>> && regularizer<gradient_norm<norm::l2>> &&
              regularizer<gradient_norm<norm::maximum>>);

}  // namespace detent::inline DETENT_ABI
