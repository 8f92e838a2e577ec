// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// accumulate for gradient norms: λ‖∇E‖ of weights and activations, and its gradient.

#include <cmath>
#include <concepts>
#include <cstddef>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/observe.hpp>
#include <detent/execution/policy.hpp>
#include <detent/execution/run.hpp>
#include <detent/math/dual.hpp>
#include <detent/math/scalar.hpp>
#include <detent/regularizer/gradient_norm.hpp>
#include <detent/statistic/norms.hpp>
#include <detent/training/gradient_difference.hpp>
#include <detent/training/gradient_dual.hpp>
#include <detent/training/gradient_oracle.hpp>
#include <functional>
#include <limits>
#include <span>

namespace detent::inline DETENT_ABI {

/// Whose gradient a `penalized_layer` holds.
enum class gradient_of {
  weights,      ///< g = ∂E/∂w
  activations,  ///< g = ∂E/∂Y; w are offsets δ that the oracle adds to the activations Y
};

/// One tensor of many whose gradient is penalized, with a strength of its own.
///
/// For activations, w is a tensor of the shape of Y in which the trainer keeps zeros; its forward
/// pass uses Y + w in place of Y, its backward pass leaves ∂E/∂Y in g. As E is then a function of
/// weights and offsets, λ‖∂E/∂Y‖ is one more norm of its gradient, and one Hessian-vector product
/// serves weights and activations together.
template <class T>
struct penalized_layer {
  tensor_span<T> w;
  tensor_span<T> g;
  double scale = 1.0;  ///< λ; 0 where only the norms of other layers count
  gradient_of of = gradient_of::weights;
  /// Root mean square of the activations, for the size of the step; not looked at for weights.
  double magnitude = 1.0;
};
template <detail::accessible W, class G>
penalized_layer(W&&, G&&, double) -> penalized_layer<detail::element_of<W>>;
template <detail::accessible W, class G>
penalized_layer(W&&, G&&, double, gradient_of) -> penalized_layer<detail::element_of<W>>;
template <detail::accessible W, class G>
penalized_layer(W&&, G&&, double, gradient_of, double) -> penalized_layer<detail::element_of<W>>;

/// The penalty, and how its gradient was made.
struct gradient_penalty {
  double value = 0;  ///< Σ λ‖g‖
  /// λ‖g‖ of each layer, in the memory of the workspace: until its next use.
  std::span<double const> values;
  difference_report product;
};

namespace detail {

/// v is the slope of a norm.
template <norm Norm, class T>
struct norm_direction {
  gradient_norm<Norm> of{};
  DETENT_HD T operator()(std::size_t, T g) const noexcept { return of(g).slope; }
};

/// Fills `results` with the statistics of every layer's gradient.
template <norm Norm, class Policy, class T>
void observe_gradients(Policy const& policy, std::span<penalized_layer<T> const> layers,
                       norms* results) {
  using layer_type = penalized_layer<T>;
  reduce_each(
      policy, layers,
      [](layer_type const& layer) {
        return observed_tensor<norms, T>{norms{}, layer.g.data(), layer.g.size()};
      },
      results);
  if (Norm != norm::maximum) return;
  reduce_each(
      policy, layers,
      [=](layer_type const& layer) {
        norms const& first = results[&layer - layers.data()];
        return observed_tensor<norms, T>{norms{first.maximum()}, layer.g.data(), layer.g.size()};
      },
      results);
}

template <class T>
void require_strengths(std::span<penalized_layer<T> const> layers) {
  for (std::size_t l = 0; l < layers.size(); ++l) {
    argument const scale{"scale", l};
    require_finite(layers[l].scale, scale);
    require_finite(static_cast<double>(static_cast<T>(layers[l].scale)), scale);
    if (layers[l].of == gradient_of::activations) {
      require_positive(layers[l].magnitude, argument{"magnitude", l});
    }
  }
}

/// What the step follows from: ‖w‖/‖v‖ over all weights, and no activation moved by a larger share.
template <norm Norm, class T>
direction_size penalty_direction(std::span<penalized_layer<T> const> layers,
                                 std::span<norms const> gradients, std::span<norms const> weights) {
  square_sum w, v, g, all;
  double count = 0;
  constexpr double most = (std::numeric_limits<double>::max)();
  double activations = most;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    double const along =
        rounded_product(layers[l].scale, gradient_norm<Norm>(gradients[l]).direction());
    double const size = static_cast<double>(layers[l].w.size());
    all.add(along);
    if (layers[l].of == gradient_of::activations) {
      double const ratio = layers[l].magnitude * std::sqrt(size) / std::fabs(along);
      if (along != 0) activations = smaller(ratio, activations);
      continue;
    }
    w.add(weights[l].l2());
    g.add(gradients[l].l2());
    v.add(along);
    count += size;
  }
  double const size = w.root(), direction = v.root(), own = size > 0 ? size : std::sqrt(count);
  double const ratio = direction > 0 ? own / direction : activations;
  return {smaller(activations, ratio), size, all.root(), g.root()};
}

/// The values of all layers.
template <norm Norm, class T>
gradient_penalty penalty_of(std::span<penalized_layer<T> const> layers,
                            std::span<norms const> gradients, std::span<double> values) {
  gradient_penalty r;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    values[l] = rounded_product(layers[l].scale, gradient_norm<Norm>(gradients[l]).value());
    r.value += values[l];
  }
  r.values = values;
  return r;
}

}  // namespace detail

/// g += ∂P/∂w for the penalty P = Σ λ‖∇E‖ of all layers, by a difference of gradients.
///
///     ∂P/∂w = H v        v = λ sign g (ℓ1), λ g/‖g‖ (ℓ2), λ sign g where |g| is largest (ℓ∞)
///
///     trainer.forward_backward(batch);                            g = ∇E
///     auto const p = accumulate(seq, gradient_norm<norm::l1>{}, oracle, layers, workspace);
///     trainer.step();                                             g = ∇E + H v
///
/// The norm is that of each layer. The gradients of activations are penalized too where layers hold
/// them (see `penalized_layer`), in the same product; their g comes back as it was.
///
/// @param  policy     `seq`, `openmp`, or `on(executor)`, for the passes over the weights
/// @param  kind       `gradient_norm<norm::l1>{}`, `l2` or `maximum`: which norm
/// @param  oracle     a `gradient_oracle`; it may throw, and everything is then what it was
/// @param  layers     contiguous container of `penalized_layer`; g holds the loss gradient as the
///                    oracle writes it, without weight decay or other penalties: those come after
/// @param  workspace  made of layers of these sizes
/// @param  options    form, step, and whether to measure the truncation error
/// @return the penalty, that of each layer, the step, the estimated relative error of H v, and the
/// number of evaluations: 0 where every v is 0, or where g or w is not finite (g is then left alone
/// and the penalty is NaN or infinite)
/// Errors: invalid_argument for sizes that differ, null data, a strength that is not finite, a step
/// or magnitude that is not, before anything is written.
/// Cost: one call of the oracle (two for `central`), and three passes over w and g.
/// The weights come back bit for bit. Determinism: that of the oracle; the same bits under every
/// policy.
template <execution_policy Policy, norm Norm, std::floating_point T, gradient_oracle<T> F,
          layers_of<penalized_layer> Layers>
gradient_penalty accumulate(Policy const& policy, [[maybe_unused]] gradient_norm<Norm> const& kind,
                            F&& oracle, Layers const& layers, difference_workspace<T>& workspace,
                            difference_options const& options = {}) {
  using direction = detail::norm_direction<Norm, T>;
  using tensor = detail::moved_tensor<T, direction>;
  auto& memory = detail::workspace_access::memory(workspace);
  memory.sizes.require_match(layers);
  std::size_t const count = memory.sizes.count();
  std::span<penalized_layer<T> const> const all = detail::list_view(layers, "layers");
  detail::require_strengths(all);
  detail::require_step(options);
  memory.make_room(options);

  detail::observe_gradients<Norm>(policy, all, memory.statistics.data());
  gradient_penalty r =
      detail::penalty_of<Norm>(all, std::span<norms const>(memory.statistics), memory.values);
  detail::scratch<norms, detail::use::tensor_sums> weights(count);
  detail::reduce_each(
      policy, all,
      [](penalized_layer<T> const& layer) {
        return detail::observed_tensor<norms, T>{norms{}, layer.w.data(), layer.w.size()};
      },
      weights.data());
  auto const size = detail::penalty_direction<Norm>(all, std::span<norms const>(memory.statistics),
                                                    std::span<norms const>(weights.data(), count));
  // An array of its own: nvcc's front end garbles the braces of a range.
  double const numbers[] = {size.ratio, size.direction, size.gradient, size.weights};
  for (double const number : numbers) {
    if (!detail::is_finite(number)) return r;
  }
  if (!(size.direction > 0)) return r;

  detail::scratch<tensor, detail::use::tensor_sums> buffer(count);
  for (std::size_t l = 0; l < count; ++l) {
    buffer.data()[l] =
        memory.moved(l, all[l], direction{gradient_norm<Norm>(memory.statistics[l])}, all[l].scale,
                     static_cast<T*>(nullptr), all[l].of == gradient_of::weights);
  }
  r.product = detail::take_difference<true>(
      policy, oracle, memory, std::span<tensor const>(buffer.data(), count), size, options);
  return r;
}

/// The same, exactly, by dual numbers: for trainers that are templates over their scalar.
///
/// @param  oracle     a `dual_gradient_oracle`      @param  workspace  made of these layers
/// Errors: as above. Cost: one call of the oracle over dual numbers.
template <execution_policy Policy, norm Norm, std::floating_point T, dual_gradient_oracle<T> F,
          layers_of<penalized_layer> Layers>
gradient_penalty accumulate(Policy const& policy, gradient_norm<Norm> const&, F&& oracle,
                            Layers const& layers, dual_workspace<T>& workspace) {
  using layer_type = penalized_layer<T>;
  using direction = detail::norm_direction<Norm, T>;
  auto& memory = detail::workspace_access::memory(workspace);
  memory.sizes.require_match(layers);
  std::span<layer_type const> const all = detail::list_view(layers, "layers");
  detail::require_strengths(all);
  detail::observe_gradients<Norm>(policy, all, memory.statistics.data());
  gradient_penalty r =
      detail::penalty_of<Norm>(all, std::span<norms const>(memory.statistics), memory.values);
  if (!detail::is_finite(r.value)) return r;
  auto const index = [&](layer_type const& t) { return static_cast<std::size_t>(&t - all.data()); };
  detail::run_each(policy, all, [&](layer_type const& t) {
    return detail::seed_kernel<T, direction>{{gradient_norm<Norm>(memory.statistics[index(t)])},
                                             t.w.data(),
                                             t.g.data(),
                                             memory.w.data() + memory.sizes.first(index(t)),
                                             static_cast<T>(t.scale),
                                             t.w.size()};
  });
  static_cast<void>(oracle(oracle_layers<dual<T>>(memory.layers)));
  detail::run_each(policy, all, [&](layer_type const& t) {
    bool const adds = t.of == gradient_of::weights;
    return detail::harvest_kernel<T, true>{memory.g.data() + memory.sizes.first(index(t)),
                                           t.g.data(), adds ? t.w.size() : 0};
  });
  r.product = {0, 0, detail::optional_number(0.0), 1};
  return r;
}

}  // namespace detent::inline DETENT_ABI
