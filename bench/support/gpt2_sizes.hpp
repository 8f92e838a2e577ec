// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// gpt2_sizes: the number of weights of every tensor of the smallest GPT-2, of 124 million.

#include <array>
#include <cstddef>

namespace bench {

/// In the order of the layers. The last projection to words shares the first tensor.
constexpr std::array<std::size_t, 148> gpt2_sizes() {
  constexpr std::size_t words = 50257, positions = 1024, width = 768, layers = 12;
  std::array<std::size_t, 148> size{};
  std::size_t count = 0;
  auto const normalization = [&] {
    size[count++] = width;  // scale
    size[count++] = width;  // shift
  };
  auto const projection = [&](std::size_t in, std::size_t out) {
    size[count++] = in * out;
    size[count++] = out;
  };
  size[count++] = words * width;
  size[count++] = positions * width;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    normalization();
    projection(width, 3 * width);  // query, key and value
    projection(width, width);
    normalization();
    projection(width, 4 * width);
    projection(4 * width, width);
  }
  normalization();
  return size;
}

inline constexpr std::size_t gpt2_weights = [] {
  std::size_t total = 0;
  for (std::size_t const n : gpt2_sizes())
    total += n;
  return total;
}();
static_assert(gpt2_weights == 124'439'808 && gpt2_sizes().back() == 768);

}  // namespace bench
