// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// quantize on a stream: every weight to its level, for one or many tensors in one launch.

#include <cstddef>
#include <detent/algorithm/quantize.hpp>
#include <detent/config.hpp>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/parameter.cuh>
#include <detent/cuda/pass.cuh>
#include <detent/cuda/plan.cuh>
#include <detent/cuda/stream.cuh>
#include <detent/error.hpp>
#include <detent/execution/lane_tree.hpp>
#include <detent/math/storage.hpp>
#include <detent/quantizer/quantizer.hpp>

namespace detent::inline DETENT_ABI::cuda {

/// One tensor of many, for `quantize` on a stream.
///
/// @tparam  F  a quantizer, or `in_memory<Q>`      w, out  device memory of equal sizes
template <class F, class W, class Out>
struct quantized_layer {
  using kernel = detent::detail::quantize_kernel<detail::functor_of<F>, W, Out>;
  static constexpr int sums = 0;
  static constexpr std::size_t chunk = tree_chunk<compute_type<W>>;

  F functor;
  device_span<W const> w;
  device_span<Out> out;

  DETENT_HD constexpr std::size_t size() const noexcept { return w.size(); }

  /// Errors: invalid_argument for differing sizes, null data or partial overlap. The message names
  /// the layer, where it is one of a list.
  void require(std::size_t layer = detail::argument::no_layer) const {
    detail::require_data(w, detail::argument{"w", layer});
    detail::require_beside(out, "out", w, "w", layer);
  }

  /// Tells the memory that the layer reads and writes.
  void tell_memory(detail::overlap_check& used, std::size_t layer) const {
    used.writes(out.data(), out.size(), {"out", layer});
    used.reads_beside(w.data(), w.size(), {"w", layer}, out.data());
  }
};
template <class F, device_container W, device_container Out>
quantized_layer(F, W&&, Out&&)
    -> quantized_layer<F, detail::device_element_of<std::remove_reference_t<W>>,
                       detail::device_element_of<std::remove_reference_t<Out>>>;

namespace detail {

template <class Layer>
struct quantize_pass {
  using kernel = typename Layer::kernel;
  static __device__ kernel of(Layer const& layer) {
    return {fetched(layer.functor), layer.w.data(), layer.out.data(), layer.size()};
  }
};

}  // namespace detail

/// `quantize` for the tensors of a plan, in one launch: out[i] = q(w[i]).
///
/// Errors: cuda_error if CUDA refuses the launch. Allocates nothing, waits for nothing. out may be
/// w itself. Determinism: the bits of the verb on the host.
template <class F, class W, class Out>
void quantize(stream s, plan<quantized_layer<F, W, Out>> const& p) {
  detail::launch<detail::quantize_pass<quantized_layer<F, W, Out>>>(s, p, detail::destination{});
}

/// `quantize` for one tensor; needs no workspace. Errors: invalid_argument for differing sizes or
/// null data, before anything is enqueued.
template <class F, device_container W, device_container Out>
void quantize(stream s, F const& functor, W const& w, Out&& out) {
  quantized_layer const layer{functor, w, out};
  layer.require();
  using pass = detail::quantize_pass<std::remove_const_t<decltype(layer)>>;
  detail::launch<pass>(s, layer, detail::meeting_place{}, detail::destination{});
}

}  // namespace detent::inline DETENT_ABI::cuda
