// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// experiment: one network trained in full precision, then finetuned to be rounded at several
// bit-widths, all by replays of two graphs.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <detent/grid/convention.hpp>
#include <detent/training/schedule.hpp>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "fitted_rounding.hpp"
#include "network.cuh"
#include "settings.hpp"

namespace cuda_mlp {

/// Images and labels on the host.
struct examples {
  std::vector<float> pixels;
  std::vector<int> labels;
};

/// Test accuracies at one bit-width, in percent.
struct outcome {
  int bits;
  double plain;      ///< trained without regularizer, then rounded
  double unrounded;  ///< trained with it, before rounding
  double rounded;    ///< and after
  double levels;     ///< trained with it and with levels in the forward pass, then rounded
};

/// The images of an epoch in a new order.
inline std::vector<unsigned> shuffled(unsigned count, std::uint64_t seed) {
  std::vector<unsigned> order(count);
  std::iota(order.begin(), order.end(), 0u);
  std::mt19937_64 random(seed);
  for (unsigned i = count; i > 1; --i)
    std::swap(order[i - 1], order[random() % i]);
  return order;
}

/// @tparam  Device  as for `network`, and
///            class graph; graph record(f) const      what f() enqueues, to be replayed
///            void replay(graph&) const; void wait() const
template <class Device>
class experiment {
 public:
  experiment(Device& device, examples const& train, examples const& test, settings const& s)
      : device_(&device),
        settings_(s),
        train_(train.pixels, train.labels),
        test_(test.pixels, test.labels),
        network_(device, widths(), s.batch,
                 std::vector(s.hidden.size() + 1,
                             detent::rounding(detent::dorefa_grid(detent::bits(4))))),
        float_step_(recorded(forward_with::weights)),
        levels_step_(recorded(forward_with::levels)) {}

  /// Trains in full precision; what is finetuned starts from there. Returns the test accuracy.
  double pretrain() {
    network_.write(network_.random_parameters(settings_.seed));
    train(float_step_, settings_.epochs, settings_.rate, 0);
    pretrained_ = network_.read();
    finetune(float_step_, 0);
    unregularized_ = network_.read();
    return accuracy();
  }

  /// Rounds at so many bits what was trained in each way. After pretrain().
  outcome compare(int bits) {
    outcome r{};
    r.bits = bits;
    network_.write(unregularized_);
    network_.quantized().snap(fitted(bits, unregularized_));
    r.plain = accuracy();
    auto const quantizers = fitted(bits, pretrained_);
    network_.quantized().set_quantizers(quantizers);
    finetune(float_step_, settings_.strength);
    r.unrounded = accuracy();
    network_.quantized().snap(quantizers);
    r.rounded = accuracy();
    finetune(levels_step_, settings_.strength);
    network_.quantized().snap(quantizers);
    r.levels = accuracy();
    return r;
  }

  /// In training since the beginning.
  double images_per_second() const { return static_cast<double>(images_) / seconds_; }

 private:
  using graph = typename Device::graph;

  std::vector<unsigned> widths() const {
    std::vector<unsigned> all{train_.features()};
    all.insert(all.end(), settings_.hidden.begin(), settings_.hidden.end());
    all.push_back(settings_.classes);
    return all;
  }

  /// Everything that a step enqueues, as one graph. It is enqueued once before, so that kernels are
  /// loaded and cuBLAS has chosen its own; what that trains is overwritten.
  graph recorded(forward_with what) {
    train_.start(*device_, shuffled(train_.count(), 0));
    network_.step(train_, what);
    device_->wait();
    return device_->record([&] { network_.step(train_, what); });
  }

  void finetune(graph& step, double strength) {
    network_.write(pretrained_);
    train(step, settings_.finetuning, settings_.rate / 4, strength);
  }

  /// Epochs of replays. λ rises in the first third: one double in device memory is all that
  /// changes.
  void train(graph& step, int epochs, double rate, double strength) {
    detent::rise_schedule const rise(0.2, 0.1);
    network_.set_rate(rate);
    for (int epoch = 0; epoch < epochs; ++epoch) {
      network_.quantized().set_strength(
          strength *
          detent::at_step(rise, static_cast<std::size_t>(epoch), static_cast<std::size_t>(epochs)));
      train_.start(*device_, shuffled(train_.count(), ++shuffles_ + (settings_.seed << 32)));
      replay_epoch(step);
    }
  }

  void replay_epoch(graph& step) {
    unsigned const batches = train_.count() / network_.batch();
    device_->wait();
    auto const begin = std::chrono::steady_clock::now();
    for (unsigned b = 0; b < batches; ++b)
      device_->replay(step);
    device_->wait();
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    images_ += std::uint64_t{batches} * network_.batch();
  }

  std::vector<detent::rounding> fitted(int bits, parameters const& to) const {
    std::vector<detent::rounding> all;
    for (dense const& layer : network_.layers())
      all.push_back(fitted_rounding(bits, to.weights_of(layer)));
    return all;
  }

  double accuracy() {
    std::vector<unsigned> order(test_.count());
    std::iota(order.begin(), order.end(), 0u);
    test_.start(*device_, order);
    for (unsigned done = 0; done < test_.count(); done += network_.batch())
      network_.look(test_);
    tally const total = test_.read_total(*device_);
    return 100 * total.right / total.images;
  }

  Device* device_;
  settings settings_;
  image_set<Device> train_, test_;
  network<Device> network_;
  graph float_step_, levels_step_;
  parameters pretrained_, unregularized_;
  std::uint64_t shuffles_ = 0, images_ = 0;
  double seconds_ = 0;
};

}  // namespace cuda_mlp
