// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The loss and the count of right answers.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include <trainer/error.hpp>
#include <trainer/nn/tensor.hpp>

namespace detent_trainer {

/// What one batch says of a model.
struct batch_result {
  double loss = 0;  ///< mean over the batch
  int correct = 0;  ///< images whose largest output is that of their label
};

namespace loss_detail {

template <class Labels>
void check_labels(const tensor& outputs, const Labels& labels) {
  if (labels.size() != static_cast<std::size_t>(outputs.n)) {
    throw error("labels: " + std::to_string(labels.size()) + " given for a batch of " +
                std::to_string(outputs.n) + " images");
  }
  for (const auto label : labels) {
    if (static_cast<int>(label) >= 0 && static_cast<int>(label) < outputs.features()) continue;
    throw error("labels: " + std::to_string(static_cast<int>(label)) + " is not in [0, " +
                std::to_string(outputs.features() - 1) + "]");
  }
}

}  // namespace loss_detail

/// Mean over the batch of -log softmax(outputs)[label].
///
/// @param  outputs   one image's outputs for every class, before the softmax
/// @param  labels    a range of integers with size() and operator[]
/// @param  gradient  receives the gradient by the outputs; null where only the value is wanted
template <class Labels>
batch_result softmax_cross_entropy(const tensor& outputs, const Labels& labels, tensor* gradient) {
  loss_detail::check_labels(outputs, labels);
  batch_result result;
  if (outputs.n == 0) return result;
  if (gradient != nullptr) gradient->resize_like(outputs);
  const int classes = outputs.features();
  for (int i = 0; i < outputs.n; ++i) {
    const float* z = outputs.image(i);
    const auto label = static_cast<int>(labels[static_cast<std::size_t>(i)]);
    const float* largest = std::max_element(z, z + classes);
    double sum = 0;
    for (int k = 0; k < classes; ++k)
      sum += std::exp(static_cast<double>(z[k]) - *largest);
    result.loss += std::log(sum) + *largest - z[label];
    result.correct += largest == z + label ? 1 : 0;
    if (gradient == nullptr) continue;
    for (int k = 0; k < classes; ++k) {
      const double probability = std::exp(static_cast<double>(z[k]) - *largest) / sum;
      gradient->image(i)[k] =
          static_cast<float>((probability - (k == label ? 1.0 : 0.0)) / outputs.n);
    }
  }
  result.loss /= outputs.n;
  return result;
}

}  // namespace detent_trainer
