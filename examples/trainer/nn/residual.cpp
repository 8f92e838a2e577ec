// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The two branches of a residual block, and their sum.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include <trainer/nn/layer.hpp>
#include <trainer/nn/parallel.hpp>
#include <trainer/nn/residual.hpp>

namespace detent_trainer {

residual::residual(const std::string& name, image_shape input, int channels, int stride)
    : stride_{stride},
      first_{name + ".conv1", input, channels, {3, stride, 1}, false},
      first_norm_{name + ".bn1", channels},
      second_{name + ".conv2", first_.output_shape(input), channels, {3, 1, 1}, false},
      second_norm_{name + ".bn2", channels} {}

const tensor& residual::forward(const tensor& input, bool training) {
  const tensor& inner =
      first_relu_.forward(first_norm_.forward(first_.forward(input, training), training), training);
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

const tensor& residual::backward(const tensor& upstream) {
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

void residual::visit(const std::function<void(parameter&)>& visitor) {
  first_.visit(visitor);
  first_norm_.visit(visitor);
  second_.visit(visitor);
  second_norm_.visit(visitor);
}

void residual::visit_state(const std::function<void(std::vector<float>&)>& visitor) {
  first_norm_.visit_state(visitor);
  second_norm_.visit_state(visitor);
}

void residual::visit_layers(const std::function<void(layer&)>& visitor) {
  visitor(*this);
  for (layer* inner : std::initializer_list<layer*>{&first_, &first_norm_, &first_relu_, &second_,
                                                    &second_norm_, &second_relu_}) {
    inner->visit_layers(visitor);
  }
}

template <class F>
void residual::for_each_pair(const tensor& input, int image, F f) const {
  const int carried = std::min(input.c, sum_.c);
  for (int channel = 0; channel < carried; ++channel) {
    for (int y = 0; y < sum_.h; ++y) {
      const std::ptrdiff_t in =
          ((std::ptrdiff_t{image} * input.c + channel) * input.h + y * stride_) * input.w;
      const std::ptrdiff_t out = ((std::ptrdiff_t{image} * sum_.c + channel) * sum_.h + y) * sum_.w;
      for (int x = 0; x < sum_.w; ++x)
        f(in + x * stride_, out + x);
    }
  }
}

}  // namespace detent_trainer
