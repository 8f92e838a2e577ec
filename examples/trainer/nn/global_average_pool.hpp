// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Mean of every channel over its pixels.

#include <trainer/nn/layer.hpp>

namespace detent_trainer {

/// One number a channel: its mean.
class global_average_pool : public layer {
 public:
  image_shape output_shape(image_shape input) const override { return {input.channels, 1, 1}; }

  const tensor& forward(const tensor& input, bool) override;
  const tensor& backward(const tensor& upstream) override;

 private:
  tensor output_;
  tensor gradient_;
};

}  // namespace detent_trainer
