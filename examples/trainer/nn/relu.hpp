// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The rectifier, with rounding of its outputs on request.

#include <algorithm>
#include <cstddef>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/quantizer/dorefa_activations.hpp>
#include <optional>
#include <span>
#include <vector>

#include <trainer/nn/layer.hpp>
#include <trainer/nn/learned_grid.hpp>
#include <trainer/nn/parallel.hpp>

namespace detent_trainer {

/// y = max(x, 0), with slope 0 at 0; with fewer than 32 bits y = the nearest of the levels
/// 0 … range, with the straight-through slope 1 inside [0, range] and 0 outside. On a learned grid,
/// whose lowest level is 0 too, training goes by its method, and evaluation rounds.
class relu : public layer {
 public:
  /// What training adds to the outputs, and the loss's gradient by it. As the loss is a function of
  /// these numbers, a penalty on its gradients can include those of the activations.
  struct output_offsets {
    std::vector<float> added;     ///< zeros of the outputs' size, after a forward pass
    std::vector<float> gradient;  ///< after a backward pass
  };

  int bits = 32;    ///< of the activations; 32 leaves them as they are
  float range = 1;  ///< largest activation that the quantizer can represent, above 0
  std::optional<learned_grid> learned;  ///< in place of the range
  std::optional<output_offsets> offsets;

  const tensor& forward(const tensor& input, bool training) override {
    input_ = &input;
    output_.resize_like(input);
    if (learned && training) {
      learned->quantize(threads_, input.data, output_.data);
      return output_;
    }
    if (learned) rest();
    const auto rounding = made_rounding();
    for_each_shard(input.n, threads_, [&](int begin, int end, int) {
      const auto count = count_of(end - begin, input);
      const std::span x(input.image(begin), count);
      const std::span y(output_.image(begin), count);
      if (rounding) return detent::quantize(*rounding, x, y);
      for (std::size_t i = 0; i < count; ++i)
        y[i] = x[i] > 0 ? x[i] : 0;
    });
    if (training && offsets) add_offsets();
    return output_;
  }

  const tensor& backward(const tensor& upstream) override {
    gradient_.resize_like(upstream);
    if (offsets) offsets->gradient = upstream.data;
    if (learned) {
      std::fill(gradient_.data.begin(), gradient_.data.end(), 0.0F);
      learned->backward(threads_, input_->data, upstream.data, gradient_.data);
      return gradient_;
    }
    const auto rounding = made_rounding();
    for_each_shard(upstream.n, threads_, [&](int begin, int end, int) {
      const auto count = count_of(end - begin, upstream);
      const std::span x(input_->image(begin), count);
      const std::span dy(upstream.image(begin), count);
      const std::span dx(gradient_.image(begin), count);
      if (rounding) {
        std::fill(dx.begin(), dx.end(), 0.0F);
        detent::backward(*rounding, x, dy, dx);
        return;
      }
      for (std::size_t i = 0; i < count; ++i) {
        const float passed = dy[i];  // read always: a conditional read would not vectorize
        dx[i] = x[i] > 0 ? passed : 0;
      }
    });
    return gradient_;
  }

  /// What the last forward() returned.
  const tensor& output() const { return output_; }

 private:
  void add_offsets() {
    std::vector<float>& added = offsets->added;
    if (added.size() != output_.size()) added.assign(output_.size(), 0.0F);
    for (std::size_t i = 0; i < added.size(); ++i)
      output_.data[i] += added[i];
  }

  /// Bits and range of the learned grid as it is now.
  void rest() {
    bits = learned->bits();
    range = static_cast<float>(learned->at_rest().grid().highest());
  }

  static std::size_t count_of(int images, const tensor& of) {
    return static_cast<std::size_t>(images) * static_cast<std::size_t>(of.features());
  }

  /// Made before the threads start: an exception inside a parallel loop would end the program.
  std::optional<detent::dorefa_activations> made_rounding() const {
    if (bits == 32) return std::nullopt;
    return detent::dorefa_activations{detent::bits{bits}, static_cast<double>(range)};
  }

  const tensor* input_ = nullptr;
  tensor output_;
  tensor gradient_;
};

}  // namespace detent_trainer
