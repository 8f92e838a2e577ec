// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The grid of DoReFa, stretched.

#include "fitted_rounding.hpp"

#include <detent/algorithm/fit_range.hpp>
#include <detent/grid/bits.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/rounding.hpp>
#include <vector>

namespace cuda_mlp {

detent::rounding fitted_rounding(int bits, std::vector<float> const& weights) {
  auto const unit_grid = detent::dorefa_grid(detent::bits(bits));
  return detent::rounding(unit_grid.scaled(detent::fit_range(unit_grid, weights)));
}

}  // namespace cuda_mlp
