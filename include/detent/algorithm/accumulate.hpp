// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// accumulate and penalty: value and gradient of a regularizer in one pass, for one or many tensors.

#include <cstddef>
#include <detent/algorithm/result.hpp>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/arrays.hpp>
#include <detent/execution/run.hpp>
#include <detent/regularizer/term.hpp>
#include <span>
#include <type_traits>
#include <vector>

namespace detent::inline DETENT_ABI {

namespace detail {

/// A regularizer over one tensor; with a gradient where G is not void.
template <regularizer R, class W, class G>
struct penalty_kernel {
  using compute = compute_type<W>;
  static constexpr int sums = 1 + R::parameters;
  static constexpr int numbers = sums;

  R functor;
  W const* w;
  G* g;
  std::size_t size;
  double scale;

  DETENT_HD auto arrays() const noexcept {
    if constexpr (std::is_void_v<G>) {
      return list_of(reads<W>{w});
    } else {
      return list_of(reads<W>{w}, updates<G>{g});
    }
  }

  DETENT_LOOP lane_terms<compute, sums> operator()(std::size_t i) const noexcept {
    if constexpr (std::is_void_v<G>) {
      return element(i, w[i]);
    } else {
      return element(i, w[i], g[i]);
    }
  }

  /// Of a weight and its gradient, where there is one.
  template <class... Gradient>
  DETENT_LOOP lane_terms<compute, sums> element(std::size_t, W const& weight,
                                                Gradient&... gradient) const noexcept {
    auto const t = unscaled(functor, to_compute(weight));
    (add_slope(t.slope, gradient), ...);
    lane_terms<compute, sums> terms{{t.value}};
    if constexpr (R::parameters > 0) {
      for (int p = 0; p < R::parameters; ++p)
        terms.value[1 + p] = t.theta[p];
    }
    return terms;
  }

  template <class Gradient>
  DETENT_HD void add_slope(compute slope, Gradient& gradient) const noexcept {
    using wide = std::common_type_t<compute, compute_type<Gradient>>;
    gradient = from_compute<Gradient>(fma(static_cast<wide>(scale * factors(functor).slope),
                                          static_cast<wide>(slope),
                                          static_cast<wide>(to_compute(gradient))));
  }

  /// Number k of the result: the value, then theta.
  DETENT_HD double number(int k, double const* sum) const noexcept {
    auto const factor = factors(functor);
    if constexpr (R::parameters > 0) {
      if (k > 0) return scale * (factor.theta[k - 1] * sum[k]);
    }
    return scale * (factor.value * sum[0]);
  }

  /// Checks a scale, also in the type that multiplies and with the functor's factor: 1e300 is
  /// infinite in float.
  template <class Name>
  static void require_scale(R const& functor, double const& given, Name const& name) {
    if constexpr (std::is_void_v<G>) {
      require_finite(given, name);
    } else {
      using wide = std::common_type_t<compute, compute_type<G>>;
      require_finite(given, name);
      require_finite(static_cast<double>(static_cast<wide>(given * factors(functor).slope)), name);
    }
  }
};

template <class Policy, class Kernel, int P>
void run_penalties(Policy const& policy, std::span<Kernel const> kernels, result<P>* results) {
  constexpr auto sums = static_cast<std::size_t>(Kernel::sums);
  scratch<double, use::tensor_sums> buffer(kernels.size() * sums + 1);
  run(policy, kernels, buffer.data());
  for (std::size_t t = 0; t < kernels.size(); ++t) {
    double const* const sum = buffer.data() + t * sums;
    results[t].value = kernels[t].number(0, sum);
    if constexpr (P > 0) {
      for (int p = 0; p < P; ++p)
        results[t].theta[static_cast<std::size_t>(p)] = kernels[t].number(1 + p, sum);
    }
  }
}

/// The kernel of layer t, checked. Its memory is added to `used`.
template <class Kernel, class Layer>
Kernel checked_kernel(Layer const& layer, std::size_t t, overlap_check& used) {
  auto const w = layer_view(layer.w, "w", t);
  Kernel::require_scale(layer.functor, layer.scale, argument{"scale", t});
  if constexpr (std::is_void_v<std::remove_pointer_t<decltype(Kernel::g)>>) {
    used.reads(w.data, w.size, w.which);
    return {layer.functor, w.data, nullptr, w.size, layer.scale};
  } else {
    auto const g = layer_view(layer.g, "g", t);
    require_matching_of_layer(g, w);
    used.writes(g.data, g.size, g.which);
    used.reads_beside(w, g);
    return {layer.functor, w.data, g.data, w.size, layer.scale};
  }
}

/// Checks every layer, then runs them all.
template <class Kernel, class Policy, class Layers, class Results>
void run_layers(Policy const& policy, Layers const& layers, Results& results) {
  auto const list = list_view(layers, "layers");
  auto* const to = results_view<result<Kernel::sums - 1>>(results, list.size());
  std::vector<Kernel> kernels;
  kernels.reserve(list.size());
  overlap_check used(2 * list.size() + 1);
  used.writes(to, list.size(), argument{"results"});
  for (auto const& layer : list)
    kernels.push_back(checked_kernel<Kernel>(layer, kernels.size(), used));
  used.require_disjoint();
  run_penalties(policy, std::span<Kernel const>(kernels), to);
}

}  // namespace detail

/// R(W) = Σ r(w): the penalty of a tensor, without a gradient.
///
/// @param  policy  `seq` (the default), `openmp`, or `on(executor)`
/// @param  reg     a regularizer
/// @param  w       weights; any `readable` container      @return  Σ value and Σ theta
/// Errors: invalid_argument for null data. A NaN weight gives a NaN penalty.
/// Cost: one read of w. Determinism: the result depends on w alone, not on policy or machine.
template <execution_policy Policy, regularizer R, readable W>
result<R::parameters> penalty(Policy const& policy, R const& reg, W const& w) {
  auto const weights = detail::read_view(w, "w");
  using kernel = detail::penalty_kernel<R, detail::element_of<W const>, void>;
  kernel const k{reg, weights.data, nullptr, weights.size, 1.0};
  result<R::parameters> r;
  detail::run_penalties(policy, std::span<kernel const>(&k, 1), &r);
  return r;
}
template <regularizer R, readable W>
result<R::parameters> penalty(R const& reg, W const& w) {
  return penalty(seq, reg, w);
}

/// g += scale·∂R/∂w, and the penalty, in one pass.
///
///     g[i] += scale · r′(w[i])            returns scale·Σ r(w), scale·Σ ∂r/∂θ
///
/// @param  policy  `seq` (the default), `openmp`, or `on(executor)`
/// @param  reg     a regularizer
/// @param  w       weights; any `readable` container
/// @param  g       gradient of the same size, added to; any `writable` container, which may hold
///                 another element type: the sum is made in the wider compute type, rounded once
/// @param  scale   strength λ, divided by the number of weights where a mean is wanted; finite
/// Errors: invalid_argument for differing sizes, shapes or orders, null data, a scale that is not
/// finite, or partial overlap, before g is touched. A NaN weight gives a NaN penalty and a NaN in
/// its own gradient.
/// Cost: one read of w, one read and write of g; no allocation after a thread's first call.
/// Determinism: value and gradient are the same bits under every policy.
/// Aliasing: g may be w itself, of the same type; partial overlap is refused.
template <execution_policy Policy, regularizer R, readable W, writable G>
result<R::parameters> accumulate(Policy const& policy, R const& reg, W const& w, G&& g,
                                 detail::real scale) {
  auto const weights = detail::read_view(w, "w");
  auto const gradient = detail::write_view(g, "g");
  detail::require_matching(gradient, weights);
  using kernel = detail::penalty_kernel<R, detail::element_of<W const>,
                                        detail::element_of<std::remove_reference_t<G>>>;
  kernel::require_scale(reg, scale, "scale");
  kernel const k{reg, weights.data, gradient.data, weights.size, scale};
  result<R::parameters> r;
  detail::run_penalties(policy, std::span<kernel const>(&k, 1), &r);
  return r;
}
template <regularizer R, readable W, writable G>
result<R::parameters> accumulate(R const& reg, W const& w, G&& g, detail::real scale) {
  return accumulate(seq, reg, w, g, scale);
}

/// One tensor of many, for `accumulate` and `penalty` over layers.
template <class R, class W, class G>
struct regularized_layer {
  R functor;
  tensor_span<W const> w;
  tensor_span<G> g;
  double scale = 1.0;

  using accumulate_kernel = detail::penalty_kernel<R, W, G>;
  using penalty_kernel = detail::penalty_kernel<R, W, void>;
};
template <class R, detail::accessible W, detail::accessible G>
regularized_layer(R, W&&, G&&, double)
    -> regularized_layer<R, detail::element_of<W const>, detail::element_of<G>>;

/// `accumulate` for many tensors at once; chunks, not tensors, are shared among threads.
///
/// @param  layers   contiguous container of `regularized_layer`
/// @param  results  contiguous container of as many `result`s, overwritten
/// Errors: as above, for any layer, which the message names, before anything is written; null
/// layers or results, differing numbers of them, and a gradient that another layer reads or writes.
template <execution_policy Policy, layers_of<regularized_layer> Layers, detail::accessible Results>
void accumulate(Policy const& policy, Layers const& layers, Results&& results) {
  using layer_type = detail::element_of<Layers const>;
  detail::run_layers<typename layer_type::accumulate_kernel>(policy, layers, results);
}

/// `penalty` for many tensors; the layers' gradients are not looked at, their scales apply.
template <execution_policy Policy, layers_of<regularized_layer> Layers, detail::accessible Results>
void penalty(Policy const& policy, Layers const& layers, Results&& results) {
  using layer_type = detail::element_of<Layers const>;
  detail::run_layers<typename layer_type::penalty_kernel>(policy, layers, results);
}

}  // namespace detent::inline DETENT_ABI
