// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The penalty that learns bit-widths as a map over weight and bit-width, beside the layers' ways.

#include <cstddef>
#include <detent/grid/period.hpp>
#include <string>
#include <vector>

#include <trainer/report/line_chart.hpp>

namespace detent_trainer::svg {

/// What the picture shows: R(w, β) of a convention, and β over the epochs, one curve a layer.
struct penalty_surface {
  detent::bit_convention convention = detent::bit_convention::wrpn;  ///< wrpn or dorefa
  std::vector<series> ways;  ///< more than the palette has colours are left out
};

namespace svg_detail {

inline constexpr std::size_t surface_columns = 160;
inline constexpr std::size_t surface_rows = 48;

using surface_values = std::vector<double>;  ///< row by row, the lowest bit-width first

surface_values values_of(detent::bit_convention convention);

// The cells of at least `least` as strokes, in units of cells from the upper left.
std::string cells_from(const surface_values& values, double least);

}  // namespace svg_detail

/// Draws the map at the left and the layers' ways at the right, with one axis of bit-widths, as a
/// figure.
std::string draw(const penalty_surface& picture);

}  // namespace detent_trainer::svg
