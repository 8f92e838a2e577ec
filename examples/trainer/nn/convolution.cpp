// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Groups of unfolded images, multiplied, and what their gradients need.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>

#include <trainer/nn/convolution.hpp>
#include <trainer/nn/lane_sum.hpp>
#include <trainer/nn/matrix_product.hpp>
#include <trainer/nn/parallel.hpp>
#include <trainer/nn/unfold.hpp>

namespace detent_trainer {

convolution::convolution(const std::string& name, image_shape input, int channels, window kernel,
                         bool with_bias)
    : shape_{input},
      kernel_{kernel},
      channels_{channels},
      weight_{name + ".weight", static_cast<std::size_t>(channels * kernel.taps(input)), 0.0F},
      bias_{name + ".bias", static_cast<std::size_t>(with_bias ? channels : 0), 0.0F} {
  weight_.quantizable = true;
  weight_.fan_in = bias_.fan_in = kernel.taps(input);
  weight_.operations = weight_.value.size() * static_cast<std::size_t>(kernel.positions(input));
  const int fitting = cached_numbers / (taps() * positions());
  group_ = std::clamp(fitting, 1, std::max(1, enough_columns / positions()));
}

image_shape convolution::output_shape(image_shape input) const {
  return {channels_, kernel_.outputs(input.height), kernel_.outputs(input.width)};
}

const tensor& convolution::forward(const tensor& input, bool) {
  input_ = &input;
  output_.resize(input.n, output_shape(shape_));
  prepare_workspaces();
  for_each_group(input.n, [&](int begin, int end, int, workspace& work) {
    unfold_images(begin, end, work);
    const int columns = (end - begin) * positions();
    // The products of a single image are its output as it stands.
    float* products = group_ == 1 ? output_.image(begin) : work.products.data();
    for (int channel = 0; channel < channels_; ++channel) {
      const float start = bias_.value.empty() ? 0.0F : bias_.used()[channel];
      std::fill_n(products + channel * columns, columns, start);
    }
    add_product({products, channels_, columns}, {weight_.used(), channels_, taps()},
                {work.unfolded.data(), taps(), columns});
    if (group_ == 1) return;
    for_each_plane(begin, end, [&](int image, int channel, int at) {
      std::copy_n(products + at, positions(), output_.image(image) + channel * positions());
    });
  });
  return output_;
}

const tensor& convolution::backward(const tensor& upstream) {
  if (needs_input_gradient_) gradient_.resize_like(*input_);
  prepare_workspaces();
  clear_shard_gradients();
  for_each_group(upstream.n, [&](int begin, int end, int shard, workspace& work) {
    const const_matrix dy = gather(upstream, begin, end, work);
    unfold_images(begin, end, work);
    add_parameter_gradients(dy, shard, work);
    if (needs_input_gradient_) write_input_gradient(dy, begin, end, work);
  });
  combine_shard_gradients();
  return gradient_;
}

void convolution::visit(const std::function<void(parameter&)>& visitor) {
  visitor(weight_);
  if (!bias_.value.empty()) visitor(bias_);
}

void convolution::prepare_workspaces() {
  workspaces_.resize(static_cast<std::size_t>(threads_));
  for (workspace& work : workspaces_) {
    const auto columns = static_cast<std::size_t>(group_) * static_cast<std::size_t>(positions());
    work.unfolded.resize(static_cast<std::size_t>(taps()) * columns);
    work.products.resize(static_cast<std::size_t>(channels_) * columns);
  }
}

template <class F>
void convolution::for_each_group(int images, F f) {
  for_each_shard(images, threads_, [&](int first, int last, int shard, int worker) {
    workspace& work = workspaces_[static_cast<std::size_t>(worker)];
    for (int begin = first; begin < last; begin += group_) {
      f(begin, std::min(begin + group_, last), shard, work);
    }
  });
}

template <class F>
void convolution::for_each_plane(int begin, int end, F f) {
  int at = 0;
  for (int channel = 0; channel < channels_; ++channel) {
    for (int image = begin; image < end; ++image, at += positions())
      f(image, channel, at);
  }
}

void convolution::unfold_images(int begin, int end, workspace& work) {
  const int columns = (end - begin) * positions();
  for (int image = begin; image < end; ++image) {
    unfold(input_->image(image), shape_, kernel_,
           work.unfolded.data() + (image - begin) * positions(), columns);
  }
}

const_matrix convolution::gather(const tensor& upstream, int begin, int end, workspace& work) {
  const int columns = (end - begin) * positions();
  if (group_ == 1) return {upstream.image(begin), channels_, columns};
  for_each_plane(begin, end, [&](int image, int channel, int at) {
    std::copy_n(upstream.image(image) + channel * positions(), positions(),
                work.products.data() + at);
  });
  return {work.products.data(), channels_, columns};
}

void convolution::add_parameter_gradients(const_matrix dy, int shard, const workspace& work) {
  float* weight_gradient = shard_gradient(shard);
  add_product_right_transposed({weight_gradient, channels_, taps()}, dy,
                               {work.unfolded.data(), taps(), dy.columns});
  if (bias_.value.empty()) return;
  float* bias_gradient = weight_gradient + channels_ * taps();
  for (int channel = 0; channel < channels_; ++channel) {
    const float* plane = dy.data + channel * dy.stride;
    bias_gradient[channel] += lane_sum<float>(dy.columns, [plane](int i) { return plane[i]; });
  }
}

void convolution::write_input_gradient(const_matrix dy, int begin, int end, workspace& work) {
  std::fill_n(work.unfolded.data(), taps() * dy.columns, 0.0F);
  add_product_left_transposed({work.unfolded.data(), taps(), dy.columns},
                              {weight_.used(), channels_, taps()}, dy);
  for (int image = begin; image < end; ++image) {
    std::fill_n(gradient_.image(image), gradient_.features(), 0.0F);
    fold(work.unfolded.data() + (image - begin) * positions(), dy.columns, shape_, kernel_,
         gradient_.image(image));
  }
}

float* convolution::shard_gradient(int shard) {
  return shard_gradients_.data() + std::ptrdiff_t{shard} * gradients_per_shard();
}

void convolution::clear_shard_gradients() {
  shard_gradients_.assign(std::size_t{shards} * static_cast<std::size_t>(gradients_per_shard()),
                          0.0F);
}

void convolution::combine_shard_gradients() {
  for (int shard = 0; shard < shards; ++shard) {
    const float* part = shard_gradient(shard);
    for (float& sum : weight_.gradient)
      sum += *part++;
    for (float& sum : bias_.gradient)
      sum += *part++;
  }
}

}  // namespace detent_trainer
