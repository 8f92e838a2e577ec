// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Gradient oracles, and loops over the tensors that they see.

#include <concepts>
#include <cstddef>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/observe.hpp>
#include <detent/execution/run.hpp>
#include <detent/math/dual.hpp>
#include <detent/numbers.hpp>
#include <functional>
#include <span>
#include <type_traits>

namespace detent::inline DETENT_ABI {

/// One tensor of a network as its oracle sees it: weights to read, a gradient to write.
template <class T>
struct oracle_layer {
  std::span<T> w;
  std::span<T> g;
};

/// All tensors of a network.
template <class T>
using oracle_layers = std::span<oracle_layer<T> const>;

/// A gradient oracle: a callable that writes the gradient of the loss at the current weights, for
/// one batch, over what the gradients held. It takes the layers, or nothing where the trainer's own
/// tensors are what the layers show.
///
/// Beyond what is written: it is a function of the weights. Every call sees the same batch, the
/// same dropout masks, the same noise of a quantizer; batch norm's running statistics stay as they
/// are (its batch statistics are part of the function). It leaves the weights alone and may throw.
template <class F, class T>
concept gradient_oracle = std::invocable<F&, oracle_layers<T>> || std::invocable<F&>;

/// A gradient oracle over dual numbers, for forward and backward passes that are templates over
/// their scalar: what it computes of weights w + εv is the gradient g + ε H v.
template <class F, class T>
concept dual_gradient_oracle = std::invocable<F&, oracle_layers<dual<T>>>;

namespace detail {

/// Runs the kernel that `make` makes of every tensor. The kernels lie in memory that the thread
/// keeps.
template <class Policy, class Tensor, class Make>
void run_each(Policy const& policy, std::span<Tensor const> tensors, Make make,
              double* sums = nullptr) {
  using kernel = std::invoke_result_t<Make, Tensor const&>;
  scratch<kernel, use::tensor_sums> kernels(tensors.size());
  for (std::size_t t = 0; t < tensors.size(); ++t)
    kernels.data()[t] = make(tensors[t]);
  run(policy, std::span<kernel const>(kernels.data(), tensors.size()), sums);
}

/// What a statistic learns of every tensor, without an allocation after a thread's first call.
template <class Policy, class S, class Tensor, class Make>
void reduce_each(Policy const& policy, std::span<Tensor const> tensors, Make make, S* results) {
  using observed = std::invoke_result_t<Make, Tensor const&>;
  scratch<observed, use::tensor_sums> all(tensors.size());
  for (std::size_t t = 0; t < tensors.size(); ++t)
    all.data()[t] = make(tensors[t]);
  observe(policy, std::span<observed const>(all.data(), tensors.size()), results);
}

template <class F, class T>
void call_oracle(F& oracle, oracle_layers<T> layers) {
  if constexpr (std::invocable<F&, oracle_layers<T>>) {
    static_cast<void>(oracle(layers));
  } else {
    static_cast<void>(oracle());
  }
}

/// The sizes of layers, held when a workspace is made and asked of every call.
class layer_sizes {
 public:
  template <class Layers>
  explicit layer_sizes(Layers const& layers) {
    first_.push_back(0);
    for (auto const& layer : list_view(layers, "layers"))
      first_.push_back(first_.back() + layer.w.size());
  }

  std::size_t count() const noexcept { return first_.size() - 1; }
  std::size_t total() const noexcept { return first_.back(); }
  std::size_t first(std::size_t layer) const noexcept { return first_[layer]; }

  /// Errors: invalid_argument for other layers than the workspace was made for, null data,
  /// gradients of another size, and tensors that overlap.
  template <class Layers>
  void require_match(Layers const& layers) const {
    auto const list = list_view(layers, "layers");
    require_same_size(list.size(), "layers", count(), "the workspace");
    overlap_check used(4 * list.size());
    for (std::size_t l = 0; l < list.size(); ++l) {
      auto const w = layer_view(list[l].w, "w", l);
      auto const g = layer_view(list[l].g, "g", l);
      require_same_size(w.size, w.which, first_[l + 1] - first_[l], "the layer of the workspace");
      require_same_elements_of_layer(g, w);
      used.writes(w.data, w.size, w.which);
      used.writes(g.data, g.size, g.which);
      if constexpr (requires { list[l].product; }) {
        auto const v = layer_view(list[l].v, "v", l);
        auto const product = layer_view(list[l].product, "product", l);
        require_same_elements_of_layer(v, w);
        require_same_elements_of_layer(product, w);
        used.reads(v.data, v.size, v.which);
        used.writes(product.data, product.size, product.which);
      }
    }
    used.require_disjoint();
  }

 private:
  numbers<std::size_t> first_;
};

/// The memory of a workspace, for the verbs.
struct workspace_access {
  template <class Workspace>
  static auto& memory(Workspace& workspace) noexcept {
    return workspace.memory_;
  }
};

}  // namespace detail

}  // namespace detent::inline DETENT_ABI
