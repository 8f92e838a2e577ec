// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Post-training quantization: one set of weights, evaluated at a list of bits.

#include <vector>

#include <trainer/report/result.hpp>

namespace detent_trainer {

struct dataset;
class model;
class quantization;
struct settings;

/// Accuracies of the weights as they are, after no more than rounding: one for each of `s.ptq`.
///
/// Weights go to symmetric levels with a zero (WRPN's), activations to levels from 0. Every layer's
/// ranges go by `s.range`, those of activations on the first training images and in full
/// precision. Where the method itself quantizes, what it would round is rounded. Bits of the
/// first and the last layer go by `s.first_last`. The model is then what it was.
std::vector<post_training_result> post_training_accuracies(model& m, quantization& method,
                                                           const settings& s, const dataset& data);

}  // namespace detent_trainer
