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

/// The functors of the channels, checked.
template <class C>
auto functors_of_channels(C const& functors, char const* name, channel_extents const& extents) {
  auto const list = list_view(functors, name);
  require_same_size(list.size(), name, extents.channel, "channels");
  return list;
}

/// Memory for a result of each channel, checked.
template <class Result, class C>
Result* results_of_channels(C& results, channel_extents const& extents) {
  static_assert(std::is_same_v<element_of<C>, Result>,
                "results must be a container of result<P>, P the functors' parameters");
  static_assert(has_mutable_elements<C>, "results are written");
  auto const elements = write_view(results, "results");
  require_same_size(elements.size, "results", extents.channel, "channels");
  return elements.data;
}

/// The contiguous blocks of a tensor, block b being of channel b % channel. `make` makes one of a
/// functor and the block's first element.
template <class Block, class Functor, class F>
std::vector<Block> blocks_of(channel_extents const& extents, std::span<Functor> functors, F make) {
  std::vector<Block> blocks;
  blocks.reserve(extents.outer * extents.channel);
  for (std::size_t o = 0; o < extents.outer; ++o) {
    for (auto const& functor : functors)
      blocks.push_back(make(functor, blocks.size() * extents.inner));
  }
  return blocks;
}

/// Runs the blocks of a tensor, then adds up those of each channel, in their order.
template <class Kernel, class Result, class Run>
void run_channels(channel_extents const& extents, std::vector<Kernel> const& kernels,
                  Result* results, Run run_kernels) {
  std::vector<Result> blocks(kernels.size());
  run_kernels(std::span<Kernel const>(kernels), blocks.data());
  for (std::size_t c = 0; c < extents.channel; ++c)
    results[c] = {};
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    Result& sum = results[b % extents.channel];
    sum.value += blocks[b].value;
    for (std::size_t p = 0; p < sum.theta.size(); ++p)
      sum.theta[p] += blocks[b].theta[p];
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
template <execution_policy Policy, detail::accessible Regularizers, readable W, writable G,
          detail::accessible Results>
void accumulate(Policy const& policy, channel_extents const& extents,
                Regularizers const& regularizers, W const& w, G&& g, detail::real scale,
                Results&& results) {
  auto const weights = detail::read_view(w, "w");
  auto const gradient = detail::write_view(g, "g");
  detail::require_matching(gradient, weights);
  detail::require_same_size(weights.size, "w", extents.size(), "extents");
  auto const functors = detail::functors_of_channels(regularizers, "regularizers", extents);
  using functor_type = detail::element_of<Regularizers const>;
  using kernel =
      detail::penalty_kernel<functor_type, detail::element_of<W const>, detail::element_of<G>>;
  auto* const to = detail::results_of_channels<result<functor_type::parameters>>(results, extents);
  detail::require_apart(to, extents.channel, {"results"}, weights.data, weights.size, "w");
  detail::require_apart(to, extents.channel, {"results"}, gradient.data, gradient.size, "g");
  for (auto const& functor : functors)
    kernel::require_scale(functor, scale, "scale");
  auto const kernels = detail::blocks_of<kernel>(
      extents, functors, [&](functor_type const& functor, std::size_t first) -> kernel {
        return {functor, weights.data + first, gradient.data + first, extents.inner, scale};
      });
  detail::run_channels(extents, kernels, to, [&](auto const& all, auto* blocks) {
    detail::run_penalties(policy, all, blocks);
  });
}

/// `penalty` with one regularizer a channel.
template <execution_policy Policy, detail::accessible Regularizers, readable W,
          detail::accessible Results>
void penalty(Policy const& policy, channel_extents const& extents, Regularizers const& regularizers,
             W const& w, Results&& results) {
  auto const weights = detail::read_view(w, "w");
  detail::require_same_size(weights.size, "w", extents.size(), "extents");
  auto const functors = detail::functors_of_channels(regularizers, "regularizers", extents);
  using functor_type = detail::element_of<Regularizers const>;
  using kernel = detail::penalty_kernel<functor_type, detail::element_of<W const>, void>;
  auto* const to = detail::results_of_channels<result<functor_type::parameters>>(results, extents);
  detail::require_apart(to, extents.channel, {"results"}, weights.data, weights.size, "w");
  auto const kernels = detail::blocks_of<kernel>(
      extents, functors, [&](functor_type const& functor, std::size_t first) -> kernel {
        return {functor, weights.data + first, nullptr, extents.inner, 1.0};
      });
  detail::run_channels(extents, kernels, to, [&](auto const& all, auto* blocks) {
    detail::run_penalties(policy, all, blocks);
  });
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
template <execution_policy Policy, detail::accessible Quantizers, readable W, writable Out>
void quantize(Policy const& policy, channel_extents const& extents, Quantizers const& quantizers,
              W const& w, Out&& out) {
  auto const weights = detail::read_view(w, "w");
  auto const levels = detail::write_view(out, "out");
  detail::require_matching(levels, weights);
  detail::require_same_size(weights.size, "w", extents.size(), "extents");
  auto const functors = detail::functors_of_channels(quantizers, "quantizers", extents);
  using block = detail::block_quantizer<detail::element_of<Quantizers const>>;
  using kernel = detail::quantize_kernel<typename block::type, detail::element_of<W const>,
                                         detail::element_of<Out>>;
  auto const kernels =
      detail::blocks_of<kernel>(extents, functors, [&](auto const& q, std::size_t first) -> kernel {
        return {block::make(q, first), weights.data + first, levels.data + first, extents.inner};
      });
  detail::run(policy, std::span<kernel const>(kernels), nullptr);
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
template <execution_policy Policy, detail::accessible Quantizers, readable W, readable U,
          writable G, detail::accessible Results>
void backward(Policy const& policy, channel_extents const& extents, Quantizers const& quantizers,
              W const& w, U const& upstream, G&& g, Results&& results) {
  auto const weights = detail::read_view(w, "w");
  auto const above = detail::read_view(upstream, "upstream");
  auto const gradient = detail::write_view(g, "g");
  detail::require_same_elements(above, weights);
  detail::require_matching(gradient, weights);
  detail::require_matching(gradient, above);
  detail::require_same_size(weights.size, "w", extents.size(), "extents");
  auto const functors = detail::functors_of_channels(quantizers, "quantizers", extents);
  using block = detail::block_quantizer<detail::element_of<Quantizers const>>;
  using kernel = detail::backward_kernel<typename block::type, detail::element_of<W const>,
                                         detail::element_of<U const>, detail::element_of<G>>;
  auto* const to = detail::results_of_channels<result<kernel::sums>>(results, extents);
  detail::require_apart(to, extents.channel, {"results"}, weights.data, weights.size, "w");
  detail::require_apart(to, extents.channel, {"results"}, above.data, above.size, "upstream");
  detail::require_apart(to, extents.channel, {"results"}, gradient.data, gradient.size, "g");
  auto const kernels =
      detail::blocks_of<kernel>(extents, functors, [&](auto const& q, std::size_t first) -> kernel {
        return {block::make(q, first), weights.data + first, above.data + first,
                gradient.data + first, extents.inner};
      });
  detail::run_channels(extents, kernels, to, [&](auto const& all, auto* blocks) {
    detail::run_backward(policy, all, blocks);
  });
}

}  // namespace detent::inline DETENT_ABI
