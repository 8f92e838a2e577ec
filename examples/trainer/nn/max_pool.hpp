// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Maximum over windows of 2 x 2 pixels.

#include <trainer/nn/layer.hpp>

namespace detent_trainer {

/// Halves height and width; an odd last row or column is left out.
///
/// The gradient goes to the maximum of a window, and to the first one where several are equal.
class max_pool : public layer {
 public:
  image_shape output_shape(image_shape input) const override;
  const tensor& forward(const tensor& input, bool) override;
  const tensor& backward(const tensor& upstream) override;

 private:
  template <class F>
  void for_each_row(const tensor& input, tensor& output, F f);
  void spread(const float* dy, const float* y, int image);

  // The conditions are arithmetic on 0 and 1 so that the loop vectorizes.
  static void spread_row(const float* dy, const float* y, const float* top, const float* bottom,
                         float* top_gradient, float* bottom_gradient, int width);

  const tensor* input_ = nullptr;
  tensor output_;
  tensor gradient_;
};

}  // namespace detent_trainer
