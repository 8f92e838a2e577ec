// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// All tensors of a network in one launch, against one flat tensor and against a launch a tensor.

#include <bench/cuda/accumulate.cuh>
#include <bench/cuda/networks.hpp>

namespace bench::cuda {

namespace {

using detent::cuda::device_span;
using layer = detent::cuda::regularized_layer<decltype(bounded()), float, float>;

/// The tensors of a network, one behind the other in the memory of a flat one.
class layers {
 public:
  layers(session& s, network const& of, regularized<float, float> const& flat)
      : layers_(slices(of, flat)),
        memory_(detent::cuda::plan_bytes(layers_)),
        plan_(s.stream(), layers_, memory_.span()),
        results_(layers_.size()),
        small_memory_(detent::cuda::workspace_bytes(of.weights())),
        workspace_(s.stream(), small_memory_.span()) {}

  candidate one_launch() const {
    return {"one launch", 12, [this](cudaStream_t s, std::size_t) {
              detent::cuda::accumulate(s, plan_, results_.span());
            }};
  }
  candidate a_launch_a_tensor(char const* name, bool is_captured) const {
    return {name, 12, [this](cudaStream_t s, std::size_t) { one_by_one(s); }, is_captured};
  }

 private:
  static std::vector<layer> slices(network const& of, regularized<float, float> const& flat) {
    std::vector<layer> all;
    std::size_t first = 0;
    for (std::size_t const size : of.sizes) {
      all.push_back({bounded(), device_span<float const>(flat.w() + first, size),
                     device_span<float>(flat.g() + first, size), scale});
      first += size;
    }
    return all;
  }
  void one_by_one(cudaStream_t s) const {
    for (std::size_t t = 0; t < layers_.size(); ++t) {
      layer const& one = layers_[t];
      detent::cuda::accumulate(s, one.functor, one.w, one.g, one.scale, workspace_,
                               device_span(results_.data() + t, 1));
    }
  }

  std::vector<layer> layers_;
  device_array<std::byte> memory_;
  detent::cuda::plan<layer> plan_;
  device_array<detent::result<>> results_;
  device_array<std::byte> small_memory_;
  detent::cuda::workspace workspace_;
};

void compare_network(session& s, network const& of) {
  std::size_t const weights = of.weights();
  subject const about{"layers", of.name, "float", "float", weights, of.sizes.size()};
  if (!s.wanted().has(weights) || !s.has_room(about, 20 * weights)) return;
  regularized<float, float> const flat(s, weights, 1);
  layers const all(s, of, flat);
  copied const copy(weights, 12, 1);
  s.run(about, {all.one_launch(), flat.candidate("one flat tensor"),
                all.a_launch_a_tensor("a launch a tensor, in a graph", true),
                all.a_launch_a_tensor("a launch a tensor", false), copy.candidate()});
}

}  // namespace

void compare_layers(session& s) {
  for (network const& of : networks())
    compare_network(s, of);
}

}  // namespace bench::cuda
