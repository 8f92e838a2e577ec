// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The networks, by the rules of their architectures.

#include <bench/cuda/networks.hpp>
#include <bench/support/gpt2_sizes.hpp>
#include <bench/support/resnet50_sizes.hpp>
#include <numeric>

namespace bench {

namespace {

constexpr auto of_resnet50 = resnet50_sizes();
constexpr auto of_gpt2 = gpt2_sizes();
constexpr network all[] = {{"ResNet-50", of_resnet50}, {"GPT-2", of_gpt2}};

}  // namespace

std::size_t network::weights() const {
  return std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
}

std::span<network const> networks() {
  return all;
}

}  // namespace bench
