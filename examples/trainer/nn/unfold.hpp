// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Image to columns and back: a convolution as a matrix product.

#include <trainer/image_shape.hpp>

namespace detent_trainer {

/// A square window that walks over an image.
struct window {
  int side = 3;
  int stride = 1;
  int padding = 0;  ///< rows and columns of zeros around the image

  int outputs(int inputs) const { return (inputs + 2 * padding - side) / stride + 1; }

  /// Rows of the unfolded image.
  int taps(image_shape image) const { return image.channels * side * side; }

  /// Columns of the unfolded image.
  int positions(image_shape image) const { return outputs(image.height) * outputs(image.width); }
};

/// Writes, for every tap of the window, a row with the pixels under it at all positions.
///
///     columns[(channel, tap_y, tap_x)][(y, x)] = image[channel][y·stride + tap_y - padding][…]
///
/// @param  column_stride  distance of the rows, at least w.positions(shape)
void unfold(const float* image, image_shape shape, window w, float* columns, int column_stride);

/// Adds every entry of the columns to the pixel that it came from: the transpose of unfold.
void fold(const float* columns, int column_stride, image_shape shape, window w, float* image);

}  // namespace detent_trainer
