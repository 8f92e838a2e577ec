// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// A line chart, mostly over epochs, with an optional reference line, as one SVG picture.

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <trainer/report/svg.hpp>

namespace detent_trainer::svg {

/// How the points of a series are shown.
enum class series_style {
  line,
  dashed,  ///< a line that is not one of the others' kind
  marks,   ///< unconnected
};

/// One curve; points that are not finite leave a gap.
struct series {
  std::string name;
  int color = 1;  ///< 1 … `palette_colors`, a colour of the page's palette, or 0, the text's
  std::vector<std::pair<double, double>> points;
  series_style style = series_style::line;
  std::vector<double> deviations = {};  ///< one a point, NaN where there is none; or empty
};

/// The colours of the palette, dealt in turn.
int color_in_turn(std::size_t index);

/// What a line chart shows. One quantity a chart: there is never a second vertical axis.
struct line_chart {
  std::string title;
  std::string unit;  ///< beside the title; empty for none
  std::string note;  ///< below the title; empty for none
  std::string x_name = "epoch";
  interval x_range;  ///< what the axis spans beside the points
  std::vector<series> curves;
  double reference = std::numeric_limits<double>::quiet_NaN();
  std::string reference_name;
  bool is_fraction = false;
  bool from_zero = true;
  bool may_be_logarithmic = false;  ///< taken where the values span much and none is zero
};

namespace svg_detail {

inline constexpr std::size_t most_points = 120;
inline constexpr std::size_t most_dots = 24;

using point = std::pair<double, double>;

// The last point says how the run ended, so it is always kept.
std::vector<point> thinned(const std::vector<point>& points);

bool drawable(const point& p, const axis& y);

std::string draw_path(const series& curve, const axis& x, const axis& y);

std::string draw_curve(const line_chart& chart, const series& curve, const axis& x, const axis& y);

interval values_of(const line_chart& chart);

interval places_of(const line_chart& chart);

}  // namespace svg_detail

/// The names of the curves with their colours, as HTML that wraps on a narrow page.
std::string legend(const std::vector<series>& curves);

/// Draws the chart as a figure: title, legend where there is more than one curve, picture.
std::string draw(const line_chart& chart);

}  // namespace detent_trainer::svg
