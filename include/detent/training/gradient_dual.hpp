// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Dual weights and gradients of a network's tensors, seeded with a direction.

#include <concepts>
#include <cstddef>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/execution/lane_tree.hpp>
#include <detent/math/dual.hpp>
#include <detent/numbers.hpp>
#include <detent/statistic/norms.hpp>
#include <detent/training/gradient_oracle.hpp>
#include <span>
#include <vector>

namespace detent::inline DETENT_ABI {

namespace detail {

template <class T>
struct dual_memory {
  template <class Layers>
  explicit dual_memory(Layers const& all)
      : sizes(all),
        w(sizes.total()),
        g(sizes.total()),
        statistics(sizes.count()),
        values(sizes.count()) {
    for (std::size_t l = 0; l < sizes.count(); ++l) {
      std::size_t const first = sizes.first(l), size = sizes.first(l + 1) - first;
      layers.push_back({std::span(w).subspan(first, size), std::span(g).subspan(first, size)});
    }
  }

  layer_sizes sizes;
  std::vector<dual<T>> w, g;
  std::vector<oracle_layer<dual<T>>> layers;
  std::vector<norms> statistics;
  numbers<double> values;
};

/// Writes w + εv over the dual weights.
template <class T, class Direction>
struct seed_kernel {
  using compute = T;
  static constexpr int sums = 0;
  Direction direction;
  T const* w;
  T const* g;
  dual<T>* seeded;
  T scale;
  std::size_t size;

  DETENT_LOOP lane_terms<T, 0> operator()(std::size_t i) const noexcept {
    seeded[i].value = w[i];
    seeded[i].slope = scale * direction(i, g == nullptr ? T(0) : g[i]);
    return {};
  }
};

/// Takes H v out of the dual gradients.
template <class T, bool Adds>
struct harvest_kernel {
  using compute = T;
  static constexpr int sums = 0;
  dual<T> const* of;
  T* to;
  std::size_t size;

  DETENT_LOOP lane_terms<T, 0> operator()(std::size_t i) const noexcept {
    if constexpr (Adds) {
      to[i] += of[i].slope;
    } else {
      to[i] = of[i].slope;
    }
    return {};
  }
};

}  // namespace detail

/// Memory of dual weights and gradients for the layers of one network, four times that of its
/// weights. Made once.
template <std::floating_point T>
class dual_workspace {
 public:
  /// @param  layers  contiguous container of layers, of which the sizes are kept
  template <class Layers>
  explicit dual_workspace(Layers const& layers) : memory_(layers) {}

 private:
  friend struct detail::workspace_access;
  detail::dual_memory<T> memory_;
};
template <class Layers>
dual_workspace(Layers const&)
    -> dual_workspace<typename decltype(detail::element_of<Layers const>::w)::element_type>;

}  // namespace detent::inline DETENT_ABI
