// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// reduce: what a statistic learns of one or many tensors.

#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/observe.hpp>
#include <detent/statistic/statistic.hpp>
#include <span>
#include <vector>

namespace detent::inline DETENT_ABI {

/// The statistic after it has observed every weight.
///
///     auto m = reduce(magnitude{}, w);      m.maximum(), m.mean()
///
/// @param  policy  `seq` (the default), `openmp`, or `on(executor)`
/// @param  fresh   a statistic that has observed nothing      @param  w  weights
/// Errors: invalid_argument for null data.
/// Cost: one read of w. A `summing_statistic` vectorizes and allocates on a thread's first call
/// alone; of any other, one is allocated for each 16,384 weights.
/// Determinism: the order of adding, observing and merging depends on the size of w alone.
template <execution_policy Policy, statistic S, readable W>
S reduce(Policy const& policy, S const& fresh, W const& w) {
  auto const weights = detail::read_view(w, "w");
  if constexpr (summing_statistic<S>) {
    using tensor = detail::observed_tensor<S, detail::element_of<W const>>;
    tensor const one{fresh, weights.data, weights.size};
    S result = fresh;
    detail::observe(policy, std::span<tensor const>(&one, 1), &result);
    return result;
  } else {
    return detail::observe(policy, fresh, weights.data, weights.size);
  }
}
template <statistic S, readable W>
S reduce(S const& fresh, W const& w) {
  return reduce(seq, fresh, w);
}

/// One tensor of many, for `reduce` over layers.
template <class S, class W>
struct observed_layer {
  S fresh;
  tensor_span<W const> w;
};
template <class S, detail::accessible W>
observed_layer(S, W&&) -> observed_layer<S, detail::element_of<W const>>;

namespace detail {

template <class Policy, class S, class W>
void reduce_layers(Policy const& policy, std::span<observed_layer<S, W> const> layers, S* results) {
  if constexpr (summing_statistic<S>) {
    std::vector<observed_tensor<S, W>> tensors;
    tensors.reserve(layers.size());
    for (auto const& layer : layers)
      tensors.push_back({layer.fresh, layer.w.data(), layer.w.size()});
    observe(policy, std::span<observed_tensor<S, W> const>(tensors), results);
  } else {
    for (auto const& layer : layers)
      *results++ = observe(policy, layer.fresh, layer.w.data(), layer.w.size());
  }
}

}  // namespace detail

/// `reduce` for many tensors: results[t] becomes the statistic of layers[t].
/// Errors: as above, for any layer, which the message names; null layers or results, differing
/// numbers of them, and results that overlap a tensor, before any result is written.
template <execution_policy Policy, layers_of<observed_layer> Layers, detail::accessible Results>
void reduce(Policy const& policy, Layers const& layers, Results&& results) {
  using layer_type = detail::element_of<Layers const>;
  auto const list = detail::list_view(layers, "layers");
  auto* const to = detail::results_view<decltype(layer_type::fresh)>(results, list.size());
  detail::overlap_check used(list.size() + 1);
  used.writes(to, list.size(), detail::argument{"results"});
  for (std::size_t t = 0; t < list.size(); ++t) {
    auto const w = detail::layer_view(list[t].w, "w", t);
    used.reads(w.data, w.size, w.which);
  }
  used.require_disjoint();
  detail::reduce_layers(policy, std::span<layer_type const>(list), to);
}

}  // namespace detent::inline DETENT_ABI
