// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// A batch of images, or of feature vectors, in one contiguous buffer.

#include <cstddef>
#include <vector>

#include <trainer/image_shape.hpp>

namespace detent_trainer {

/// n images of c channels, h rows and w columns, row-major in this order (NCHW).
///
/// A batch of vectors has h = w = 1 or is simply read as features() numbers an image, so that no
/// layer is needed to flatten.
struct tensor {
  int n = 0;
  int c = 0;
  int h = 1;
  int w = 1;
  std::vector<float> data;

  int pixels() const { return h * w; }
  int features() const { return c * h * w; }
  std::size_t size() const {
    return static_cast<std::size_t>(n) * static_cast<std::size_t>(features());
  }
  image_shape shape() const { return {c, h, w}; }

  /// The first number of image i.
  float* image(int i) { return data.data() + std::ptrdiff_t{i} * features(); }
  const float* image(int i) const { return data.data() + std::ptrdiff_t{i} * features(); }

  /// Takes a new shape; the content is unspecified. Memory is kept, so that a training loop
  /// allocates in its first step only.
  void resize(int images, int channels, int height = 1, int width = 1) {
    n = images;
    c = channels;
    h = height;
    w = width;
    data.resize(size());
  }
  void resize(int images, image_shape image) {
    resize(images, image.channels, image.height, image.width);
  }
  void resize_like(const tensor& other) { resize(other.n, other.c, other.h, other.w); }
};

}  // namespace detent_trainer
