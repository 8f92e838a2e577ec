// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Softmax and cross-entropy in double, image by image.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include <trainer/error.hpp>
#include <trainer/nn/loss.hpp>
#include <trainer/nn/tensor.hpp>

namespace detent_trainer {

namespace {

void check_labels(const tensor& outputs, std::span<const int> labels) {
  if (labels.size() != static_cast<std::size_t>(outputs.n)) {
    throw error("labels: " + std::to_string(labels.size()) + " given for a batch of " +
                std::to_string(outputs.n) + " images");
  }
  for (const int label : labels) {
    if (label >= 0 && label < outputs.features()) continue;
    throw error("labels: " + std::to_string(label) + " is not in [0, " +
                std::to_string(outputs.features() - 1) + "]");
  }
}

}  // namespace

batch_result softmax_cross_entropy(const tensor& outputs, std::span<const int> labels,
                                   tensor* gradient) {
  check_labels(outputs, labels);
  batch_result result;
  if (outputs.n == 0) return result;
  if (gradient != nullptr) gradient->resize_like(outputs);
  const int classes = outputs.features();
  for (int i = 0; i < outputs.n; ++i) {
    const float* z = outputs.image(i);
    const int label = labels[static_cast<std::size_t>(i)];
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
