// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Channel means, and their gradient in equal shares.

#include <algorithm>
#include <cstddef>

#include <trainer/nn/global_average_pool.hpp>
#include <trainer/nn/lane_sum.hpp>
#include <trainer/nn/parallel.hpp>

namespace detent_trainer {

const tensor& global_average_pool::forward(const tensor& input, bool) {
  gradient_.resize_like(input);
  output_.resize(input.n, input.c);
  const int pixels = input.pixels();
  for_each_shard(input.n, threads_, [&](int begin, int end, int) {
    for (int i = begin * input.c; i < end * input.c; ++i) {
      const float* x = input.data.data() + std::ptrdiff_t{i} * pixels;
      output_.data.data()[i] =
          lane_sum<float>(pixels, [x](int p) { return x[p]; }) / static_cast<float>(pixels);
    }
  });
  return output_;
}

const tensor& global_average_pool::backward(const tensor& upstream) {
  const int pixels = gradient_.pixels();
  for_each_shard(upstream.n, threads_, [&](int begin, int end, int) {
    for (int i = begin * upstream.c; i < end * upstream.c; ++i) {
      const float share = upstream.data.data()[i] / static_cast<float>(pixels);
      std::fill_n(gradient_.data.data() + std::ptrdiff_t{i} * pixels, pixels, share);
    }
  });
  return gradient_;
}

}  // namespace detent_trainer
