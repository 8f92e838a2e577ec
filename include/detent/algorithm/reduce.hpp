// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// reduce: what a statistic learns of one or many tensors.

#include <detent/algorithm/view.hpp>
#include <detent/error.hpp>
#include <detent/execution/run.hpp>
#include <detent/statistic/statistic.hpp>
#include <span>

namespace detent {

/// The statistic after it has observed every weight.
///
///     auto m = reduce(magnitude{}, w);      m.maximum(), m.mean()
///
/// @param  policy  `seq` (the default), `openmp`, or `on(executor)`
/// @param  fresh   a statistic that has observed nothing      @param  w  weights
/// Errors: invalid_argument for null data.
/// Cost: one read of w; one statistic for each 16,384 weights is allocated.
/// Determinism: the order of observing and merging depends on the size of w alone.
template <execution_policy Policy, statistic S, readable W>
S reduce(Policy const& policy, S const& fresh, W const& w) {
  auto const weights = detail::read_view(w, "w");
  return detail::observe(policy, fresh, weights.data, weights.size);
}
template <statistic S, readable W>
S reduce(S const& fresh, W const& w) {
  return reduce(seq, fresh, w);
}

/// One tensor of many, for `reduce` over layers.
template <class S, class W>
struct observed_layer {
  S fresh;
  std::span<W const> w;
};
template <class S, class W>
observed_layer(S, W&) -> observed_layer<S, detail::element_of<W const>>;

/// `reduce` for many tensors: results[t] becomes the statistic of layers[t].
/// Errors: as above, and differing numbers of layers and results, before any result is written.
template <execution_policy Policy, layers_of<observed_layer> Layers, class Results>
void reduce(Policy const& policy, Layers const& layers, Results&& results) {
  detail::require_same_size(static_cast<std::size_t>(results.size()), "results",
                            static_cast<std::size_t>(layers.size()), "layers");
  for (auto const& layer : detail::as_span(layers)) {
    static_cast<void>(detail::read_view(layer.w, "w of a layer"));
  }
  auto* next = results.data();
  for (auto const& layer : detail::as_span(layers))
    *next++ = reduce(policy, layer.fresh, layer.w);
}

}  // namespace detent
