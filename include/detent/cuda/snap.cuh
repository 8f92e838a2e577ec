// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// snap on a stream: weights rounded in place, with or without codes.

#include <cstddef>
#include <detent/algorithm/snap.hpp>
#include <detent/config.hpp>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/parameter.cuh>
#include <detent/cuda/pass.cuh>
#include <detent/cuda/plan.cuh>
#include <detent/cuda/stream.cuh>
#include <detent/error.hpp>
#include <detent/execution/lane_tree.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/storage.hpp>
#include <type_traits>
#include <utility>

namespace detent::inline DETENT_ABI::cuda {

/// One tensor of many, for `snap` on a stream; with codes where Code is an integer.
///
/// @tparam  Grid  `uniform<double>`, or `in_memory` of it
template <class Grid, class W, class Code = void>
struct snapped_layer {
  using kernel = detent::detail::snap_kernel<W, Code>;
  using code_span = device_span<std::conditional_t<std::is_void_v<Code>, unsigned char, Code>>;
  static constexpr int sums = 0;
  static constexpr std::size_t chunk = tree_chunk<compute_type<W>>;

  Grid grid;
  device_span<W> w;
  code_span codes{nullptr, 0};

  DETENT_HD constexpr std::size_t size() const noexcept { return w.size(); }

  /// Errors: invalid_argument for differing sizes, null data, codes that overlap w, or a code type
  /// too narrow for the grid (one in memory is not looked at). The message names the layer, where
  /// it is one of a list.
  void require(std::size_t layer = detail::argument::no_layer) const {
    detail::require_data(w, detail::argument{"w", layer});
    if constexpr (!std::is_void_v<Code>) {
      detail::require_beside(codes, "codes", w, "w", layer);
      if constexpr (std::is_same_v<Grid, uniform<double>>) {
        if (!std::in_range<Code>(grid.lowest_code()) || !std::in_range<Code>(grid.highest_code())) {
          detail::fail(detail::argument{"codes", layer}.words(),
                       "cannot hold the codes " + detail::text(grid.lowest_code()) + " to " +
                           detail::text(grid.highest_code()) + " of the grid");
        }
      }
    }
  }

  /// Tells the memory that the layer reads and writes.
  void tell_memory(detail::overlap_check& used, std::size_t layer) const {
    used.writes(w.data(), w.size(), {"w", layer});
    if constexpr (!std::is_void_v<Code>) used.writes(codes.data(), codes.size(), {"codes", layer});
  }
};
template <class Grid, device_container W>
snapped_layer(Grid, W&&)
    -> snapped_layer<Grid, detail::device_element_of<std::remove_reference_t<W>>>;
template <class Grid, device_container W, device_container Codes>
snapped_layer(Grid, W&&, Codes&&)
    -> snapped_layer<Grid, detail::device_element_of<std::remove_reference_t<W>>,
                     detail::device_element_of<std::remove_reference_t<Codes>>>;

namespace detail {

template <class Layer>
struct snap_pass {
  using kernel = typename Layer::kernel;
  static __device__ kernel of(Layer const& layer) {
    auto const grid = fetched(layer.grid).template as<typename kernel::compute>();
    if constexpr (std::is_void_v<std::remove_pointer_t<decltype(kernel::codes)>>) {
      return {grid, layer.w.data(), nullptr, layer.size()};
    } else {
      return {grid, layer.w.data(), layer.codes.data(), layer.size()};
    }
  }
};

}  // namespace detail

/// `snap` for the tensors of a plan, in one launch: w[i] = the level of its grid nearest to w[i].
///
/// Errors: cuda_error if CUDA refuses the launch. Allocates nothing, waits for nothing.
/// Determinism: the bits of the verb on the host.
template <class Grid, class W, class Code>
void snap(stream s, plan<snapped_layer<Grid, W, Code>> const& p) {
  detail::launch<detail::snap_pass<snapped_layer<Grid, W, Code>>>(s, p, detail::destination{});
}

/// `snap` for one tensor; needs no workspace. Errors: invalid_argument for null data.
template <device_container W>
void snap(stream s, uniform<double> const& grid, W&& w) {
  snapped_layer const layer{grid, w};
  layer.require();
  using pass = detail::snap_pass<std::remove_const_t<decltype(layer)>>;
  detail::launch<pass>(s, layer, detail::meeting_place{}, detail::destination{});
}

/// The same, and codes[i] = the code of that level. Errors: also for differing sizes and a code
/// type that is too narrow, before anything is enqueued.
template <device_container W, device_container Codes>
void snap(stream s, uniform<double> const& grid, W&& w, Codes&& codes) {
  snapped_layer const layer{grid, w, codes};
  layer.require();
  using pass = detail::snap_pass<std::remove_const_t<decltype(layer)>>;
  detail::launch<pass>(s, layer, detail::meeting_place{}, detail::destination{});
}

}  // namespace detent::inline DETENT_ABI::cuda
