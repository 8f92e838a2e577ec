// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The loss and the count of right answers.

#include <span>

#include <trainer/nn/tensor.hpp>

namespace detent_trainer {

/// What one batch says of a model.
struct batch_result {
  double loss = 0;  ///< mean over the batch
  int correct = 0;  ///< images whose largest output is that of their label
};

/// Mean over the batch of -log softmax(outputs)[label].
///
/// @param  outputs   one image's outputs for every class, before the softmax
/// @param  labels    one for each image
/// @param  gradient  receives the gradient by the outputs; null where only the value is wanted
batch_result softmax_cross_entropy(const tensor& outputs, std::span<const int> labels,
                                   tensor* gradient);

}  // namespace detent_trainer
