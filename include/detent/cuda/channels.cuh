// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// channels: the output channels of a tensor as layers of a plan, each with a functor of its own.

#include <cstddef>
#include <detent/algorithm/channels.hpp>
#include <detent/config.hpp>
#include <detent/cuda/accumulate.cuh>
#include <detent/cuda/backward.cuh>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/parameter.cuh>
#include <detent/cuda/quantize.cuh>
#include <detent/error.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <type_traits>
#include <vector>

namespace detent::inline DETENT_ABI::cuda {

namespace detail {

/// What a block of a tensor, from element `first` on, is given of its channel's functor. One that
/// draws is asked for the elements of the tensor.
template <class F>
auto functor_of_block(F const& functor, std::size_t first) {
  if constexpr (tensor_quantizer<F>) {
    return block_quantizer<F>::make(functor, first);
  } else {
    static_assert(!drawing_quantizer<functor_of<F>>,
                  "a quantizer that draws cannot lie in memory as one of many channels: it has to "
                  "know where the channel begins");
    return functor;
  }
}

/// Elements `first` to first + count of a container.
template <class C>
auto slice_of(C& c, std::size_t first, std::size_t count) {
  return device_span{raw_pointer(c.data()) + first, count};
}

template <class C>
void require_extents(C const& w, char const* name, channel_extents const& extents) {
  require_same_size(static_cast<std::size_t>(w.size()), name, extents.size(), "extents");
}

template <class Functors, class F>
auto channel_layers(channel_extents const& extents, Functors const& functors, char const* name,
                    F layer_of) {
  auto const list = functors_of_channels(functors, name, extents);
  using layer = decltype(layer_of(list[0], std::size_t{}));
  return blocks_of<layer>(extents, list, layer_of);
}

}  // namespace detail

/// The channels of a tensor as layers of a plan, for `accumulate` and `penalty` with one
/// regularizer a channel.
///
///     auto const layers = cuda::regularized_channels({1, out, in·kh·kw}, regs, w, g, 0.1);
///     thrust::device_vector<std::byte> memory(cuda::plan_bytes(layers));
///     cuda::plan const plan{stream, layers, memory};
///     cuda::accumulate(stream, plan, results);               // one result a channel
///
/// @param  extents       of w. There is a layer, and a result, for each contiguous block; where
///                       `outer` is 1 that is one a channel, else block b is of channel b % channel
/// @param  regularizers  host container of as many functors as channels, or of as many `in_memory`
/// @param  w, g, scale   as for one tensor
/// Errors: invalid_argument for another number of functors than channels, and for extents of
/// another size than w or g.
/// Cost: in a plan, a thread block and a description of 100 to 200 bytes a channel. Loads are as
/// wide as those of one tensor where a channel is 16 bytes aligned and has 4096 weights or more;
/// below, threads go element by element, and those without an element wait.
template <class Regularizers, device_container W, device_container G>
auto regularized_channels(channel_extents const& extents, Regularizers const& regularizers,
                          W const& w, G&& g, strength scale) {
  detail::require_extents(w, "w", extents);
  detail::require_extents(g, "g", extents);
  return detail::channel_layers(
      extents, regularizers, "regularizers", [&](auto const& functor, std::size_t first) {
        return regularized_layer{functor, detail::slice_of(w, first, extents.inner),
                                 detail::slice_of(g, first, extents.inner), scale};
      });
}

/// The same for `quantize` with one quantizer a channel. One that draws draws for the place of a
/// weight in the whole tensor.
template <class Quantizers, device_container W, device_container Out>
auto quantized_channels(channel_extents const& extents, Quantizers const& quantizers, W const& w,
                        Out&& out) {
  detail::require_extents(w, "w", extents);
  detail::require_extents(out, "out", extents);
  return detail::channel_layers(
      extents, quantizers, "quantizers", [&](auto const& functor, std::size_t first) {
        return quantized_layer{detail::functor_of_block(functor, first),
                               detail::slice_of(w, first, extents.inner),
                               detail::slice_of(out, first, extents.inner)};
      });
}

/// The same for `backward` with one quantizer a channel, as `quantized_channels` took them.
template <class Quantizers, device_container W, device_container U, device_container G>
auto straight_through_channels(channel_extents const& extents, Quantizers const& quantizers,
                               W const& w, U const& upstream, G&& g) {
  detail::require_extents(w, "w", extents);
  detail::require_extents(upstream, "upstream", extents);
  detail::require_extents(g, "g", extents);
  return detail::channel_layers(
      extents, quantizers, "quantizers", [&](auto const& functor, std::size_t first) {
        return straight_through_layer{detail::functor_of_block(functor, first),
                                      detail::slice_of(w, first, extents.inner),
                                      detail::slice_of(upstream, first, extents.inner),
                                      detail::slice_of(g, first, extents.inner)};
      });
}

}  // namespace detent::inline DETENT_ABI::cuda
