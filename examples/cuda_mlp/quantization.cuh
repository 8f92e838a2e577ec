// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// quantization: all that the library does in the training step, for the weights of all layers.
//
// A Device is what main.cu runs on (device.cuh), or a test's stand-in for it:
//
//   template <class T> class vector         device memory, made from a size or a std::vector<T>
//   cudaStream_t stream() const
//   std::vector<T> read(vector<T> const&)   waits

#include <cstddef>
#include <detent/algorithm/result.hpp>
#include <detent/cuda/accumulate.cuh>
#include <detent/cuda/backward.cuh>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/parameter.cuh>
#include <detent/cuda/plan.cuh>
#include <detent/cuda/quantize.cuh>
#include <detent/cuda/snap.cuh>
#include <detent/quantizer/rounding.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <vector>

#include "kernels.cuh"

namespace cuda_mlp {

/// The address of a Device's memory.
template <class Vector>
auto* raw(Vector& memory) {
  return detent::cuda::device_span(memory).data();
}

/// The weights of a layer in device memory, and what belongs to each of them.
struct quantized_tensor {
  detent::cuda::device_span<float> weights;
  detent::cuda::device_span<float> gradient;
  detent::cuda::device_span<float> levels;
  detent::cuda::device_span<float> gradient_by_levels;
};

/// Plans for all layers, made once. Quantizers, regularizers and λ lie in device memory: they are
/// written between replays of a graph that has captured the verbs.
template <class Device>
class quantization {
 public:
  /// @param  tensors     outlive this      @param  quantizers  one for each, at first
  quantization(Device& device, std::vector<quantized_tensor> const& tensors,
               std::vector<detent::rounding> const& quantizers)
      : device_(&device),
        tensors_(tensors),
        strength_(1),
        quantizers_(quantizers),
        regularizers_(regularizers_of(quantizers)),
        penalties_(tensors.size()),
        quantizing_(device, quantized_layers()),
        pulling_through_(device, straight_through_layers()),
        regularizing_(device, regularized_layers()) {}
  quantization(quantization const&) = delete;
  quantization& operator=(quantization const&) = delete;

  // In the training step.

  /// levels = the level nearest to each weight
  void quantize() { detent::cuda::quantize(device_->stream(), quantizing_.plan); }

  /// gradient += gradient_by_levels where the weight is within the levels
  void pull_through() { detent::cuda::backward(device_->stream(), pulling_through_.plan); }

  /// gradient += λ ∂R/∂w
  void regularize() { detent::cuda::accumulate(device_->stream(), regularizing_.plan, penalties_); }

  // Between steps.

  /// λ from the next step on.
  void set_strength(double strength) {
    copy_to_device(device_->stream(), raw(strength_), &strength, sizeof(strength));
  }

  /// The grids of quantizers and regularizers from the next step on.
  void set_quantizers(std::vector<detent::rounding> const& quantizers) {
    auto const regularizers = regularizers_of(quantizers);
    copy_to_device(device_->stream(), raw(quantizers_), quantizers.data(),
                   quantizers.size() * sizeof(detent::rounding));
    copy_to_device(device_->stream(), raw(regularizers_), regularizers.data(),
                   regularizers.size() * sizeof(detent::sinusoidal<>));
  }

  /// Rounds the weights for good.
  void snap(std::vector<detent::rounding> const& quantizers) {
    for (std::size_t l = 0; l < tensors_.size(); ++l)
      detent::cuda::snap(device_->stream(), quantizers[l].grid(), tensors_[l].weights);
  }

  /// λ Σ R(w) of the last step.
  double read_penalty() const {
    double sum = 0;
    for (detent::result<> const& of_layer : device_->read(penalties_))
      sum += of_layer.value;
    return sum;
  }

 private:
  template <class T>
  using vector = typename Device::template vector<T>;
  using quantizer_in_memory = detent::cuda::in_memory<detent::rounding>;
  using regularizer_in_memory = detent::cuda::in_memory<detent::sinusoidal<>>;
  using quantized_layer = detent::cuda::quantized_layer<quantizer_in_memory, float, float>;
  using straight_through_layer =
      detent::cuda::straight_through_layer<quantizer_in_memory, float, float, float>;
  using regularized_layer = detent::cuda::regularized_layer<regularizer_in_memory, float, float>;

  /// A plan with the memory that it lies in.
  template <class Layer>
  struct planned {
    vector<std::byte> memory;
    detent::cuda::plan<Layer> plan;

    planned(Device const& device, std::vector<Layer> const& layers)
        : memory(detent::cuda::plan_bytes(layers)), plan(device.stream(), layers, memory) {}
  };

  /// Whose minima are the levels.
  static std::vector<detent::sinusoidal<>> regularizers_of(
      std::vector<detent::rounding> const& quantizers) {
    std::vector<detent::sinusoidal<>> all;
    for (detent::rounding const& q : quantizers)
      all.emplace_back(q.grid());
    return all;
  }

  std::vector<quantized_layer> quantized_layers() {
    std::vector<quantized_layer> all;
    for (quantized_tensor const& t : tensors_)
      all.push_back({quantizer_in_memory{raw(quantizers_) + all.size()}, t.weights, t.levels});
    return all;
  }
  std::vector<straight_through_layer> straight_through_layers() {
    std::vector<straight_through_layer> all;
    for (quantized_tensor const& t : tensors_) {
      quantizer_in_memory const q{raw(quantizers_) + all.size()};
      all.push_back({q, t.weights, t.gradient_by_levels, t.gradient});
    }
    return all;
  }
  std::vector<regularized_layer> regularized_layers() {
    std::vector<regularized_layer> all;
    double const* const strength = raw(strength_);
    for (quantized_tensor const& t : tensors_) {
      regularizer_in_memory const r{raw(regularizers_) + all.size()};
      all.push_back({r, t.weights, t.gradient, strength});
    }
    return all;
  }

  Device* device_;
  std::vector<quantized_tensor> tensors_;
  vector<double> strength_;
  vector<detent::rounding> quantizers_;
  vector<detent::sinusoidal<>> regularizers_;
  vector<detent::result<>> penalties_;
  planned<quantized_layer> quantizing_;
  planned<straight_through_layer> pulling_through_;
  planned<regularized_layer> regularizing_;
};

}  // namespace cuda_mlp
