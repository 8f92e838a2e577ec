// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// backward: the straight-through gradient of a quantizer, for one or many tensors.

#include <cstddef>
#include <detent/algorithm/block.hpp>
#include <detent/algorithm/result.hpp>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/arrays.hpp>
#include <detent/execution/run.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <span>
#include <type_traits>
#include <vector>

namespace detent::inline DETENT_ABI {

namespace detail {

template <tensor_quantizer Q, class W, class U, class G>
struct backward_kernel {
  using compute = compute_type<W>;
  using wide = std::common_type_t<compute, compute_type<G>>;
  static constexpr int sums = Q::parameters;
  static constexpr int numbers = 1 + sums;
  static constexpr bool is_long = pulls_at_length<Q, compute>;

  Q functor;
  W const* w;
  U const* upstream;
  G* g;
  std::size_t size;
  wide one = opaque_one<wide>();  // asked for once: within the loop it would not vectorize

  DETENT_HD auto arrays() const noexcept {
    return list_of(reads<W>{w}, reads<U>{upstream}, updates<G>{g});
  }

  DETENT_HD void add(compute gradient, G& to) const noexcept {
    auto const before = static_cast<wide>(to_compute(to));
    to = from_compute<G>(added_exactly(static_cast<wide>(gradient), one, before));
  }

  DETENT_LOOP lane_terms<compute, sums> operator()(std::size_t i) const noexcept {
    return element(i, w[i], upstream[i], g[i]);
  }

  DETENT_LOOP lane_terms<compute, sums> element(std::size_t i, W const& weight, U const& slope,
                                                G& gradient) const noexcept {
    auto const above = static_cast<compute>(to_compute(slope));
    auto const p = at_element(functor, i).backward(to_compute(weight), above);
    add(p.gradient, gradient);
    lane_terms<compute, sums> terms{};
    if constexpr (sums > 0) {
      for (int k = 0; k < sums; ++k)
        terms.value[k] = p.theta[k];
    }
    return terms;
  }

  /// Number k of the result: the value, which is 0, then theta.
  DETENT_HD double number(int k, double const* sum) const noexcept {
    return k == 0 ? 0.0 : sum[k - 1];
  }
};

/// A row of a quantizer that takes blocks.
template <class C, pulls_blocks<C, quantizer_block> Q, class W, class U, class G>
DETENT_HOST_LOOP inline void add_row(backward_kernel<Q, W, U, G> const& kernel, std::size_t first,
                                     std::size_t count, C one, C* lane) noexcept {
  for_blocks(first, count, [&](std::size_t at, std::size_t used) {
    alignas(64) C x[quantizer_block], above[quantizer_block];
    pullbacks<C, Q::parameters, quantizer_block> p;
    load_block(kernel.w + at, used, x);
    load_block(kernel.upstream + at, used, above);
    kernel.functor.backward_block(at, x, above, p);
    for_block(used, [&](std::size_t i) { kernel.add(p.gradient[i], kernel.g[at + i]); });
    for (int k = 0; k < Q::parameters; ++k) {
      C* const sum = lane + static_cast<std::size_t>(k) * tree_lanes<C> + (at - first);
      for_block(used, [&](std::size_t i) { sum[i] = fma(p.theta[k][i], one, sum[i]); });
    }
  });
}

template <class Policy, class Kernel, int P>
void run_backward(Policy const& policy, std::span<Kernel const> kernels, result<P>* results) {
  constexpr auto sums = static_cast<std::size_t>(P);
  scratch<double, use::tensor_sums> buffer(kernels.size() * sums + 1);
  run(policy, kernels, buffer.data());
  for (std::size_t t = 0; t < kernels.size(); ++t) {
    for (std::size_t p = 0; p != sums; ++p)
      results[t].theta[p] = buffer.data()[t * sums + p];
  }
}

}  // namespace detail

/// g += the gradient at the quantizer's output, led back to its input; parameter gradients.
///
///     g[i] += q.backward(w[i], upstream[i]).gradient        returns Σ theta
///
/// @param  policy    `seq` (the default), `openmp`, or `on(executor)`
/// @param  q         a quantizer
/// @param  w         what the quantizer was applied to
/// @param  upstream  gradient of the loss by the quantizer's output, of the same size
/// @param  g         gradient by w, of the same size, added to in the wider compute type of w and
///                   g, rounded once
/// @return the parameter gradients in `theta`; `value` is 0
/// Errors: invalid_argument for differing sizes, shapes or orders, null data or partial overlap of
/// g with the others, before g is touched. Cost: one read of w and upstream, one read and write of
/// g. Aliasing: g may be upstream or w itself, of the same type.
template <execution_policy Policy, tensor_quantizer Q, readable W, readable U, writable G>
result<Q::parameters> backward(Policy const& policy, Q const& q, W const& w, U const& upstream,
                               G&& g) {
  auto const weights = detail::read_view(w, "w");
  auto const above = detail::read_view(upstream, "upstream");
  auto const gradient = detail::write_view(g, "g");
  detail::require_same_elements(above, weights);
  detail::require_matching(gradient, weights);
  detail::require_matching(gradient, above);
  using kernel =
      detail::backward_kernel<Q, detail::element_of<W const>, detail::element_of<U const>,
                              detail::element_of<std::remove_reference_t<G>>>;
  kernel const k{q, weights.data, above.data, gradient.data, weights.size};
  result<Q::parameters> r;
  detail::run_backward(policy, std::span<kernel const>(&k, 1), &r);
  return r;
}
template <tensor_quantizer Q, readable W, readable U, writable G>
result<Q::parameters> backward(Q const& q, W const& w, U const& upstream, G&& g) {
  return backward(seq, q, w, upstream, g);
}

/// One tensor of many, for `backward` over layers.
template <class Q, class W, class U, class G>
struct straight_through_layer {
  Q functor;
  tensor_span<W const> w;
  tensor_span<U const> upstream;
  tensor_span<G> g;

  using kernel = detail::backward_kernel<Q, W, U, G>;
};
template <class Q, detail::accessible W, detail::accessible U, detail::accessible G>
straight_through_layer(Q, W&&, U&&, G&&)
    -> straight_through_layer<Q, detail::element_of<W const>, detail::element_of<U const>,
                              detail::element_of<G>>;

/// `backward` for many tensors at once. Errors: as above, for any layer, which the message names,
/// before anything is written; null layers or results, differing numbers of them, and a gradient
/// that another layer reads or writes.
template <execution_policy Policy, layers_of<straight_through_layer> Layers,
          detail::accessible Results>
void backward(Policy const& policy, Layers const& layers, Results&& results) {
  using kernel = typename detail::element_of<Layers const>::kernel;
  auto const list = detail::list_view(layers, "layers");
  auto* const to = detail::results_view<result<kernel::sums>>(results, list.size());
  std::vector<kernel> kernels;
  kernels.reserve(list.size());
  detail::overlap_check used(3 * list.size() + 1);
  used.writes(to, list.size(), detail::argument{"results"});
  for (auto const& layer : list) {
    auto const w = detail::layer_view(layer.w, "w", kernels.size());
    auto const above = detail::layer_view(layer.upstream, "upstream", kernels.size());
    auto const g = detail::layer_view(layer.g, "g", kernels.size());
    detail::require_same_elements_of_layer(above, w);
    detail::require_matching_of_layer(g, w);
    detail::require_matching_of_layer(g, above);
    used.writes(g.data, g.size, g.which);
    used.reads_beside(w, g);
    used.reads_beside(above, g);
    kernels.push_back({layer.functor, w.data, above.data, g.data, w.size});
  }
  used.require_disjoint();
  detail::run_backward(policy, std::span<kernel const>(kernels), to);
}

}  // namespace detent::inline DETENT_ABI
