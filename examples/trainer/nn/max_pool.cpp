// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Maxima of windows row by row, and where their gradients go.

#include <algorithm>

#include <trainer/nn/max_pool.hpp>
#include <trainer/nn/parallel.hpp>

namespace detent_trainer {

image_shape max_pool::output_shape(image_shape input) const {
  return {input.channels, input.height / 2, input.width / 2};
}

const tensor& max_pool::forward(const tensor& input, bool) {
  input_ = &input;
  output_.resize(input.n, output_shape(input.shape()));
  for_each_row(input, output_, [](const float* top, const float* bottom, float* y, int width) {
    const auto larger = [](float a, float b) { return a > b ? a : b; };
    for (int i = 0; i < width; ++i) {
      y[i] = larger(larger(top[2 * i], top[2 * i + 1]), larger(bottom[2 * i], bottom[2 * i + 1]));
    }
  });
  return output_;
}

const tensor& max_pool::backward(const tensor& upstream) {
  gradient_.resize_like(*input_);
  for_each_shard(upstream.n, threads_, [&](int begin, int end, int) {
    for (int i = begin; i < end; ++i)
      spread(upstream.image(i), output_.image(i), i);
  });
  return gradient_;
}

template <class F>
void max_pool::for_each_row(const tensor& input, tensor& output, F f) {
  for_each_shard(input.n, threads_, [&](int begin, int end, int) {
    for (int i = begin; i < end; ++i) {
      for (int channel = 0; channel < input.c; ++channel) {
        const float* x = input.image(i) + channel * input.pixels();
        float* y = output.image(i) + channel * output.pixels();
        for (int row = 0; row < output.h; ++row) {
          const float* top = x + 2 * row * input.w;
          f(top, top + input.w, y + row * output.w, output.w);
        }
      }
    }
  });
}

void max_pool::spread(const float* dy, const float* y, int image) {
  const tensor& input = *input_;
  if (input.h % 2 != 0 || input.w % 2 != 0) {
    std::fill_n(gradient_.image(image), input.features(), 0.0F);
  }
  for (int channel = 0; channel < input.c; ++channel) {
    const float* x = input.image(image) + channel * input.pixels();
    float* dx = gradient_.image(image) + channel * input.pixels();
    for (int row = 0; row < output_.h; ++row) {
      const int top = 2 * row * input.w;
      spread_row(dy, y, x + top, x + top + input.w, dx + top, dx + top + input.w, output_.w);
      dy += output_.w;
      y += output_.w;
    }
  }
}

void max_pool::spread_row(const float* dy, const float* y, const float* top, const float* bottom,
                          float* top_gradient, float* bottom_gradient, int width) {
  for (int i = 0; i < width; ++i) {
    const int first = top[2 * i] == y[i];
    const int second = (top[2 * i + 1] == y[i]) & ~first;
    const int third = (bottom[2 * i] == y[i]) & ~(first | second);
    const int fourth = 1 & ~(first | second | third);
    top_gradient[2 * i] = dy[i] * static_cast<float>(first);
    top_gradient[2 * i + 1] = dy[i] * static_cast<float>(second);
    bottom_gradient[2 * i] = dy[i] * static_cast<float>(third);
    bottom_gradient[2 * i + 1] = dy[i] * static_cast<float>(fourth);
  }
}

}  // namespace detent_trainer
