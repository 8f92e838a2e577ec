// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Drawing curves and marks over their axes.

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <trainer/report/format.hpp>
#include <trainer/report/html_style.hpp>
#include <trainer/report/line_chart.hpp>
#include <trainer/report/svg.hpp>

namespace detent_trainer::svg {

using namespace svg_detail;

int color_in_turn(std::size_t index) {
  return static_cast<int>(index % static_cast<std::size_t>(palette_colors)) + 1;
}

namespace svg_detail {

std::vector<point> thinned(const std::vector<point>& points) {
  const std::size_t stride = (points.size() + most_points - 1) / most_points;
  if (stride <= 1) return points;
  std::vector<point> kept;
  for (std::size_t i = 0; i + 1 < points.size(); i += stride)
    kept.push_back(points[i]);
  kept.push_back(points.back());
  return kept;
}

bool drawable(const point& p, const axis& y) {
  if (!std::isfinite(p.first) || !std::isfinite(p.second)) return false;
  return !y.is_logarithmic || p.second > 0;
}

}  // namespace svg_detail

namespace {

std::string curve_path(const std::vector<point>& points, const axis& x, const axis& y) {
  std::string path;
  bool is_open = false;
  for (const auto& p : points) {
    if (!drawable(p, y)) {
      is_open = false;
      continue;
    }
    path += (is_open ? "L" : "M") + number(x(p.first)) + ' ' + number(y(p.second));
    is_open = true;
  }
  return path;
}

std::string tip_of(const line_chart& chart, const series& curve, const point& p, double deviation) {
  const std::string value = chart.is_fraction
                                ? format::percent_deviation(p.second, deviation) + " %"
                                : format::significant(p.second, 4);
  return curve.name + ", " + chart.x_name + ' ' + number(p.first) + ": " + value;
}

double deviation_of(const series& curve, std::size_t i) {
  return i < curve.deviations.size() ? curve.deviations[i]
                                     : std::numeric_limits<double>::quiet_NaN();
}

// Few and each its own measurement, so none is left out.
std::string draw_marks(const line_chart& chart, const series& curve, const axis& x, const axis& y) {
  const std::string color = std::to_string(curve.color);
  const bool is_large = curve.style == series_style::marks;
  std::string out;
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    const auto& p = curve.points[i];
    if (!drawable(p, y)) continue;
    const double deviation = deviation_of(curve, i);
    const double at = x(p.first);
    if (std::isfinite(deviation)) {
      out += line("whisker c" + color, at, y(p.second - deviation), at, y(p.second + deviation));
    }
    out += dot((is_large ? "mark f" : "dot f") + color, at, y(p.second), is_large ? 4.5 : 2.5,
               tip_of(chart, curve, p, deviation));
  }
  return out;
}

}  // namespace

namespace svg_detail {

std::string draw_path(const series& curve, const axis& x, const axis& y) {
  const std::string path = curve_path(thinned(curve.points), x, y);
  if (path.empty()) return "";
  const std::string style = curve.style == series_style::dashed ? " dashed" : "";
  return "<path" + attribute("class", "curve c" + std::to_string(curve.color) + style) +
         attribute("d", path) + "/>\n";
}

std::string draw_curve(const line_chart& chart, const series& curve, const axis& x, const axis& y) {
  if (curve.style == series_style::marks) return draw_marks(chart, curve, x, y);
  const std::string path = draw_path(curve, x, y);
  return curve.points.size() > most_dots ? path : path + draw_marks(chart, curve, x, y);
}

interval values_of(const line_chart& chart) {
  interval values;
  for (const auto& curve : chart.curves) {
    for (std::size_t i = 0; i < curve.points.size(); ++i) {
      const double value = curve.points[i].second;
      values.cover(value);
      values.cover(value - deviation_of(curve, i));
      values.cover(value + deviation_of(curve, i));
    }
  }
  values.cover(chart.reference);
  return values;
}

interval places_of(const line_chart& chart) {
  interval places = chart.x_range;
  for (const auto& curve : chart.curves) {
    for (const auto& p : curve.points)
      places.cover(p.first);
  }
  return places;
}

}  // namespace svg_detail

std::string legend(const std::vector<series>& curves) {
  std::string out = "<p class=\"legend\">";
  for (const auto& curve : curves) {
    const std::string key = "key b" + std::to_string(curve.color);
    out += "<span><i" +
           attribute("class", key + (curve.style == series_style::dashed ? " dashed" : "")) +
           "></i>" + escape(curve.name) + "</span> ";
  }
  return out + "</p>\n";
}

std::string draw(const line_chart& chart) {
  constexpr double width = 400;
  constexpr double height = 220;
  constexpr double left = 56;
  constexpr double right = width - 12;
  constexpr double top = 12;
  constexpr double bottom = height - 40;
  auto values = values_of(chart);
  const bool is_logarithmic = chart.may_be_logarithmic && !values.is_empty && values.low > 0 &&
                              values.high / values.low > 30;
  if (chart.from_zero && !is_logarithmic) values.cover(0);
  const axis x = make_axis(places_of(chart), {.ticks = 6,
                                              .pixel_low = left,
                                              .pixel_high = right,
                                              .ends_on_ticks = false,
                                              .whole_numbers = true});
  const axis y = make_axis(values, {.ticks = 4,
                                    .pixel_low = bottom,
                                    .pixel_high = top,
                                    .is_fraction = chart.is_fraction,
                                    .is_logarithmic = is_logarithmic});
  std::string out = "<figure>\n<figcaption><b>" + escape(chart.title) + "</b>";
  const std::string unit = chart.unit + (is_logarithmic ? ", logarithmic" : "");
  if (!unit.empty()) out += " <small>" + escape(unit) + "</small>";
  out += "</figcaption>\n";
  // Above, because figures beside each other are aligned at their lower ends.
  if (!chart.note.empty()) out += "<p class=\"about\">" + escape(chart.note) + "</p>\n";
  if (chart.curves.size() > 1) out += legend(chart.curves);
  out += open(width, height, chart.title + " over " + chart.x_name);
  out += vertical_axis(y, left, right) + horizontal_axis(x, bottom, chart.x_name);
  if (std::isfinite(chart.reference)) {
    const double level = y(chart.reference);
    out += line("reference", left, level, right, level);
    // At the left, where curves that come up from below have not arrived yet.
    const double below = level - top > 10 ? -5 : 14;
    if (!chart.reference_name.empty()) {
      out += text("note", left + 4, level + below, "start", chart.reference_name);
    }
  }
  for (const auto& curve : chart.curves)
    out += draw_curve(chart, curve, x, y);
  out += close();
  return out + "</figure>\n";
}

}  // namespace detent_trainer::svg
