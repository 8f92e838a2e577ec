// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Derivatives by central differences, with the bound that follows from the function.

#include <cmath>

namespace detent_test {

/// A difference quotient and the bound on its distance from the derivative.
struct difference {
  double slope;
  double bound;
};

/// (f(x + h) - f(x - h))/(2h), h rounded down to a power of two: x ± h are exact where x is a
/// float.
///
///     |quotient - f′(x)| ≤ h² M₃/6 + E/h
///
/// @param  f            a function of double
/// @param  third        M₃: bound of |f‴| on [x - h, x + h]; where f″ has corners, its Lipschitz
///                      constant
/// @param  value_error  E: bound of the absolute error of f at x ± h
/// @param  h            the distance; `difference_distance` gives the one with the least bound
template <class F>
difference central_difference(F const& f, double x, double third, double value_error, double h) {
  int exponent = 0;
  static_cast<void>(std::frexp(h, &exponent));
  double const distance = std::ldexp(1.0, exponent - 1);
  double const slope = (f(x + distance) - f(x - distance)) / (2 * distance);
  return {slope, distance * distance * third / 6 + value_error / distance};
}

/// The distance h = ∛(3E/M₃) at which the bound of `central_difference` is least.
inline double difference_distance(double third, double value_error) {
  return std::cbrt(3 * value_error / third);
}

}  // namespace detent_test
