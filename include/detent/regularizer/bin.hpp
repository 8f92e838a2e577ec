// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// bin: the mean of the weights around every level drawn to it, and their variance to zero.

#include <cstddef>
#include <detent/config.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/rounding.hpp>
#include <detent/regularizer/term.hpp>
#include <detent/statistic/bins.hpp>

namespace detent::inline DETENT_ABI {

namespace detail {

template <class T>
DETENT_HD inline std::size_t bin_of(uniform<T> const& grid, T w) noexcept {
  return static_cast<std::size_t>(grid.code(w) - grid.lowest_code());
}

/// What a `bin` says of a weight; share: 1/n of the weight's bin.
template <class T>
DETENT_HD inline term<T> bin_term(uniform<T> const& grid, T w, double share) noexcept {
  T const distance = grid.position(w).offset * grid.step();
  T const own = static_cast<T>(share) * distance;
  return {own * distance, T(2) * own};
}

/// A `bin` that a device looks up in its memory.
struct bin_by_table {
  static constexpr int parameters = 0;

  uniform<double> grid;
  double const* share;

  template <class T>
  DETENT_HD term<T> operator()(T w) const noexcept {
    auto const in_type = grid.template as<T>();
    double const* const place = share + bin_of(in_type, w);
#if DETENT_DEVICE_CODE
    return bin_term(in_type, w, __ldcg(place));
#else
    return bin_term(in_type, w, *place);
#endif
  }
};

}  // namespace detail

/// Σ over the bins that have weights of (mean - level)² + variance: a two-step regularizer.
///
///     bin const reg{reduce(bins{grid}, w)};            then accumulate(reg, w, g, λ)
///
/// Within a bin of n weights, mean square = squared mean + variance, so that the penalty is
///
///     R = Σ_bins (1/n) Σ_(w in bin) (w - level)²       ∂R/∂w = (2/n)(w - level)
///
/// exactly, mean and variance differentiated too; the bin of a weight is piecewise constant. A
/// weight needs its bin's count alone, and every bin counts as much as any other: in a bin of few
/// weights each is drawn strongly. The counts are those of the weights as they were: make the
/// functor anew in every step. A weight in a bin that had none is not drawn.
///
/// The grid is the quantizer's; for one with a domain, `through(domain, …)` both statistic and
/// functor. Beyond the outermost levels weights are drawn back to them. NaN gives NaN. noexcept.
/// Source: Han et al., "Improving Low-Precision Network Quantization via Bin Regularization",
/// ICCV 2021; the form by the mean square is ours.
template <std::size_t Most = 256>
class bin {
 public:
  static constexpr int parameters = 0;

  explicit bin(bins<Most> const& of) noexcept : grid_(of.grid()) {
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (of.count(i) > 0) share_[i] = 1 / static_cast<double>(of.count(i));
    }
  }

  uniform<double> const& grid() const noexcept { return grid_; }

  template <class T>
  DETENT_HD term<T> operator()(T w) const noexcept {
    auto const grid = grid_.template as<T>();
    return detail::bin_term(grid, w, share_[detail::bin_of(grid, w)]);
  }

  // For devices, where a table is looked up in memory: a kernel takes its place, not its value.
  using by_table = detail::bin_by_table;
  DETENT_HD uniform<double> const* head() const noexcept { return &grid_; }
  DETENT_HD double const* table() const noexcept { return share_; }

 private:
  uniform<double> grid_;
  double share_[Most] = {};  // 1/n; 0 where there are none
};

template <std::size_t Most>
bin(bins<Most> const&) -> bin<Most>;

static_assert(regularizer<bin<>>);

}  // namespace detent::inline DETENT_ABI
