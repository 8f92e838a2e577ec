// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// resnet50_sizes: the number of weights of every tensor of ResNet-50 with 1000 classes.

#include <array>
#include <cstddef>

namespace bench {

/// In the order of the layers: convolution, then scale and shift of its normalization.
constexpr std::array<std::size_t, 161> resnet50_sizes() {
  std::array<std::size_t, 161> size{};
  std::size_t count = 0;
  auto const convolution = [&](std::size_t in, std::size_t out, std::size_t kernel) {
    size[count++] = out * in * kernel * kernel;
    size[count++] = out;
    size[count++] = out;
  };
  convolution(3, 64, 7);
  std::size_t in = 64;
  std::size_t const blocks[] = {3, 4, 6, 3};
  for (std::size_t stage = 0; stage < 4; ++stage) {
    std::size_t const width = std::size_t(64) << stage;
    for (std::size_t block = 0; block < blocks[stage]; ++block) {
      convolution(in, width, 1);
      convolution(width, width, 3);
      convolution(width, 4 * width, 1);
      if (block == 0) convolution(in, 4 * width, 1);  // the shortcut
      in = 4 * width;
    }
  }
  size[count++] = 1000 * in;
  size[count++] = 1000;
  return size;
}

inline constexpr std::size_t resnet50_weights = [] {
  std::size_t total = 0;
  for (std::size_t const n : resnet50_sizes())
    total += n;
  return total;
}();
static_assert(resnet50_weights == 25'557'032 && resnet50_sizes().back() == 1000);

}  // namespace bench
