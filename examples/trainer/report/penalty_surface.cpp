// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Sampling and shading the penalty's map, and drawing the ways over it.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <detent/grid/period.hpp>
#include <detent/regularizer/waveq.hpp>
#include <string>

#include <trainer/report/html_style.hpp>
#include <trainer/report/line_chart.hpp>
#include <trainer/report/penalty_surface.hpp>
#include <trainer/report/svg.hpp>

namespace detent_trainer::svg {

using namespace svg_detail;

namespace {

/// What the map spans; its cells are two by four pixels.
constexpr double widest_weight = 1.1;
constexpr double fewest_bits = 2;
constexpr double most_bits = 8;

/// Where a shade sets in. The penalty falls by 2 a bit, so they are powers of two apart; above the
/// last one it is the weight beyond the range that counts.
constexpr std::array<double, 5> shades = {0x1p-9, 0x1p-7, 0x1p-5, 0x1p-3, 0x1p-1};

// Weighted means around a cell, half of which is the cell and a quarter each neighbour: where
// periods are narrower than cells, the map is even instead of a pattern that is not there.
void blur_row(surface_values& values, std::size_t row) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * surface_columns);
  double before = *begin;
  for (std::size_t column = 0; column < surface_columns; ++column) {
    double& value = *(begin + static_cast<std::ptrdiff_t>(column));
    const double own = value;
    const double after = column + 1 < surface_columns ? *(&value + 1) : own;
    value = 0.25 * before + 0.5 * own + 0.25 * after;
    before = own;
  }
}

template <detent::bit_convention Convention>
surface_values values_of_surface() {
  constexpr std::size_t across = 6;
  constexpr std::size_t along = 2;
  constexpr double weight_step = 2 * widest_weight / static_cast<double>(surface_columns * across);
  constexpr double bit_step = (most_bits - fewest_bits) / static_cast<double>(surface_rows * along);
  surface_values values(surface_columns * surface_rows);
  for (std::size_t i = 0; i < surface_rows * along; ++i) {
    const double bit_width = fewest_bits + bit_step * (static_cast<double>(i) + 0.5);
    const detent::waveq<Convention> penalty{detent::period<Convention>(bit_width)};
    for (std::size_t j = 0; j < surface_columns * across; ++j) {
      const double weight = weight_step * (static_cast<double>(j) + 0.5) - widest_weight;
      values[i / along * surface_columns + j / across] +=
          penalty(weight).value / static_cast<double>(across * along);
    }
  }
  for (std::size_t row = 0; row < surface_rows; ++row)
    blur_row(values, row);
  return values;
}

}  // namespace

namespace svg_detail {

surface_values values_of(detent::bit_convention convention) {
  return convention == detent::bit_convention::dorefa
             ? values_of_surface<detent::bit_convention::dorefa>()
             : values_of_surface<detent::bit_convention::wrpn>();
}

std::string cells_from(const surface_values& values, double least) {
  std::string path;
  for (std::size_t row = 0; row < surface_rows; ++row) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * surface_columns);
    const auto end = begin + static_cast<std::ptrdiff_t>(surface_columns);
    const auto is_shaded = [least](double value) { return value >= least; };
    for (auto from = std::find_if(begin, end, is_shaded); from != end;) {
      const auto to = std::find_if_not(from, end, is_shaded);
      path += 'M' + std::to_string(from - begin) + ' ' +
              number(static_cast<double>(surface_rows - row) - 0.5) + 'H' +
              std::to_string(to - begin);
      from = std::find_if(to, end, is_shaded);
    }
  }
  return path;
}

}  // namespace svg_detail

namespace {

// Each shade lies on those below it.
std::string draw_shades(const surface_values& values, const axis& x, const axis& y) {
  const double cell_width = (x.pixel_high - x.pixel_low) / static_cast<double>(surface_columns);
  const double cell_height = (y.pixel_low - y.pixel_high) / static_cast<double>(surface_rows);
  std::string out =
      "<g class=\"heat\"" +
      attribute("transform", "translate(" + number(x.pixel_low) + ' ' + number(y.pixel_high) +
                                 ") scale(" + number(cell_width) + ' ' + number(cell_height) +
                                 ")") +
      ">\n";
  for (const double least : shades) {
    const std::string path = cells_from(values, least);
    if (!path.empty()) out += "<path" + attribute("d", path) + "/>\n";
  }
  return out + "</g>\n";
}

std::string fraction(double power_of_two) {
  return "1/" + std::to_string(std::lround(1 / power_of_two));
}

// Each key is made of the strokes that make the shade.
std::string shade_legend(double left, double y) {
  constexpr double width = 20;
  constexpr double distance = 64;
  std::string out = text("tick", left, y + 4, "start", "R from");
  double x = left + 44;
  for (std::size_t shade = 0; shade < shades.size(); ++shade, x += distance) {
    out += "<g class=\"heat\"" + attribute("stroke-width", 10) + ">";
    for (std::size_t below = 0; below <= shade; ++below)
      out += "<path" + attribute("d", "M" + number(x) + ' ' + number(y) + "H" + number(x + width)) +
             "/>";
    out += "</g>\n" + text("tick", x + width + 4, y + 4, "start", fraction(shades[shade]));
  }
  return out;
}

}  // namespace

std::string draw(const penalty_surface& picture) {
  constexpr double width = 640;
  constexpr double left = 44;
  constexpr double map_right = left + 2 * static_cast<double>(surface_columns);
  constexpr double ways_left = map_right + 28;
  constexpr double right = width - 12;
  constexpr double top = 26;
  constexpr double bottom = top + 4 * static_cast<double>(surface_rows);
  const bool is_dorefa = picture.convention == detent::bit_convention::dorefa;
  line_chart ways;
  ways.curves.assign(
      picture.ways.begin(),
      picture.ways.begin() + std::min<std::ptrdiff_t>(std::ssize(picture.ways), palette_colors));
  std::size_t points = 0;
  for (const auto& curve : ways.curves)
    points += curve.points.size();
  // A single epoch has no line, and many dots would make the picture large.
  const bool has_dots = points <= most_dots;
  interval weights, bit_widths;
  weights.cover(-widest_weight);
  weights.cover(widest_weight);
  bit_widths.cover(fewest_bits);
  bit_widths.cover(most_bits);
  const axis w = make_axis(
      weights, {.ticks = 4, .pixel_low = left, .pixel_high = map_right, .ends_on_ticks = false});
  const axis beta = make_axis(
      bit_widths, {.ticks = 6, .pixel_low = bottom, .pixel_high = top, .whole_numbers = true});
  const axis epochs = make_axis(places_of(ways), {.ticks = 5,
                                                  .pixel_low = ways_left,
                                                  .pixel_high = right,
                                                  .ends_on_ticks = false,
                                                  .whole_numbers = true});
  std::string out =
      "<figure class=\"wide\">\n<figcaption><b>The penalty R(w, β)</b> <small>and the bit-widths "
      "on their way over it</small></figcaption>\n" +
      legend(ways.curves);
  out += open(width, bottom + 40,
              "The penalty over weight and bit-width, beside the bit-widths "
              "over epoch");
  out += shade_legend(left, 10);
  out += vertical_axis(beta, left, left) + vertical_axis(beta, ways_left, right);
  out += draw_shades(values_of(picture.convention), w, beta);
  out += horizontal_axis(w, bottom, "weight, in units of the range");
  out += horizontal_axis(epochs, bottom, "epoch");
  for (const auto& curve : ways.curves)
    out += has_dots ? draw_curve(ways, curve, epochs, beta) : draw_path(curve, epochs, beta);
  out +=
      close() + "<p class=\"about\">2<sup>-β</sup> sin²(πu), u = w " +
      std::string(is_dorefa ? "(2<sup>β</sup> - 1)/2 - ½" : "(2<sup>β-1</sup> - 1)") +
      ": the valleys are the levels of β bits, which the weights are drawn to, above about 5 bits "
      "too narrow for this picture; beyond the range, at ±1, weights are drawn back.";
  if (ways.curves.size() < picture.ways.size()) {
    out += " The first " + std::to_string(ways.curves.size()) + " of " +
           std::to_string(picture.ways.size()) + " layers.";
  }
  return out + "</p>\n</figure>\n";
}

}  // namespace detent_trainer::svg
