// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// channel_extents: the output channels of a tensor, each with a functor of its own.

#include <cstddef>
#include <cstdint>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/algorithm/result.hpp>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/policy.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace detent::inline DETENT_ABI {

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
      if (factor != 0 && product > (std::numeric_limits<std::size_t>::max)() / factor) {
        detail::fail("channel_extents", "have a product that is too large");
      }
      product *= factor;
    }
    return product;
  }
};

namespace detail {

/// Checks that there is one of a container for each channel.
template <class C>
void require_each_channel(C const& container, char const* name, channel_extents const& extents) {
  require_same_size(static_cast<std::size_t>(container.size()), name, extents.channel, "channels");
}

/// The contiguous blocks of a tensor as layers, block b being of channel b % channel. `layer_of`
/// makes one of a functor and the block's first element.
template <class Layer, class Functors, class F>
std::vector<Layer> blocks_of(channel_extents const& extents, Functors const& functors, F layer_of) {
  std::vector<Layer> layers;
  layers.reserve(extents.outer * extents.channel);
  for (std::size_t o = 0; o < extents.outer; ++o) {
    for (auto const& functor : as_span(functors))
      layers.push_back(layer_of(functor, layers.size() * extents.inner));
  }
  return layers;
}

/// Runs `verb` over the blocks of a tensor, then adds up those of each channel, in their order.
template <class Layer, class Results, class Verb>
void run_channels(channel_extents const& extents, std::vector<Layer> const& layers,
                  Results& results, Verb verb) {
  using result_type = element_of<Results>;
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

/// A quantizer for a block of a tensor. One that draws is asked for the elements of the tensor, so
/// that no two channels share draws.
template <tensor_quantizer Q>
struct block_quantizer;
template <quantizer Q>
struct block_quantizer<Q> {
  using type = Q;
  static Q make(Q const& q, std::size_t) noexcept { return q; }
};
template <drawing_quantizer Q>
struct block_quantizer<Q> {
  struct type {
    static constexpr int parameters = Q::parameters;
    Q whole;
    std::uint64_t first;
    DETENT_HD auto at(std::uint64_t element) const noexcept { return whole.at(first + element); }
  };
  static type make(Q const& q, std::size_t first) noexcept { return {q, first}; }
};

}  // namespace detail

/// `accumulate` with one regularizer a channel; for bit-widths or ranges by the output channel.
///
/// @param  extents       of w
/// @param  regularizers  container of as many functors as channels
/// @param  w             as for one tensor
/// @param  g             as for one tensor
/// @param  scale         as for one tensor
/// @param  results       container of as many `result`s, overwritten: sums over a channel
/// Errors: as for one tensor, and for another number of functors or results than channels or
/// extents of another size than w, before g is touched.
/// Cost: as for many tensors, one of `inner` weights for each of outer·channel blocks: one pass at
/// full speed from some hundred weights a block. Determinism: as for one tensor.
template <execution_policy Policy, class Regularizers, readable W, writable G, class Results>
void accumulate(Policy const& policy, channel_extents const& extents,
                Regularizers const& regularizers, W const& w, G&& g, detail::real scale,
                Results&& results) {
  auto const weights = detail::read_view(w, "w");
  auto const gradient = detail::write_view(g, "g");
  detail::require_same_size(gradient.size, "g", weights.size, "w");
  detail::require_same_size(weights.size, "w", extents.size(), "extents");
  detail::require_each_channel(regularizers, "regularizers", extents);
  detail::require_each_channel(results, "results", extents);
  using layer =
      regularized_layer<detail::element_of<Regularizers const>, detail::element_of<W const>,
                        detail::element_of<std::remove_reference_t<G>>>;
  auto const layers = detail::blocks_of<layer>(
      extents, regularizers, [&](auto const& functor, std::size_t first) -> layer {
        return {functor,
                {weights.data + first, extents.inner},
                {gradient.data + first, extents.inner},
                scale};
      });
  detail::run_channels(extents, layers, results,
                       [&](auto const& all, auto& blocks) { accumulate(policy, all, blocks); });
}

/// `penalty` with one regularizer a channel.
template <execution_policy Policy, class Regularizers, readable W, class Results>
void penalty(Policy const& policy, channel_extents const& extents, Regularizers const& regularizers,
             W const& w, Results&& results) {
  auto const weights = detail::read_view(w, "w");
  detail::require_same_size(weights.size, "w", extents.size(), "extents");
  using weight = detail::element_of<W const>;
  detail::require_each_channel(regularizers, "regularizers", extents);
  detail::require_each_channel(results, "results", extents);
  using layer = regularized_layer<detail::element_of<Regularizers const>, weight, weight>;
  auto const layers = detail::blocks_of<layer>(
      extents, regularizers, [&](auto const& functor, std::size_t first) -> layer {
        return {functor, {weights.data + first, extents.inner}, {}, 1.0};
      });
  detail::run_channels(extents, layers, results,
                       [&](auto const& all, auto& blocks) { penalty(policy, all, blocks); });
}

/// `quantize` with one quantizer a channel.
///
/// @param  extents     of w
/// @param  quantizers  container of as many quantizers as channels. One that draws draws for the
///                     place of a weight in the whole tensor
/// @param  w           as for one tensor
/// @param  out         as for one tensor
/// Errors: as for one tensor, and for another number of quantizers than channels or extents of
/// another size than w, before out is touched. Cost: as `accumulate` above.
template <execution_policy Policy, class Quantizers, readable W, writable Out>
void quantize(Policy const& policy, channel_extents const& extents, Quantizers const& quantizers,
              W const& w, Out&& out) {
  auto const weights = detail::read_view(w, "w");
  auto const levels = detail::write_view(out, "out");
  detail::require_same_size(levels.size, "out", weights.size, "w");
  detail::require_same_size(weights.size, "w", extents.size(), "extents");
  detail::require_each_channel(quantizers, "quantizers", extents);
  using block = detail::block_quantizer<detail::element_of<Quantizers const>>;
  using layer = quantized_layer<typename block::type, detail::element_of<W const>,
                                detail::element_of<std::remove_reference_t<Out>>>;
  auto const layers =
      detail::blocks_of<layer>(extents, quantizers, [&](auto const& q, std::size_t first) -> layer {
        return {block::make(q, first),
                {weights.data + first, extents.inner},
                {levels.data + first, extents.inner}};
      });
  quantize(policy, layers);
}

/// `backward` with one quantizer a channel, such as DropBits with gates of each channel's own.
///
/// @param  extents         of w
/// @param  quantizers      container of as many quantizers as channels, as `quantize` took them
/// @param  w               as for one tensor
/// @param  upstream        as for one tensor
/// @param  g               as for one tensor
/// @param  results         container of as many `result`s, overwritten: sums over a channel
/// Errors: as for one tensor, and for another number of quantizers or results than channels or
/// extents of another size than w, before g is touched. Cost: as `accumulate` above. Determinism:
/// as for one tensor.
template <execution_policy Policy, class Quantizers, readable W, readable U, writable G,
          class Results>
void backward(Policy const& policy, channel_extents const& extents, Quantizers const& quantizers,
              W const& w, U const& upstream, G&& g, Results&& results) {
  auto const weights = detail::read_view(w, "w");
  auto const above = detail::read_view(upstream, "upstream");
  auto const gradient = detail::write_view(g, "g");
  detail::require_same_size(above.size, "upstream", weights.size, "w");
  detail::require_same_size(gradient.size, "g", weights.size, "w");
  detail::require_same_size(weights.size, "w", extents.size(), "extents");
  detail::require_each_channel(quantizers, "quantizers", extents);
  detail::require_each_channel(results, "results", extents);
  using block = detail::block_quantizer<detail::element_of<Quantizers const>>;
  using layer = straight_through_layer<typename block::type, detail::element_of<W const>,
                                       detail::element_of<U const>,
                                       detail::element_of<std::remove_reference_t<G>>>;
  auto const layers =
      detail::blocks_of<layer>(extents, quantizers, [&](auto const& q, std::size_t first) -> layer {
        return {block::make(q, first),
                {weights.data + first, extents.inner},
                {above.data + first, extents.inner},
                {gradient.data + first, extents.inner}};
      });
  detail::run_channels(extents, layers, results,
                       [&](auto const& all, auto& blocks) { backward(policy, all, blocks); });
}

}  // namespace detent::inline DETENT_ABI
