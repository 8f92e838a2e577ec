// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// snap: weights to the levels of a grid in place, codes on request.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <detent/algorithm/packed_codes.hpp>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/arrays.hpp>
#include <detent/execution/run.hpp>
#include <detent/grid/uniform.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace detent::inline DETENT_ABI {

namespace detail {

template <class W, class Code>
struct snap_kernel {
  using compute = compute_type<W>;
  static constexpr int sums = 0;

  uniform<compute> grid;
  W* w;
  Code* codes;
  std::size_t size;

  DETENT_HD auto arrays() const noexcept {
    if constexpr (std::is_void_v<Code>) {
      return list_of(updates<W>{w});
    } else {
      return list_of(updates<W>{w}, writes<Code>{codes});
    }
  }

  DETENT_LOOP lane_terms<compute, 0> operator()(std::size_t i) const noexcept {
    if constexpr (std::is_void_v<Code>) {
      return element(i, w[i]);
    } else {
      return element(i, w[i], codes[i]);
    }
  }

  /// Of a weight and its code, where it is wanted.
  template <class... Codes>
  DETENT_LOOP lane_terms<compute, 0> element(std::size_t, W& weight,
                                             Codes&... code) const noexcept {
    compute const x = to_compute(weight);
    ((code = static_cast<Codes>(grid.code(x))), ...);
    weight = from_compute<W>(grid.nearest(x));
    return {};
  }
};

template <class W>
struct packed_snap_kernel {
  using compute = compute_type<W>;
  static constexpr int sums = 0;

  uniform<compute> grid;
  W* w;
  std::uint8_t* bytes;
  int bits;
  std::size_t size;

  /// Rounds a whole block and writes its codes, counted from the lowest.
  DETENT_HOST_LOOP void block(W* weight, std::uint8_t* code) const noexcept {
    int const low = grid.lowest_code();
    DETENT_INDEPENDENT
    for (std::size_t l = 0; l < pack_block; ++l) {
      compute const x = to_compute(weight[l]);
      code[l] = static_cast<std::uint8_t>(grid.code(x) - low);
      weight[l] = from_compute<W>(grid.nearest(x));
    }
  }
};

/// In place of the loop over single elements: codes are packed in blocks. A chunk is a multiple of
/// 8 elements, so that no two chunks share a byte.
template <class W>
DETENT_HOST_LOOP inline void run_chunk(packed_snap_kernel<W> kernel, std::size_t first,
                                       std::size_t count, double*) noexcept {
  static_assert(tree_chunk<typename packed_snap_kernel<W>::compute> % 8 == 0);
  auto const b = static_cast<std::size_t>(kernel.bits);
  W* weight = kernel.w + first;
  std::uint8_t* to = kernel.bytes + first / 8 * b;
  std::uint8_t* const end = to + (count * b + 7) / 8;
  std::uint8_t code[pack_block];
  for (; count >= pack_block; count -= pack_block, weight += pack_block, to += pack_groups * b) {
    kernel.block(weight, code);
    pack_codes(code, kernel.bits, to, static_cast<std::size_t>(end - to));
  }
  if (count == 0) return;
  W tail[pack_block] = {};
  copy(weight, count, tail);
  kernel.block(tail, code);
  copy(tail, count, weight);
  fill(code + count, pack_block - count, std::uint8_t{0});
  pack_codes(code, kernel.bits, to, static_cast<std::size_t>(end - to));
}

}  // namespace detail

/// An integer that can hold codes: no bool and no character type, `std::int8_t` and wider.
template <class T>
concept code_element = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                       !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                       !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// A container of integer codes that `snap` can write.
template <class C>
concept code_container = detail::has_mutable_elements<C> && code_element<detail::element_of<C>>;

/// w[i] = the level of the grid nearest to w[i]; NaN stays NaN. In 16-bit weights it is the number
/// nearest to the level, and has its code unless the levels lie closer than such numbers do.
///
/// @param  policy  `seq` (the default), `openmp`, or `on(executor)`
/// @param  grid    where the levels are      @param  w  weights, rounded in place
/// Errors: invalid_argument for null data. Cost: one read and write of w.
template <execution_policy Policy, writable W>
void snap(Policy const& policy, uniform<double> const& grid, W&& w) {
  auto const weights = detail::write_view(w, "w");
  using kernel = detail::snap_kernel<detail::element_of<std::remove_reference_t<W>>, void>;
  kernel const k{grid.as<typename kernel::compute>(), weights.data, nullptr, weights.size};
  detail::run(policy, std::span<kernel const>(&k, 1), nullptr);
}
template <writable W>
void snap(uniform<double> const& grid, W&& w) {
  snap(seq, grid, w);
}

/// The same, and codes[i] = the code of that level (the lowest code for NaN).
///
/// @param  codes  integers of the same size, wide enough for the grid's codes
/// Errors: invalid_argument for differing sizes, shapes or orders, null data, codes that overlap w,
/// or a code type that is too narrow, before anything is written.
template <execution_policy Policy, writable W, code_container Codes>
void snap(Policy const& policy, uniform<double> const& grid, W&& w, Codes&& codes) {
  using code = detail::element_of<std::remove_reference_t<Codes>>;
  auto const weights = detail::write_view(w, "w");
  auto const out = detail::write_view(codes, "codes");
  detail::require_matching(out, weights);
  if (!std::in_range<code>(grid.lowest_code()) || !std::in_range<code>(grid.highest_code())) {
    detail::fail("codes", "cannot hold the codes " + detail::text(grid.lowest_code()) + " to " +
                              detail::text(grid.highest_code()) + " of the grid");
  }
  using kernel = detail::snap_kernel<detail::element_of<std::remove_reference_t<W>>, code>;
  kernel const k{grid.as<typename kernel::compute>(), weights.data, out.data, weights.size};
  detail::run(policy, std::span<kernel const>(&k, 1), nullptr);
}
template <writable W, code_container Codes>
void snap(uniform<double> const& grid, W&& w, Codes&& codes) {
  snap(seq, grid, w, codes);
}

/// The same with packed codes of 1 to 8 bits, in the same pass; `unpack` is the reverse.
///
///     snap(grid, w, packed_codes{bytes, bits{3}});
///
/// The layout is told at `packed_codes`. NaN stays NaN in w and is packed as the lowest code.
/// Errors: invalid_argument for more than 8 bits, a grid of more than 2^bits codes, fewer bytes
/// than `packed_size(w.size(), bits)`, null data, and bytes that overlap w, before anything is
/// written.
/// Threads: no two chunks share a byte.
template <execution_policy Policy, writable W>
void snap(Policy const& policy, uniform<double> const& grid, W&& w,
          packed_codes<std::uint8_t> const& codes) {
  auto const weights = detail::write_view(w, "w");
  detail::require_bytes_for(codes, grid, weights);
  using kernel = detail::packed_snap_kernel<detail::element_of<std::remove_reference_t<W>>>;
  kernel const k{grid.as<typename kernel::compute>(), weights.data, codes.bytes.data(),
                 codes.each.count(), weights.size};
  detail::run(policy, std::span<kernel const>(&k, 1), nullptr);
}
template <writable W>
void snap(uniform<double> const& grid, W&& w, packed_codes<std::uint8_t> const& codes) {
  snap(seq, grid, w, codes);
}

/// One tensor of many, for `snap` over layers.
template <class W>
struct snapped_layer {
  uniform<double> grid;
  tensor_span<W> w;

  using kernel = detail::snap_kernel<W, void>;
};
template <detail::accessible W>
snapped_layer(uniform<double>, W&&) -> snapped_layer<detail::element_of<W>>;

/// `snap` for many tensors at once. Errors: as above, for any layer, which the message names,
/// before any weight is touched; null layers, and layers that share weights.
template <execution_policy Policy, layers_of<snapped_layer> Layers>
void snap(Policy const& policy, Layers const& layers) {
  using kernel = typename detail::element_of<Layers const>::kernel;
  auto const list = detail::list_view(layers, "layers");
  std::vector<kernel> kernels;
  kernels.reserve(list.size());
  detail::overlap_check used(list.size());
  for (auto const& layer : list) {
    auto const w = detail::layer_view(layer.w, "w", kernels.size());
    used.writes(w.data, w.size, w.which);
    kernels.push_back(
        {layer.grid.template as<typename kernel::compute>(), w.data, nullptr, w.size});
  }
  used.require_disjoint();
  detail::run(policy, std::span<kernel const>(kernels), nullptr);
}

/// One tensor of many whose codes are packed, for `snap` over layers.
template <class W>
struct packed_layer {
  uniform<double> grid;
  tensor_span<W> w;
  packed_codes<std::uint8_t> codes;

  using kernel = detail::packed_snap_kernel<W>;
};
template <detail::accessible W>
packed_layer(uniform<double>, W&&, packed_codes<std::uint8_t>)
    -> packed_layer<detail::element_of<W>>;

/// `snap` with packed codes for many tensors at once. Errors: as above, for any layer, which the
/// message names, before anything is written; null layers, and layers that share weights or bytes.
template <execution_policy Policy, layers_of<packed_layer> Layers>
void snap(Policy const& policy, Layers const& layers) {
  using kernel = typename detail::element_of<Layers const>::kernel;
  auto const list = detail::list_view(layers, "layers");
  std::vector<kernel> kernels;
  kernels.reserve(list.size());
  detail::overlap_check used(2 * list.size());
  for (auto const& layer : list) {
    auto const w = detail::layer_view(layer.w, "w", kernels.size());
    detail::require_bytes_for(layer.codes, layer.grid, w);
    used.writes(w.data, w.size, w.which);
    used.writes(layer.codes.bytes.data(), packed_size(w.size, layer.codes.each),
                detail::argument{"bytes of codes", kernels.size()});
    kernels.push_back({layer.grid.template as<typename kernel::compute>(), w.data,
                       layer.codes.bytes.data(), layer.codes.each.count(), w.size});
  }
  used.require_disjoint();
  detail::run(policy, std::span<kernel const>(kernels), nullptr);
}

}  // namespace detent::inline DETENT_ABI
