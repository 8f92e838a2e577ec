// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The rectifier's loops, plain, rounded, or on a learned grid.

#include <algorithm>
#include <cstddef>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/quantizer/dorefa_activations.hpp>
#include <optional>
#include <span>
#include <vector>

#include <trainer/nn/parallel.hpp>
#include <trainer/nn/relu.hpp>

namespace detent_trainer {

namespace {

/// Made before the threads start: an exception inside a parallel loop would end the program.
std::optional<detent::dorefa_activations> made_rounding(int bits, float range) {
  if (bits == 32) return std::nullopt;
  return detent::dorefa_activations{detent::bits{bits}, static_cast<double>(range)};
}

}  // namespace

const tensor& relu::forward(const tensor& input, bool training) {
  input_ = &input;
  output_.resize_like(input);
  if (learned && training) {
    learned->quantize(threads_, input.data, output_.data);
    return output_;
  }
  if (learned) rest();
  const auto rounding = made_rounding(bits, range);
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

const tensor& relu::backward(const tensor& upstream) {
  gradient_.resize_like(upstream);
  if (offsets) offsets->gradient = upstream.data;
  if (learned) {
    std::fill(gradient_.data.begin(), gradient_.data.end(), 0.0F);
    learned->backward(threads_, input_->data, upstream.data, gradient_.data);
    return gradient_;
  }
  const auto rounding = made_rounding(bits, range);
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

void relu::add_offsets() {
  std::vector<float>& added = offsets->added;
  if (added.size() != output_.size()) added.assign(output_.size(), 0.0F);
  for (std::size_t i = 0; i < added.size(); ++i)
    output_.data[i] += added[i];
}

void relu::rest() {
  bits = learned->bits();
  range = static_cast<float>(learned->at_rest().grid().highest());
}

std::size_t relu::count_of(int images, const tensor& of) {
  return static_cast<std::size_t>(images) * static_cast<std::size_t>(of.features());
}

}  // namespace detent_trainer
