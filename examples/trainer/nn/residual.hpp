// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The basic block of residual networks for CIFAR.

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>

#include <trainer/nn/batch_norm.hpp>
#include <trainer/nn/convolution.hpp>
#include <trainer/nn/layer.hpp>
#include <trainer/nn/parallel.hpp>
#include <trainer/nn/relu.hpp>

namespace detent_trainer {

/// y = relu(norm(conv(relu(norm(conv(x))))) + shortcut(x)) with convolutions of 3 x 3.
///
/// The shortcut has no parameters (option A of He et al.): it takes every stride-th pixel and adds
/// channels of zeros, so every weight of the block sits in one of the two convolutions.
class residual : public layer {
 public:
  residual(const std::string& name, image_shape input, int channels, int stride)
      : stride_{stride},
        first_{name + ".conv1", input, channels, {3, stride, 1}, false},
        first_norm_{name + ".bn1", channels},
        second_{name + ".conv2", first_.output_shape(input), channels, {3, 1, 1}, false},
        second_norm_{name + ".bn2", channels} {}

  image_shape output_shape(image_shape input) const override { return first_.output_shape(input); }

  const tensor& forward(const tensor& input, bool training) override {
    const tensor& inner = first_relu_.forward(
        first_norm_.forward(first_.forward(input, training), training), training);
    const tensor& main = second_norm_.forward(second_.forward(inner, training), training);
    sum_.resize_like(main);
    for_each_shard(input.n, threads_, [&](int begin, int end, int) {
      std::copy(main.image(begin), main.image(begin) + (end - begin) * main.features(),
                sum_.image(begin));
      for (int image = begin; image < end; ++image) {
        for_each_pair(input, image, [&](std::ptrdiff_t in, std::ptrdiff_t out) {
          sum_.data.data()[out] += input.data.data()[in];
        });
      }
    });
    gradient_.resize_like(input);
    return second_relu_.forward(sum_, training);
  }

  const tensor& backward(const tensor& upstream) override {
    const tensor& dsum = second_relu_.backward(upstream);
    const tensor& dinner = second_.backward(second_norm_.backward(dsum));
    const tensor& dmain = first_.backward(first_norm_.backward(first_relu_.backward(dinner)));
    for_each_shard(upstream.n, threads_, [&](int begin, int end, int) {
      std::copy(dmain.image(begin), dmain.image(begin) + (end - begin) * dmain.features(),
                gradient_.image(begin));
      for (int image = begin; image < end; ++image) {
        for_each_pair(gradient_, image, [&](std::ptrdiff_t in, std::ptrdiff_t out) {
          gradient_.data.data()[in] += dsum.data.data()[out];
        });
      }
    });
    return gradient_;
  }

  void visit(const std::function<void(parameter&)>& visitor) override {
    first_.visit(visitor);
    first_norm_.visit(visitor);
    second_.visit(visitor);
    second_norm_.visit(visitor);
  }

  void visit_state(const std::function<void(std::vector<float>&)>& visitor) override {
    first_norm_.visit_state(visitor);
    second_norm_.visit_state(visitor);
  }

  void visit_layers(const std::function<void(layer&)>& visitor) override {
    visitor(*this);
    for (layer* inner : std::initializer_list<layer*>{&first_, &first_norm_, &first_relu_, &second_,
                                                      &second_norm_, &second_relu_}) {
      inner->visit_layers(visitor);
    }
  }

 private:
  // Calls f(index into the input, index into the sum) for every pixel that the shortcut carries.
  template <class F>
  void for_each_pair(const tensor& input, int image, F f) const {
    const int carried = std::min(input.c, sum_.c);
    for (int channel = 0; channel < carried; ++channel) {
      for (int y = 0; y < sum_.h; ++y) {
        const std::ptrdiff_t in =
            ((std::ptrdiff_t{image} * input.c + channel) * input.h + y * stride_) * input.w;
        const std::ptrdiff_t out =
            ((std::ptrdiff_t{image} * sum_.c + channel) * sum_.h + y) * sum_.w;
        for (int x = 0; x < sum_.w; ++x)
          f(in + x * stride_, out + x);
      }
    }
  }

  int stride_;
  convolution first_;
  batch_norm first_norm_;
  relu first_relu_;
  convolution second_;
  batch_norm second_norm_;
  relu second_relu_;
  tensor sum_;
  tensor gradient_;
};

}  // namespace detent_trainer
