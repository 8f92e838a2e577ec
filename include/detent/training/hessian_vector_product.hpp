// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Hessian-vector products of a gradient oracle, by differences and by dual numbers.

#include <cmath>
#include <concepts>
#include <cstddef>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/observe.hpp>
#include <detent/execution/policy.hpp>
#include <detent/math/scalar.hpp>
#include <detent/statistic/norms.hpp>
#include <detent/training/gradient_difference.hpp>
#include <detent/training/gradient_dual.hpp>
#include <detent/training/gradient_oracle.hpp>
#include <functional>
#include <span>

namespace detent::inline DETENT_ABI {

/// One tensor of many, for `hessian_vector_product`.
template <class T>
struct directed_layer {
  tensor_span<T> w;        ///< weights; moved while the oracle is called, then back, bit for bit
  tensor_span<T> g;        ///< on entry the gradient at w, and on return
  tensor_span<T const> v;  ///< the direction
  tensor_span<T> product;  ///< H v, overwritten
};
template <detail::accessible W, class G, class V, class P>
directed_layer(W&&, G&&, V&&, P&&) -> directed_layer<detail::element_of<W>>;

namespace detail {

/// v is given.
template <class T>
struct given_direction {
  T const* v;
  DETENT_HD T operator()(std::size_t i, T) const noexcept { return v[i]; }
};

/// √Σ ‖x‖² of the tensors' statistics.
inline double joint_norm(std::span<norms const> all) noexcept {
  square_sum square;
  for (auto const& one : all)
    square.add(one.l2());
  return square.root();
}

}  // namespace detail

/// product = H v for all layers together, by a difference of gradients.
///
/// @param  policy     `seq`, `openmp`, or `on(executor)`, for the passes over the weights; the
///                    oracle is called on this thread
/// @param  oracle     a `gradient_oracle`; it may throw, and everything but the products is then
///                    what it was
/// @param  layers     contiguous container of `directed_layer`; g holds the gradient at w, which
///                    the caller has from its own step
/// @param  workspace  made of layers of these sizes
/// @param  options    form, step, and whether to measure the truncation error
/// @return the step, the estimates of the relative error, and the number of evaluations; where v is
/// 0, so is the product, and the oracle is not called
/// Errors: invalid_argument for sizes that differ, null data, tensors that overlap, a step that is
/// not finite or below 0, and w, g or v that are not finite, before anything is written. Cost: per
/// evaluation one call of the oracle and one pass over w and g; one pass more at the end. Accuracy:
/// see `difference_report`. The weights come back bit for bit, and so do the gradients.
/// Determinism: that of the oracle; the passes give the same bits under every policy.
template <execution_policy Policy, std::floating_point T, gradient_oracle<T> F,
          layers_of<directed_layer> Layers>
difference_report hessian_vector_product(Policy const& policy, F&& oracle, Layers const& layers,
                                         difference_workspace<T>& workspace,
                                         difference_options const& options = {}) {
  using direction = detail::given_direction<T>;
  using tensor = detail::moved_tensor<T, direction>;
  auto& memory = detail::workspace_access::memory(workspace);
  memory.sizes.require_match(layers);
  detail::require_step(options);
  memory.make_room(options);
  std::size_t const count = memory.sizes.count();
  detail::scratch<tensor, detail::use::tensor_sums> buffer(count);
  for (std::size_t l = 0; l < count; ++l) {
    auto const& layer = detail::list_view(layers, "layers")[l];
    buffer.data()[l] =
        memory.moved(l, layer, direction{layer.v.data()}, 1.0, layer.product.data(), false);
  }
  std::span<tensor const> const tensors(buffer.data(), count);
  auto const norm_of = [&](auto pointer_of, char const* name) {
    detail::reduce_each(
        policy, tensors,
        [=](tensor const& t) {
          return detail::observed_tensor<norms, T>{norms{}, pointer_of(t), t.size};
        },
        memory.statistics.data());
    double const size = detail::joint_norm(memory.statistics);
    detail::require_finite(size, name);
    return size;
  };
  double const w = norm_of([](tensor const& t) { return t.w; }, "w of the layers");
  double const g = norm_of([](tensor const& t) { return t.g; }, "g of the layers");
  double const v = norm_of([](tensor const& t) { return t.direction.v; }, "v of the layers");
  if (!(v > 0)) {
    for (auto const& t : tensors)
      detail::fill(t.product, t.size, T(0));
    return {};
  }
  double const size = w > 0 ? w : std::sqrt(static_cast<double>(memory.sizes.total()));
  return detail::take_difference<false>(policy, oracle, memory, tensors,
                                        detail::direction_size{size / v, w, v, g}, options);
}

/// product = H v for all layers together, exactly, by dual numbers (Pearlmutter's R-operator).
///
/// @param  oracle     a `dual_gradient_oracle`; it sees copies of the weights, seeded with v
/// @param  layers     contiguous container of `directed_layer`, whose w and g stay as they are
/// @param  workspace  made of layers of these sizes
/// @return evaluations = 1; there is no step and no error but the oracle's own rounding
/// Errors: invalid_argument for sizes that differ, null data and tensors that overlap, before
/// anything is written.
/// Cost: one call of the oracle, which does two to three times the work of a plain one.
/// Source: Pearlmutter, "Fast exact multiplication by the Hessian", 1994.
template <execution_policy Policy, std::floating_point T, dual_gradient_oracle<T> F,
          layers_of<directed_layer> Layers>
difference_report hessian_vector_product(Policy const& policy, F&& oracle, Layers const& layers,
                                         dual_workspace<T>& workspace) {
  using direction = detail::given_direction<T>;
  using layer_type = directed_layer<T>;
  auto& memory = detail::workspace_access::memory(workspace);
  memory.sizes.require_match(layers);
  std::span<layer_type const> const all = detail::list_view(layers, "layers");
  auto const first = [&](layer_type const& layer) {
    return memory.sizes.first(static_cast<std::size_t>(&layer - all.data()));
  };
  detail::run_each(policy, all, [&](layer_type const& t) {
    return detail::seed_kernel<T, direction>{
        {t.v.data()}, t.w.data(), nullptr, memory.w.data() + first(t), T(1), t.w.size()};
  });
  static_cast<void>(oracle(oracle_layers<dual<T>>(memory.layers)));
  detail::run_each(policy, all, [&](layer_type const& t) {
    return detail::harvest_kernel<T, false>{memory.g.data() + first(t), t.product.data(),
                                            t.w.size()};
  });
  return {0, 0, detail::optional_number(0.0), 1};
}

}  // namespace detent::inline DETENT_ABI
