// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Batch normalization of every channel.

#include <functional>
#include <string>
#include <vector>

#include <trainer/nn/layer.hpp>

namespace detent_trainer {

/// y = scale · (x - mean) / sqrt(variance + 1e-5) + shift for every channel.
///
/// Training takes mean and variance from the batch and moves the running ones by a tenth towards
/// them (the variance by its unbiased estimate); evaluation takes the running ones. backward()
/// belongs to a forward pass in training. Sums are in double, one thread a channel.
class batch_norm : public layer {
 public:
  static constexpr double epsilon = 1e-5;
  static constexpr double momentum = 0.1;

  bool keeps_statistics = false;  ///< training too leaves the running ones

  batch_norm(const std::string& name, int channels);
  const tensor& forward(const tensor& input, bool training) override;
  const tensor& backward(const tensor& upstream) override;
  void visit(const std::function<void(parameter&)>& visitor) override;
  void visit_state(const std::function<void(std::vector<float>&)>& visitor) override;

 private:
  static const float* plane(const tensor& t, int image, int channel);

  // Sums term(value of x, index, image) over the pixels of a channel, image by image.
  template <class F>
  double sum_channel(int channel, F term) const;

  double count() const { return static_cast<double>(input_->n) * input_->pixels(); }

  void measure(int channel);

  // With z the normalized input and dy the upstream gradient, over the m pixels of a channel:
  // dscale = Σ dy z, dshift = Σ dy, dx = scale/deviation · (dy - dshift/m - z dscale/m).
  void backward(const tensor& upstream, int channel);

  parameter scale_;
  parameter shift_;
  std::vector<float> running_mean_;
  std::vector<float> running_variance_;
  std::vector<double> mean_;  // of the last forward pass
  std::vector<double> inverse_deviation_;
  const tensor* input_ = nullptr;
  tensor output_;
  tensor gradient_;
};

}  // namespace detent_trainer
