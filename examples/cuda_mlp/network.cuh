// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// network: a multilayer perceptron in device memory, and its training step.
//
// Of a Device (quantization.cuh) it asks one thing more:
//
//   void gemm(transpose, transpose, int m, int n, int k, a, lda, b, ldb, c, ldc)
//                                   c = op(a) op(b), column-major as in BLAS

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/quantizer/rounding.hpp>
#include <random>
#include <vector>

#include "kernels.cuh"
#include "quantization.cuh"

namespace cuda_mlp {

enum class transpose { no, yes };

/// What the products of a training step use.
enum class forward_with { weights, levels };

/// Labelled images on the device, an order to go through them, and what they have said.
template <class Device>
class image_set {
 public:
  /// @param  pixels  images one after the other      @param  labels  one for each, 0 … classes - 1
  image_set(std::vector<float> const& pixels, std::vector<int> const& labels)
      : pixels_(pixels), labels_(labels), order_(labels.size()), next_(1), total_(1) {
    count_ = static_cast<unsigned>(labels.size());
    features_ = static_cast<unsigned>(pixels.size() / labels.size());
  }

  unsigned count() const { return count_; }
  unsigned features() const { return features_; }

  /// An epoch begins, in an order of count() places.
  void start(Device& device, std::vector<unsigned> const& order) {
    copy_to_device(device.stream(), raw(order_), order.data(), order.size() * sizeof(unsigned));
    clear(device.stream(), raw(next_), sizeof(unsigned));
    clear(device.stream(), raw(total_), sizeof(tally));
  }

  image_source<float> source() {
    return {raw(pixels_), raw(labels_), raw(order_), count_, features_, raw(next_)};
  }
  tally* total() { return raw(total_); }
  tally read_total(Device& device) const { return device.read(total_)[0]; }

 private:
  template <class T>
  using vector = typename Device::template vector<T>;
  unsigned count_, features_;
  vector<float> pixels_;
  vector<int> labels_;
  vector<unsigned> order_;
  vector<unsigned> next_;
  vector<tally> total_;
};

/// y = x Wᵀ + b: W is outputs x inputs, row-major. Weights and biases of all layers lie one after
/// the other, those of this one from `weights_at` and `biases_at` on.
struct dense {
  unsigned inputs, outputs;
  std::size_t weights_at, biases_at;

  std::size_t weights() const { return std::size_t{inputs} * outputs; }
  std::size_t weights_end() const { return aligned(weights_at + weights()); }
  std::size_t biases_end() const { return aligned(biases_at + outputs); }

 private:
  /// So that every tensor begins on 128 bytes.
  static std::size_t aligned(std::size_t at) { return (at + 31) / 32 * 32; }
};

/// Weights and biases of all layers, on the host.
struct parameters {
  std::vector<float> weights, biases;

  std::vector<float> weights_of(dense const& layer) const {
    auto const first = weights.begin() + static_cast<std::ptrdiff_t>(layer.weights_at);
    return {first, first + static_cast<std::ptrdiff_t>(layer.weights())};
  }
};

/// Dense layers with rectifiers between them, softmax and cross-entropy after the last.
template <class Device>
class network {
 public:
  static constexpr float momentum = 0.9f;

  /// @param  widths      pixels of an image, …, classes
  /// @param  quantizers  of each layer's weights, at first
  network(Device& device, std::vector<unsigned> widths, unsigned batch,
          std::vector<detent::rounding> const& quantizers)
      : device_(&device),
        batch_(batch),
        layers_(layers_of(widths)),
        weights_(layers_.back().weights_end()),
        biases_(layers_.back().biases_end()),
        levels_(weights_.values.size()),
        gradient_by_levels_(weights_.values.size()),
        rate_(1),
        quantized_(device, tensors(), quantizers),
        labels_(batch),
        of_image_(batch) {
    for (unsigned const width : widths) {
      outputs_.emplace_back(std::size_t{batch} * width);
      deltas_.emplace_back(std::size_t{batch} * width);
    }
  }
  network(network const&) = delete;
  network& operator=(network const&) = delete;

  unsigned batch() const { return batch_; }
  std::vector<dense> const& layers() const { return layers_; }

  /// The part of the library: its verbs, and what they read from device memory.
  quantization<Device>& quantized() { return quantized_; }

  /// The learning rate from the next step on.
  void set_rate(double rate) { copy_to_device(stream(), raw(rate_), &rate, sizeof(rate)); }

  /// One training step on the next batch of a set: loss, gradients, and the descent along them.
  /// Everything is enqueued, nothing allocates or waits: the step can be captured in a graph.
  void step(image_set<Device>& images, forward_with what) {
    gather(stream(), images.source(), batch_, raw(outputs_[0]), raw(labels_));
    if (what == forward_with::levels) {
      quantized_.quantize();
      forward(raw(levels_));
      backward(raw(levels_), raw(gradient_by_levels_));
      clear(stream(), raw(weights_.gradient), weights_.gradient.size() * sizeof(float));
      quantized_.pull_through();
    } else {
      forward(raw(weights_.values));
      backward(raw(weights_.values), raw(weights_.gradient));
    }
    quantized_.regularize();
    descend(weights_);
    descend(biases_);
    finish_batch(stream(), raw(of_image_), batch_, images.total(), images.source().next);
  }

  /// The next batch of a set without training.
  void look(image_set<Device>& images) {
    gather(stream(), images.source(), batch_, raw(outputs_[0]), raw(labels_));
    forward(raw(weights_.values));
    finish_batch(stream(), raw(of_image_), batch_, images.total(), images.source().next);
  }

  parameters read() const {
    return {device_->read(weights_.values), device_->read(biases_.values)};
  }
  /// Starts from these, at rest.
  void write(parameters const& from) {
    write(weights_, from.weights);
    write(biases_, from.biases);
  }
  /// The gradients of the last step, λ's share among them.
  parameters read_gradients() const {
    return {device_->read(weights_.gradient), device_->read(biases_.gradient)};
  }

  /// Uniform numbers in ±1/√inputs for the weights, 0 for the biases.
  parameters random_parameters(std::uint64_t seed) const {
    parameters start{std::vector<float>(weights_.values.size()),
                     std::vector<float>(biases_.values.size())};
    std::mt19937_64 random(seed);
    for (dense const& layer : layers_) {
      double const range = 1 / std::sqrt(static_cast<double>(layer.inputs));
      for (std::size_t i = 0; i < layer.weights(); ++i) {
        double const unit = static_cast<double>(random() >> 11) * 0x1p-53;
        start.weights[layer.weights_at + i] = static_cast<float>(range * (2 * unit - 1));
      }
    }
    return start;
  }

 private:
  template <class T>
  using vector = typename Device::template vector<T>;

  /// Numbers that are trained, those of all layers together.
  struct trained {
    explicit trained(std::size_t size) : values(size), gradient(size), velocity(size) {}
    vector<float> values, gradient, velocity;
  };

  static std::vector<dense> layers_of(std::vector<unsigned> const& widths) {
    std::vector<dense> all;
    for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
      all.push_back({widths[l], widths[l + 1], l == 0 ? 0 : all.back().weights_end(),
                     l == 0 ? 0 : all.back().biases_end()});
    }
    return all;
  }

  cudaStream_t stream() const { return device_->stream(); }

  std::vector<quantized_tensor> tensors() {
    std::vector<quantized_tensor> all;
    for (dense const& layer : layers_) {
      auto const part = [&](vector<float>& of) {
        return detent::cuda::device_span<float>(raw(of) + layer.weights_at, layer.weights());
      };
      all.push_back({part(weights_.values), part(weights_.gradient), part(levels_),
                     part(gradient_by_levels_)});
    }
    return all;
  }

  /// Outputs, losses, and the gradient of the mean loss by the last outputs.
  void forward(float const* weights) {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      dense const& of = layers_[l];
      multiply_forward(of, raw(outputs_[l]), weights + of.weights_at, raw(outputs_[l + 1]));
      add_bias(stream(), raw(outputs_[l + 1]), raw(biases_.values) + of.biases_at, batch_,
               of.outputs, l + 1 < layers_.size());
    }
    softmax_cross_entropy(stream(), raw(outputs_.back()), raw(labels_), batch_,
                          layers_.back().outputs, raw(deltas_.back()), raw(of_image_));
  }

  /// Gradients by biases and weights, the latter overwritten in `gradient`.
  void backward(float const* weights, float* gradient) {
    for (std::size_t l = layers_.size(); l-- > 0;) {
      dense const& of = layers_[l];
      float* const delta = raw(deltas_[l + 1]);
      sum_rows(stream(), delta, batch_, of.outputs, raw(biases_.gradient) + of.biases_at);
      multiply_weight_gradient(of, delta, raw(outputs_[l]), gradient + of.weights_at);
      if (l == 0) return;
      multiply_backward(of, delta, weights + of.weights_at, raw(deltas_[l]));
      rectify_backward(stream(), raw(deltas_[l]), raw(outputs_[l]), batch_ * of.inputs);
    }
  }

  // BLAS is column-major: it sees every matrix here transposed, x as inputs x batch, W as inputs x
  // outputs, y as outputs x batch.

  /// y = x Wᵀ, as yᵀ = W xᵀ
  void multiply_forward(dense const& of, float const* x, float const* w, float* y) {
    int const in = int_of(of.inputs), out = int_of(of.outputs), batch = int_of(batch_);
    device_->gemm(transpose::yes, transpose::no, out, batch, in, w, in, x, in, y, out);
  }
  /// dx = dy W, as dxᵀ = Wᵀ dyᵀ
  void multiply_backward(dense const& of, float const* dy, float const* w, float* dx) {
    int const in = int_of(of.inputs), out = int_of(of.outputs), batch = int_of(batch_);
    device_->gemm(transpose::no, transpose::no, in, batch, out, w, in, dy, out, dx, in);
  }
  /// dW = dyᵀ x, as dWᵀ = xᵀ dy
  void multiply_weight_gradient(dense const& of, float const* dy, float const* x, float* dw) {
    int const in = int_of(of.inputs), out = int_of(of.outputs), batch = int_of(batch_);
    device_->gemm(transpose::no, transpose::yes, in, out, batch, x, in, dy, out, dw, in);
  }
  static int int_of(unsigned size) { return static_cast<int>(size); }

  void descend(trained& numbers) {
    cuda_mlp::descend(stream(), raw(numbers.values), raw(numbers.velocity), raw(numbers.gradient),
                      raw(rate_), momentum, static_cast<unsigned>(numbers.values.size()));
  }

  void write(trained& numbers, std::vector<float> const& from) {
    copy_to_device(stream(), raw(numbers.values), from.data(), from.size() * sizeof(float));
    clear(stream(), raw(numbers.velocity), from.size() * sizeof(float));
  }

  Device* device_;
  unsigned batch_;
  std::vector<dense> layers_;
  trained weights_, biases_;
  vector<float> levels_, gradient_by_levels_;
  vector<double> rate_;
  quantization<Device> quantized_;
  vector<int> labels_;
  vector<tally> of_image_;
  std::vector<vector<float>> outputs_;  ///< those of layer l in l + 1; the images in 0
  std::vector<vector<float>> deltas_;   ///< the mean loss's gradients by them, before the rectifier
};

}  // namespace cuda_mlp
