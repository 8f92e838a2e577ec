// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// resnet50: the verbs over its 161 tensors, and over one flat tensor of as many weights.

#include <array>
#include <bench/support/methods.hpp>
#include <bench/support/resnet50_sizes.hpp>
#include <bench/support/tensors.hpp>
#include <cstddef>
#include <detent/detent.hpp>
#include <span>
#include <vector>

namespace bench {

/// Weights and gradients of all layers, one behind the other, as one tensor and as 161.
class resnet50 {
 public:
  explicit resnet50(int threads) : flat_(resnet50_weights, threads) {
    std::size_t first = 0;
    for (std::size_t const size : resnet50_sizes()) {
      std::span<float const> const w(flat_.w.data() + first, size);
      std::span<float> const g(flat_.g.data() + first, size);
      std::span<float> const other(flat_.other.data() + first, size);
      regularized_.push_back({bounded(), w, g, 1e-3});
      quantized_.push_back({rounding(), w, other});
      first += size;
    }
  }

  tensors<float>& flat() noexcept { return flat_; }

  double accumulate() {
    with_policy(flat_.threads,
                [&](auto policy) { detent::accumulate(policy, regularized_, results_); });
    return results_.back().value;
  }
  double penalty() {
    with_policy(flat_.threads,
                [&](auto policy) { detent::penalty(policy, regularized_, results_); });
    return results_.back().value;
  }
  void quantize() {
    with_policy(flat_.threads, [&](auto policy) { detent::quantize(policy, quantized_); });
  }

 private:
  using functor = decltype(bounded());
  tensors<float> flat_;
  std::vector<detent::regularized_layer<functor, float, float>> regularized_;
  std::vector<detent::quantized_layer<detent::rounding, float, float>> quantized_;
  std::array<detent::result<0>, resnet50_sizes().size()> results_{};
};

}  // namespace bench
