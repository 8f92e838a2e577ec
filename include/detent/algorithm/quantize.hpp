// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// quantize: every weight to its level, for one or many tensors.

#include <cstddef>
#include <detent/algorithm/block.hpp>
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

template <tensor_quantizer Q, class W, class Out>
struct quantize_kernel {
  using compute = compute_type<W>;
  static constexpr int sums = 0;
  static constexpr bool is_long = quantizes_at_length<Q, compute>;

  Q functor;
  W const* w;
  Out* out;
  std::size_t size;

  DETENT_HD auto arrays() const noexcept { return list_of(reads<W>{w}, writes<Out>{out}); }

  DETENT_LOOP lane_terms<compute, 0> operator()(std::size_t i) const noexcept {
    return element(i, w[i], out[i]);
  }

  DETENT_LOOP lane_terms<compute, 0> element(std::size_t i, W const& weight,
                                             Out& level) const noexcept {
    level = from_compute<Out>(at_element(functor, i)(to_compute(weight)));
    return {};
  }
};

/// A row of a quantizer that takes blocks.
template <class C, quantizes_blocks<C, quantizer_block> Q, class W, class Out>
DETENT_HOST_LOOP inline void add_row(quantize_kernel<Q, W, Out> const& kernel, std::size_t first,
                                     std::size_t count, C, C*) noexcept {
  for_blocks(first, count, [&](std::size_t at, std::size_t used) {
    alignas(64) C x[quantizer_block], level[quantizer_block];
    load_block(kernel.w + at, used, x);
    kernel.functor.quantize_block(at, x, level);
    for_block(used, [&](std::size_t i) { kernel.out[at + i] = from_compute<Out>(level[i]); });
  });
}

}  // namespace detail

/// out[i] = q(w[i]).
///
/// @param  policy  `seq` (the default), `openmp`, or `on(executor)`
/// @param  q       a quantizer      @param  w  weights      @param  out  levels, of the same size,
///                 rounded once where out is narrower than w's compute type
/// Errors: invalid_argument for differing sizes, shapes or orders, null data or partial overlap,
/// before out is touched.
/// Cost: one read of w, one write of out. Aliasing: out may be w itself, of the same type.
template <execution_policy Policy, tensor_quantizer Q, readable W, writable Out>
void quantize(Policy const& policy, Q const& q, W const& w, Out&& out) {
  auto const weights = detail::read_view(w, "w");
  auto const levels = detail::write_view(out, "out");
  detail::require_matching(levels, weights);
  using kernel = detail::quantize_kernel<Q, detail::element_of<W const>,
                                         detail::element_of<std::remove_reference_t<Out>>>;
  kernel const k{q, weights.data, levels.data, weights.size};
  detail::run(policy, std::span<kernel const>(&k, 1), nullptr);
}
template <tensor_quantizer Q, readable W, writable Out>
void quantize(Q const& q, W const& w, Out&& out) {
  quantize(seq, q, w, out);
}

/// One tensor of many, for `quantize` over layers.
template <class Q, class W, class Out>
struct quantized_layer {
  Q functor;
  tensor_span<W const> w;
  tensor_span<Out> out;

  using kernel = detail::quantize_kernel<Q, W, Out>;
};
template <class Q, detail::accessible W, detail::accessible Out>
quantized_layer(Q, W&&, Out&&)
    -> quantized_layer<Q, detail::element_of<W const>, detail::element_of<Out>>;

/// `quantize` for many tensors at once. Errors: as above, for any layer, which the message names,
/// before anything is written; null layers, and an output that another layer reads or writes.
template <execution_policy Policy, layers_of<quantized_layer> Layers>
void quantize(Policy const& policy, Layers const& layers) {
  using kernel = typename detail::element_of<Layers const>::kernel;
  auto const list = detail::list_view(layers, "layers");
  std::vector<kernel> kernels;
  kernels.reserve(list.size());
  detail::overlap_check used(2 * list.size());
  for (auto const& layer : list) {
    auto const w = detail::layer_view(layer.w, "w", kernels.size());
    auto const out = detail::layer_view(layer.out, "out", kernels.size());
    detail::require_matching_of_layer(out, w);
    used.writes(out.data, out.size, out.which);
    used.reads_beside(w, out);
    kernels.push_back({layer.functor, w.data, out.data, w.size});
  }
  used.require_disjoint();
  detail::run(policy, std::span<kernel const>(kernels), nullptr);
}

}  // namespace detent::inline DETENT_ABI
