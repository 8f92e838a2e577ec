// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// snap: weights to the levels of a grid in place, codes on request.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <detent/algorithm/view.hpp>
#include <detent/error.hpp>
#include <detent/execution/run.hpp>
#include <detent/grid/uniform.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace detent {

namespace detail {

template <class W, class Code>
struct snap_kernel {
  using compute = compute_type<W>;
  static constexpr int sums = 0;

  uniform<compute> grid;
  W* w;
  Code* codes;
  std::size_t size;

  DETENT_LOOP lane_terms<compute, 0> operator()(std::size_t i) const noexcept {
    compute const x = static_cast<compute>(w[i]);
    if constexpr (!std::is_void_v<Code>) codes[i] = static_cast<Code>(grid.code(x));
    w[i] = static_cast<W>(grid.nearest(x));
    return {};
  }
};

}  // namespace detail

/// An integer that can hold codes: no bool and no character type, `std::int8_t` and wider.
template <class T>
concept code_element = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                       !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                       !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// A container of integer codes that `snap` can write.
template <class C>
concept code_container = detail::has_data_and_size<C> && code_element<detail::element_of<C>> &&
    !std::is_const_v<std::remove_pointer_t<detail::pointer_of<C>>>;

/// w[i] = the level of the grid nearest to w[i]; NaN stays NaN.
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
/// Errors: invalid_argument for differing sizes, null data, or a code type that is too narrow,
/// before anything is written.
template <execution_policy Policy, writable W, code_container Codes>
void snap(Policy const& policy, uniform<double> const& grid, W&& w, Codes&& codes) {
  using code = detail::element_of<std::remove_reference_t<Codes>>;
  auto const weights = detail::write_view(w, "w");
  auto const out = detail::write_view(codes, "codes");
  detail::require_same_size(out.size, "codes", weights.size, "w");
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

/// One tensor of many, for `snap` over layers.
template <class W>
struct snapped_layer {
  uniform<double> grid;
  std::span<W> w;

  using kernel = detail::snap_kernel<W, void>;
};
template <class W>
snapped_layer(uniform<double>, W&) -> snapped_layer<detail::element_of<W>>;

/// `snap` for many tensors at once. Errors: as above, before any weight is touched.
template <execution_policy Policy, layers_of<snapped_layer> Layers>
void snap(Policy const& policy, Layers const& layers) {
  using kernel = typename detail::element_of<Layers const>::kernel;
  std::vector<kernel> kernels;
  kernels.reserve(static_cast<std::size_t>(layers.size()));
  for (auto const& layer : detail::as_span(layers)) {
    auto const w = detail::write_view(layer.w, "w of a layer");
    kernels.push_back(
        {layer.grid.template as<typename kernel::compute>(), w.data, nullptr, w.size});
  }
  detail::run(policy, std::span<kernel const>(kernels), nullptr);
}

}  // namespace detent
