// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// fitted_rounding: where the levels of a layer are to be.

#include <detent/quantizer/rounding.hpp>
#include <vector>

namespace cuda_mlp {

/// Rounding to 2^bits levels around 0, over the range that rounds the weights with the least
/// squared error. On the host, by the host's compiler: it goes through the weights 80 times, once a
/// training.
detent::rounding fitted_rounding(int bits, std::vector<float> const& weights);

}  // namespace cuda_mlp
