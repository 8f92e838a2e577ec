// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Which shares of a gap between accuracies are printed: those of a gap above its noise.

#include <cstddef>
#include <span>

namespace detent_trainer {

/// Two standard errors of the difference of two mean accuracies.
///
///     noise = 2 √(e(a)² + e(b)²)
///     e(x)  = max( s(x)/√n,  √(max(p (1 - p), 1/N) / (n N)) )
///
/// where n counts the seeds, s is the sample standard deviation over them, p the mean and N the
/// number of test images. The binomial term is the least that a finite test set leaves uncertain:
/// it stands in for s where there is one seed, and where seeds agree by chance.
/// @param  a            one accuracy a seed, fractions
/// @param  b            the same of the other network
/// @param  test_images  N; 0 where it is not known
/// @return a fraction; infinity where nothing is known about it: no seeds, or one seed and no N
double gap_noise(std::span<const double> a, std::span<const double> b, std::size_t test_images);

/// gain / gap where the gap is above its noise; NaN, "not printed", otherwise.
///
/// A share of a gap within the noise is a quotient of two accidents. It has no upper limit.
/// @param  gain   part of the gap, in the unit of the gap; may be negative
/// @param  gap    the whole; no share where it is not positive
/// @param  noise  of the gap, as of `gap_noise`
double share_of_gap(double gain, double gap, double noise);

}  // namespace detent_trainer
