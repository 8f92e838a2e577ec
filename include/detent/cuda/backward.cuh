// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// backward on a stream: the straight-through gradient of a quantizer.

#include <cstddef>
#include <detent/algorithm/backward.hpp>
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
#include <detent/quantizer/quantizer.hpp>

namespace detent::inline DETENT_ABI::cuda {

/// One tensor of many, for `backward` on a stream.
///
/// @tparam  F  a quantizer, or `in_memory<Q>`      w, upstream, g  device memory of equal sizes
template <class F, class W, class U, class G>
struct straight_through_layer {
  using kernel = detent::detail::backward_kernel<detail::functor_of<F>, W, U, G>;
  static constexpr int sums = kernel::sums;
  static constexpr std::size_t chunk = tree_chunk<compute_type<W>>;

  F functor;
  device_span<W const> w;
  device_span<U const> upstream;
  device_span<G> g;

  DETENT_HD constexpr std::size_t size() const noexcept { return w.size(); }

  /// Errors: invalid_argument for differing sizes, null data or partial overlap of g with the
  /// others. The message names the layer, where it is one of a list.
  void require(std::size_t layer = detail::argument::no_layer) const {
    detail::argument const above{"upstream", layer};
    detail::require_data(w, detail::argument{"w", layer});
    detail::require_data(upstream, above);
    detail::require_same_size(upstream.size(), above, w.size(), detail::its_w(layer));
    detail::require_beside(g, "g", w, "w", layer);
    detail::require_beside(g, "g", upstream, "upstream", layer);
  }

  /// Tells the memory that the layer reads and writes.
  void tell_memory(detail::overlap_check& used, std::size_t layer) const {
    used.writes(g.data(), g.size(), {"g", layer});
    used.reads_beside(w.data(), w.size(), {"w", layer}, g.data());
    used.reads_beside(upstream.data(), upstream.size(), {"upstream", layer}, g.data());
  }
};
template <class F, device_container W, device_container U, device_container G>
straight_through_layer(F, W&&, U&&, G&&)
    -> straight_through_layer<F, detail::device_element_of<std::remove_reference_t<W>>,
                              detail::device_element_of<std::remove_reference_t<U>>,
                              detail::device_element_of<std::remove_reference_t<G>>>;

namespace detail {

template <class Layer>
struct backward_pass {
  using kernel = typename Layer::kernel;
  static __device__ kernel of(Layer const& layer) {
    return {fetched(layer.functor), layer.w.data(), layer.upstream.data(), layer.g.data(),
            layer.size()};
  }
};

}  // namespace detail

/// `backward` for the tensors of a plan, in one launch.
///
///     g[i] += q.backward(w[i], upstream[i]).gradient      results[t] = 0, Σ theta of tensor t
///
/// @param  results  device container of as many `result<P>`s, P the quantizer's parameters
/// Errors: invalid_argument for null results or another number of them, before anything is
/// enqueued; cuda_error if CUDA refuses the launch. Allocates nothing, waits for nothing.
/// Determinism: the bits of the verb on the host.
template <class F, class W, class U, class G>
requires(detail::functor_of<F>::parameters >
         0) void backward(stream s, plan<straight_through_layer<F, W, U, G>> const& p,
                          device_span<detail::result_of<F>> results, into how = into::overwrite) {
  using pass = detail::backward_pass<straight_through_layer<F, W, U, G>>;
  detail::launch<pass>(s, p, detail::destination_in(results, p.size(), how));
}

/// The same for a quantizer without parameters, which has no results.
template <class F, class W, class U, class G>
requires(detail::functor_of<F>::parameters ==
         0) void backward(stream s, plan<straight_through_layer<F, W, U, G>> const& p) {
  using pass = detail::backward_pass<straight_through_layer<F, W, U, G>>;
  detail::launch<pass>(s, p, detail::destination{});
}

/// `backward` for one tensor. Errors: also for differing sizes, null data or too small a workspace.
template <class F, device_container W, device_container U, device_container G>
requires(detail::functor_of<F>::parameters >
         0) void backward(stream s, F const& functor, W const& w, U const& upstream, G&& g,
                          workspace const& meeting, device_span<detail::result_of<F>> to,
                          into how = into::overwrite) {
  straight_through_layer const layer{functor, w, upstream, g};
  layer.require();
  using pass = detail::backward_pass<std::remove_const_t<decltype(layer)>>;
  detail::launch_alone<pass>(s, layer, meeting, to, how);
}
template <class F, device_container W, device_container U, device_container G>
requires(detail::functor_of<F>::parameters ==
         0) void backward(stream s, F const& functor, W const& w, U const& upstream, G&& g) {
  straight_through_layer const layer{functor, w, upstream, g};
  layer.require();
  using pass = detail::backward_pass<std::remove_const_t<decltype(layer)>>;
  detail::launch<pass>(s, layer, detail::meeting_place{}, detail::destination{});
}

}  // namespace detent::inline DETENT_ABI::cuda
