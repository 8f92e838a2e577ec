// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Drawing means, deviations and single values beside each other.

#include <cmath>
#include <cstddef>
#include <string>

#include <trainer/report/format.hpp>
#include <trainer/report/interval_chart.hpp>
#include <trainer/report/line_chart.hpp>
#include <trainer/report/svg.hpp>

namespace detent_trainer::svg {

namespace svg_detail {

void cover(interval& range, double mean, double deviation) {
  range.cover(mean);
  range.cover(mean - deviation);
  range.cover(mean + deviation);
}

}  // namespace svg_detail

namespace {

std::string draw_mark(const interval_row& row, const interval_mark& mark, const axis& x, double y) {
  if (!std::isfinite(mark.mean)) return "";
  const std::string color = std::to_string(mark.color);
  std::string out;
  if (std::isfinite(mark.deviation)) {
    out += line("whisker c" + color, x(mark.mean - mark.deviation), y,
                x(mark.mean + mark.deviation), y);
  }
  for (const double value : mark.values) {
    if (std::isfinite(value)) out += line("value c" + color, x(value), y - 5, x(value), y + 5);
  }
  const std::string tip = row.label + ", " + mark.name + ": " +
                          format::percent_deviation(mark.mean, mark.deviation) + " %";
  return out + dot("mark f" + color, x(mark.mean), y, 4.5, tip);
}

std::string draw_reference(const interval_reference& reference, const axis& x, double top,
                           double bottom) {
  if (!std::isfinite(reference.mean)) return "";
  std::string out;
  if (std::isfinite(reference.deviation)) {
    const double begin = x(reference.mean - reference.deviation);
    const double end = x(reference.mean + reference.deviation);
    out += "<rect class=\"band\"" + attribute("x", begin) + attribute("y", top) +
           attribute("width", end - begin) + attribute("height", bottom - top) + "/>\n";
  }
  out += line("reference", x(reference.mean), top, x(reference.mean), bottom);
  const double middle = (x.pixel_low + x.pixel_high) / 2;
  const char* anchor = x(reference.mean) > middle ? "end" : "start";
  return out + text("note", x(reference.mean), top - 4, anchor,
                    reference.name + ' ' + format::percent(reference.mean, 2) + " %");
}

}  // namespace

interval range_of(const interval_chart& chart) {
  interval range;
  for (const auto& row : chart.rows) {
    for (const auto& mark : row.marks) {
      svg_detail::cover(range, mark.mean, mark.deviation);
      for (const double value : mark.values)
        range.cover(value);
    }
  }
  svg_detail::cover(range, chart.reference.mean, chart.reference.deviation);
  return range;
}

std::string draw(const interval_chart& chart) {
  constexpr double width = 440;
  constexpr double left = 108;
  constexpr double right = width - 16;
  constexpr double top = 22;
  constexpr double offset = 13;
  double bottom = top + 6;
  for (const auto& row : chart.rows)
    bottom += 12 + offset * static_cast<double>(row.marks.size());
  const axis x =
      make_axis(chart.range.is_empty ? range_of(chart) : chart.range,
                {.ticks = 5, .pixel_low = left, .pixel_high = right, .is_fraction = true});
  std::string out = "<figure>\n<figcaption><b>" + escape(chart.title) + "</b></figcaption>\n";
  out += open(width, bottom + 40, chart.title);
  for (const double tick : x.ticks)
    out += line("grid", x(tick), top, x(tick), bottom);
  out += draw_reference(chart.reference, x, top, bottom);
  double y = top + 6;
  for (const auto& row : chart.rows) {
    const double height = 12 + offset * static_cast<double>(row.marks.size());
    out += text("label", left - 10, y + height / 2 + 4, "end", row.label);
    if (y > top + 6) out += line("grid", left, y, right, y);
    for (std::size_t i = 0; i < row.marks.size(); ++i) {
      const double center = y + 6 + offset * (static_cast<double>(i) + 0.5);
      out += draw_mark(row, row.marks[i], x, center);
    }
    y += height;
  }
  return out + horizontal_axis(x, bottom, chart.x_name) + close() + "</figure>\n";
}

}  // namespace detent_trainer::svg
