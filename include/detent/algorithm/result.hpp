// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// result: what a verb returns about one tensor.

#include <array>
#include <detent/config.hpp>

namespace detent::inline DETENT_ABI {

/// The summed value of a tensor and its derivatives by the functor's P learnable parameters.
template <int P = 0>
struct result {
  double value = 0;
  std::array<double, static_cast<std::size_t>(P)> theta{};
};

}  // namespace detent::inline DETENT_ABI
