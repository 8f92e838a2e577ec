// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// channel_extents: the output channels of a tensor, each with a regularizer of its own.

#include <cstddef>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/result.hpp>
#include <detent/algorithm/view.hpp>
#include <detent/error.hpp>
#include <detent/execution/policy.hpp>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace detent {

/// A tensor seen from its output channels: element (o, c, i) lies at (o·channel + c)·inner + i.
///
/// Weights [out, in, kh, kw] are {1, out, in·kh·kw}; weights [kh, kw, in, out] are
/// {kh·kw·in, out, 1}, whose channels are not contiguous, and slow.
struct channel_extents {
  std::size_t outer = 1;
  std::size_t channel = 1;
  std::size_t inner = 1;

  /// Errors: invalid_argument for extents whose product does not fit a size.
  std::size_t size() const {
    std::size_t product = outer;
    for (std::size_t const factor : {channel, inner}) {
      if (factor != 0 && product > std::numeric_limits<std::size_t>::max() / factor) {
        detail::fail("channel_extents", "have a product that is too large");
      }
      product *= factor;
    }
    return product;
  }
};

namespace detail {

/// The contiguous blocks of a tensor as layers, block b being of channel b % channel, run by
/// `verb`; then the sum over the blocks of each channel, in their order.
template <class Layer, class Regularizers, class W, class G, class Results, class Verb>
void run_channels(channel_extents const& extents, Regularizers const& regularizers, W const* w,
                  G* g, double scale, Results& results, Verb verb) {
  using result_type = element_of<Results>;
  require_same_size(static_cast<std::size_t>(regularizers.size()), "regularizers", extents.channel,
                    "channels");
  require_same_size(static_cast<std::size_t>(results.size()), "results", extents.channel,
                    "channels");
  auto const functors = as_span(regularizers);
  std::vector<Layer> layers;
  layers.reserve(extents.outer * extents.channel);
  for (std::size_t o = 0; o < extents.outer; ++o) {
    for (auto const& functor : functors) {
      std::size_t const first = layers.size() * extents.inner;
      layers.push_back({functor, {w + first, extents.inner}, {}, scale});
      if (g != nullptr) layers.back().g = {g + first, extents.inner};
    }
  }
  std::vector<result_type> blocks(layers.size());
  verb(layers, blocks);
  for (std::size_t c = 0; c < extents.channel; ++c)
    results.data()[c] = {};
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    result_type& sum = results.data()[b % extents.channel];
    sum.value += blocks[b].value;
    if constexpr (requires { sum.theta; }) {
      for (std::size_t p = 0; p < sum.theta.size(); ++p)
        sum.theta[p] += blocks[b].theta[p];
    }
  }
}

}  // namespace detail

/// `accumulate` with one regularizer a channel; for bit-widths or ranges by the output channel.
///
/// @param  extents       of w
/// @param  regularizers  container of as many functors as channels
/// @param  w, g, scale   as for one tensor
/// @param  results       container of as many `result`s, overwritten: sums over a channel
/// Errors: as for one tensor, and for another number of functors or results than channels or
/// extents of another size than w, before g is touched.
/// Cost: as for many tensors, one of `inner` weights for each of outer·channel blocks: one pass at
/// full speed from some hundred weights a block. Determinism: as for one tensor.
template <execution_policy Policy, class Regularizers, readable W, writable G, class Results>
void accumulate(Policy const& policy, channel_extents const& extents,
                Regularizers const& regularizers, W const& w, G&& g, double scale,
                Results&& results) {
  auto const weights = detail::read_view(w, "w");
  auto const gradient = detail::write_view(g, "g");
  detail::require_same_size(gradient.size, "g", weights.size, "w");
  detail::require_same_size(weights.size, "w", extents.size(), "extents");
  using layer =
      regularized_layer<detail::element_of<Regularizers const>, detail::element_of<W const>,
                        detail::element_of<std::remove_reference_t<G>>>;
  detail::run_channels<layer>(
      extents, regularizers, weights.data, gradient.data, scale, results,
      [&](auto const& layers, auto& blocks) { accumulate(policy, layers, blocks); });
}

/// `penalty` with one regularizer a channel.
template <execution_policy Policy, class Regularizers, readable W, class Results>
void penalty(Policy const& policy, channel_extents const& extents, Regularizers const& regularizers,
             W const& w, Results&& results) {
  auto const weights = detail::read_view(w, "w");
  detail::require_same_size(weights.size, "w", extents.size(), "extents");
  using weight = detail::element_of<W const>;
  using layer = regularized_layer<detail::element_of<Regularizers const>, weight, weight>;
  detail::run_channels<layer>(
      extents, regularizers, weights.data, static_cast<weight*>(nullptr), 1.0, results,
      [&](auto const& layers, auto& blocks) { penalty(policy, layers, blocks); });
}

}  // namespace detent
