// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Convolution by unfolding and a matrix product.

#include <functional>
#include <string>
#include <vector>

#include <trainer/nn/layer.hpp>
#include <trainer/nn/matrix_product.hpp>
#include <trainer/nn/unfold.hpp>

namespace detent_trainer {

/// Cross-correlation with square kernels, as every framework calls a convolution.
///
/// Weights lie as [output channel][input channel][y][x]. A few images at a time are unfolded and
/// multiplied, so that the unfolded pixels stay in the cache; they are unfolded again for the
/// gradient, which costs less than to keep them.
class convolution : public layer {
 public:
  /// @param  input  shape of the images; forward() takes no other
  convolution(const std::string& name, image_shape input, int channels, window kernel,
              bool with_bias = true);
  image_shape output_shape(image_shape input) const override;
  const tensor& forward(const tensor& input, bool) override;
  const tensor& backward(const tensor& upstream) override;
  void visit(const std::function<void(parameter&)>& visitor) override;

 private:
  // Unfolded numbers that fit into a second-level cache beside the rest, and columns beyond which a
  // product gets no faster.
  static constexpr int cached_numbers = 100'000;
  static constexpr int enough_columns = 512;

  struct workspace {
    std::vector<float> unfolded;  // taps x (images · positions)
    std::vector<float> products;  // channels x (images · positions)
  };

  int taps() const { return kernel_.taps(shape_); }
  int positions() const { return kernel_.positions(shape_); }

  void prepare_workspaces();

  // Calls f(begin, end, shard, workspace) for groups of images that never cross a shard.
  template <class F>
  void for_each_group(int images, F f);

  // Calls f(image, channel, where its plane starts in `products`).
  template <class F>
  void for_each_plane(int begin, int end, F f);
  void unfold_images(int begin, int end, workspace& work);

  // The planes of each channel side by side.
  const_matrix gather(const tensor& upstream, int begin, int end, workspace& work);
  void add_parameter_gradients(const_matrix dy, int shard, const workspace& work);

  // The unfolded pixels give way to their gradients.
  void write_input_gradient(const_matrix dy, int begin, int end, workspace& work);

  int gradients_per_shard() const { return channels_ * (taps() + 1); }

  float* shard_gradient(int shard);
  void clear_shard_gradients();
  void combine_shard_gradients();

  image_shape shape_;
  window kernel_;
  int channels_;
  int group_ = 1;  // images that are unfolded together
  parameter weight_;
  parameter bias_;  // empty where batch normalization follows
  const tensor* input_ = nullptr;
  tensor output_;
  tensor gradient_;
  std::vector<workspace> workspaces_;   // one for each thread
  std::vector<float> shard_gradients_;  // weights, then biases, of each shard
};

}  // namespace detent_trainer
