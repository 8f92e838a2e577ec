// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Random initial weights.

#include <cstdint>

#include <trainer/nn/parameter.hpp>

namespace detent_trainer {

/// A normal number of mean 0 and deviation 1 that depends on its three arguments alone.
///
///     sqrt(-2 log u) cos(2 pi v),  u in (0, 1] and v in [0, 1) on 53 bits    (Box and Muller)
///
/// The distributions of the standard library differ from one library to the next.
double normal_number(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

/// Fills a weight with normal numbers of deviation sqrt(1 / (3 fan_in)).
///
/// He's sqrt(2 / fan_in) starts networks without normalization so steep that gradient descent with
/// momentum at usual rates loses its first epochs; this one is the customary start of such
/// networks.
void initialize_weight(parameter& weight, std::uint64_t seed, std::uint64_t stream);

}  // namespace detent_trainer
