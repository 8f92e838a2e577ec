// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Statistics of a batch, channel by channel, and their gradients.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <trainer/nn/batch_norm.hpp>
#include <trainer/nn/lane_sum.hpp>
#include <trainer/nn/parallel.hpp>

namespace detent_trainer {

batch_norm::batch_norm(const std::string& name, int channels)
    : scale_{name + ".scale", static_cast<std::size_t>(channels), 1.0F},
      shift_{name + ".shift", static_cast<std::size_t>(channels), 0.0F},
      running_mean_(static_cast<std::size_t>(channels), 0.0F),
      running_variance_(static_cast<std::size_t>(channels), 1.0F),
      mean_(static_cast<std::size_t>(channels)),
      inverse_deviation_(static_cast<std::size_t>(channels)) {}

const tensor& batch_norm::forward(const tensor& input, bool training) {
  input_ = &input;
  output_.resize_like(input);
  parallel_for(input.c, threads_, [&](int channel) {
    const auto k = static_cast<std::size_t>(channel);
    if (training) {
      measure(channel);
    } else {
      mean_[k] = running_mean_[k];
      inverse_deviation_[k] = 1 / std::sqrt(running_variance_[k] + epsilon);
    }
    const auto slope = static_cast<float>(scale_.used()[channel] * inverse_deviation_[k]);
    const auto mean = static_cast<float>(mean_[k]);
    const float shift = shift_.used()[channel];
    for (int image = 0; image < input.n; ++image) {
      const float* x = plane(input, image, channel);
      float* y = output_.image(image) + channel * input.pixels();
      for (int i = 0; i < input.pixels(); ++i)
        y[i] = (x[i] - mean) * slope + shift;
    }
  });
  return output_;
}

const tensor& batch_norm::backward(const tensor& upstream) {
  gradient_.resize_like(upstream);
  parallel_for(upstream.c, threads_, [&](int channel) { backward(upstream, channel); });
  return gradient_;
}

void batch_norm::visit(const std::function<void(parameter&)>& visitor) {
  visitor(scale_);
  visitor(shift_);
}

void batch_norm::visit_state(const std::function<void(std::vector<float>&)>& visitor) {
  visitor(running_mean_);
  visitor(running_variance_);
}

const float* batch_norm::plane(const tensor& t, int image, int channel) {
  return t.image(image) + channel * t.pixels();
}

template <class F>
double batch_norm::sum_channel(int channel, F term) const {
  double sum = 0;
  for (int image = 0; image < input_->n; ++image) {
    const float* x = plane(*input_, image, channel);
    sum += lane_sum<double>(input_->pixels(), [&](int i) { return term(image, i, x[i]); });
  }
  return sum;
}

void batch_norm::measure(int channel) {
  const auto k = static_cast<std::size_t>(channel);
  const double mean = sum_channel(channel, [](int, int, double x) { return x; }) / count();
  const double variance =
      sum_channel(channel, [mean](int, int, double x) { return (x - mean) * (x - mean); }) /
      count();
  mean_[k] = mean;
  inverse_deviation_[k] = 1 / std::sqrt(variance + epsilon);
  if (keeps_statistics) return;
  const double unbiased = variance * count() / std::max(1.0, count() - 1);
  const auto move = [](float& running, double seen) {
    running = static_cast<float>((1 - momentum) * running + momentum * seen);
  };
  move(running_mean_[k], mean);
  move(running_variance_[k], unbiased);
}

void batch_norm::backward(const tensor& upstream, int channel) {
  const auto k = static_cast<std::size_t>(channel);
  const double mean = mean_[k];
  const double inverse = inverse_deviation_[k];
  const int pixels = upstream.pixels();
  double dshift = 0;
  double dscale = 0;
  for (int image = 0; image < upstream.n; ++image) {
    const float* x = plane(*input_, image, channel);
    const float* dy = plane(upstream, image, channel);
    dshift += lane_sum<double>(pixels, [=](int i) { return dy[i]; });
    dscale += lane_sum<double>(pixels, [=](int i) { return dy[i] * (x[i] - mean); });
  }
  dscale *= inverse;
  shift_.gradient[k] += static_cast<float>(dshift);
  scale_.gradient[k] += static_cast<float>(dscale);

  const auto slope = static_cast<float>(scale_.used()[channel] * inverse);
  const auto mean_slope = static_cast<float>(inverse * dscale / count());
  const auto mean_shift = static_cast<float>(dshift / count());
  const auto centre = static_cast<float>(mean);
  for (int image = 0; image < upstream.n; ++image) {
    const float* x = plane(*input_, image, channel);
    const float* dy = plane(upstream, image, channel);
    float* dx = gradient_.image(image) + channel * pixels;
    for (int i = 0; i < pixels; ++i) {
      dx[i] = slope * (dy[i] - mean_shift - (x[i] - centre) * mean_slope);
    }
  }
}

}  // namespace detent_trainer
