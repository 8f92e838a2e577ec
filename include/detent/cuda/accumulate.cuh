// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// accumulate and penalty on a stream: value and gradient of a regularizer in one pass.

#include <cstddef>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/result.hpp>
#include <detent/config.hpp>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/parameter.cuh>
#include <detent/cuda/pass.cuh>
#include <detent/cuda/plan.cuh>
#include <detent/cuda/stream.cuh>
#include <detent/error.hpp>
#include <detent/execution/lane_tree.hpp>
#include <detent/math/storage.hpp>
#include <detent/regularizer/term.hpp>

namespace detent::inline DETENT_ABI::cuda {

/// One tensor of many, for `accumulate` and `penalty` on a stream.
///
/// @tparam  F  a regularizer, or `in_memory<R>`      w, g  device memory of equal sizes
template <class F, class W, class G>
struct regularized_layer {
  using regularizer_type = detail::functor_of<F>;
  static_assert(regularizer<regularizer_type>);
  static_assert(sizeof(regularizer_type) <= 1024,
                "a functor with a table lies in device memory: pass it as cuda::in_memory");
  using penalty_kernel = detent::detail::penalty_kernel<regularizer_type, W, void>;
  using accumulate_kernel = detent::detail::penalty_kernel<regularizer_type, W, G>;
  static constexpr int sums = accumulate_kernel::sums;
  static constexpr std::size_t chunk = tree_chunk<compute_type<W>>;

  F functor;
  device_span<W const> w;
  device_span<G> g;
  strength scale = 1.0;

  DETENT_HD constexpr std::size_t size() const noexcept { return w.size(); }

  /// Errors: invalid_argument for differing sizes, null data, partial overlap or a scale that is
  /// not finite. The message names the layer, where it is one of a list.
  void require(std::size_t layer = detail::argument::no_layer) const {
    detail::require_data(w, detail::argument{"w", layer});
    detail::require_beside(g, "g", w, "w", layer);
    detail::argument const name{"scale", layer};
    detail::require_finite(scale.value(), name);
    if constexpr (regularizer<F>) accumulate_kernel::require_scale(functor, scale.value(), name);
  }

  /// Tells the memory that the layer reads and writes.
  void tell_memory(detail::overlap_check& used, std::size_t layer) const {
    used.writes(g.data(), g.size(), {"g", layer});
    used.reads_beside(w.data(), w.size(), {"w", layer}, g.data());
  }
};
template <class F, device_container W, device_container G, class Scale>
regularized_layer(F, W&&, G&&, Scale)
    -> regularized_layer<F, detail::device_element_of<std::remove_reference_t<W>>,
                         detail::device_element_of<std::remove_reference_t<G>>>;

namespace detail {

template <class Layer>
struct accumulate_pass {
  using kernel = typename Layer::accumulate_kernel;
  static __device__ kernel of(Layer const& layer) {
    return {fetched(layer.functor), layer.w.data(), layer.g.data(), layer.size(),
            fetched(layer.scale)};
  }
};

template <class Layer>
struct penalty_pass {
  using kernel = typename Layer::penalty_kernel;
  static __device__ kernel of(Layer const& layer) {
    return {fetched(layer.functor), layer.w.data(), nullptr, layer.size(), fetched(layer.scale)};
  }
};

}  // namespace detail

/// `accumulate` for the tensors of a plan, in one launch.
///
///     g[i] += scale · r′(w[i])            results[t] = scale·Σ r(w), scale·Σ ∂r/∂θ of tensor t
///
/// @param  s        a `cudaStream_t` or `cuda::stream_ref`
/// @param  p        a plan of `regularized_layer`s
/// @param  results  device container of as many `result<P>`s, P the regularizer's parameters
/// @param  how      whether results are overwritten (the default) or added to
/// Errors: invalid_argument for null results or another number of them, before anything is
/// enqueued; cuda_error if CUDA refuses the launch. Allocates nothing, waits for nothing: may be
/// captured in a graph. Cost: one read of w, one read and write of g.
/// Determinism: the bits of the verb on the host, for finite weights; a NaN is a NaN.
template <class F, class W, class G>
void accumulate(stream s, plan<regularized_layer<F, W, G>> const& p,
                device_span<detail::result_of<F>> results, into how = into::overwrite) {
  using pass = detail::accumulate_pass<regularized_layer<F, W, G>>;
  detail::launch<pass>(s, p, detail::destination_in(results, p.size(), how));
}

/// `penalty` for the tensors of a plan, in one launch; their gradients are not looked at, their
/// scales apply. Cost: one read of w.
template <class F, class W, class G>
void penalty(stream s, plan<regularized_layer<F, W, G>> const& p,
             device_span<detail::result_of<F>> results, into how = into::overwrite) {
  using pass = detail::penalty_pass<regularized_layer<F, W, G>>;
  detail::launch<pass>(s, p, detail::destination_in(results, p.size(), how));
}

/// `accumulate` for one tensor.
///
/// @param  functor  a regularizer, or `in_memory<R>`      @param  w, g  device containers
/// @param  scale    a number, or where it lies in device memory
/// @param  meeting  a workspace of `workspace_bytes(w.size(), P)` or more
/// @param  to       device container of one `result<P>`
/// Errors: invalid_argument for differing sizes, null data, a scale that is not finite or too small
/// a workspace, before anything is enqueued; cuda_error if CUDA refuses the launch.
template <class F, device_container W, device_container G>
void accumulate(stream s, F const& functor, W const& w, G&& g, strength scale,
                workspace const& meeting, device_span<detail::result_of<F>> to,
                into how = into::overwrite) {
  regularized_layer const layer{functor, w, g, scale};
  layer.require();
  using pass = detail::accumulate_pass<std::remove_const_t<decltype(layer)>>;
  detail::launch_alone<pass>(s, layer, meeting, to, how);
}

/// `penalty` for one tensor: value and theta without a scale.
template <class F, device_container W>
void penalty(stream s, F const& functor, W const& w, workspace const& meeting,
             device_span<detail::result_of<F>> to, into how = into::overwrite) {
  using weight = detail::device_element_of<W const>;
  using layer_type = regularized_layer<F, weight, weight>;
  layer_type const layer{functor, w, device_span<weight>(nullptr, 0), 1.0};
  detail::require_data(layer.w, "w");
  detail::launch_alone<detail::penalty_pass<layer_type>>(s, layer, meeting, to, how);
}

}  // namespace detent::inline DETENT_ABI::cuda
