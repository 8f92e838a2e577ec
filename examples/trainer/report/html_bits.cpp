// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The charts of accuracy against average bits.

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <trainer/report/format.hpp>
#include <trainer/report/html_bits.hpp>
#include <trainer/report/line_chart.hpp>
#include <trainer/report/summary.hpp>

namespace detent_trainer::html {

namespace {

/// Whether the row is of a quantizer alone, with the same bits for every layer.
bool is_uniform(const summary_row& row) {
  return is_quantized(row) && !is_regularized(row) && !learns_bits(row);
}

bool is_shown(const summary_row& row) {
  return is_uniform(row) || learns_bits(row);
}

// The method, and those settings of which the comparison tries several.
std::string series_name(const summary_row& row, const std::vector<summary_row>& rows) {
  std::string name = row.method + (is_uniform(row) ? ", uniform" : "");
  const auto add = [&](bool (*applies)(const summary_row&), auto setting) {
    if (applies(row) && differs(rows, setting, applies)) name += ", " + setting(row);
  };
  add(is_shown, [](const summary_row& r) { return "A" + std::to_string(r.activation_bits); });
  add(is_shown, [](const summary_row& r) { return r.forward + " forward"; });
  add(is_shown, [](const summary_row& r) { return "first and last layer " + r.first_last; });
  add(learns_bits, [](const summary_row& r) { return r.domain; });
  add(learns_bits,
      [](const summary_row& r) { return "strength " + format::significant(r.strength, 3); });
  return name;
}

std::vector<std::string> all_names(const std::vector<summary_row>& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) {
    if (!is_shown(row)) continue;
    auto name = series_name(row, rows);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

// The rows of the panel under one name, from the fewest bits to the most.
svg::series series_of(const std::string& name, const summary_row& panel,
                      const std::vector<summary_row>& rows) {
  std::vector<const summary_row*> members;
  for (const auto& row : rows) {
    const bool belongs =
        is_shown(row) && summary_detail::same_setting(row, panel) && series_name(row, rows) == name;
    if (belongs) members.push_back(&row);
  }
  std::stable_sort(members.begin(), members.end(), [](const summary_row* a, const summary_row* b) {
    return a->average_bits < b->average_bits;
  });
  svg::series series{name, 1, {}};
  for (const auto* row : members) {
    series.points.emplace_back(row->average_bits, row->accuracy_mean);
    series.deviations.push_back(row->accuracy_std);
    if (learns_bits(*row)) series.style = svg::series_style::marks;
  }
  return series;
}

svg::line_chart chart_of(const summary_row& panel, const std::vector<summary_row>& rows,
                         const std::vector<std::string>& names) {
  svg::line_chart chart;
  chart.title = panel.model + " on " + panel.data;
  if (!panel.lr_schedule.empty()) chart.title += ", " + panel.lr_schedule + " learning rate";
  chart.unit = "test accuracy";
  chart.x_name = "average bits of a weight";
  chart.is_fraction = true;
  chart.from_zero = false;
  // One colour a name, in every panel.
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto series = series_of(names[i], panel, rows);
    if (series.points.empty()) continue;
    series.color = svg::color_in_turn(i);
    chart.curves.push_back(std::move(series));
  }
  const auto bits = svg::svg_detail::places_of(chart);
  chart.x_range.cover(bits.low - 0.25);
  chart.x_range.cover(bits.high + 0.25);
  if (const auto* full = full_precision_beside(panel, rows); full != nullptr) {
    chart.reference = full->accuracy_mean;
    // In the picture its name would lie where the points are.
    chart.unit += "; dashed: full precision";
  }
  return chart;
}

}  // namespace

std::string accuracy_by_bits(const std::vector<summary_row>& rows) {
  std::vector<const summary_row*> panels;
  for (const auto& row : rows) {
    const auto same = [&](const summary_row* panel) {
      return summary_detail::same_setting(*panel, row);
    };
    if (learns_bits(row) && std::none_of(panels.begin(), panels.end(), same)) {
      panels.push_back(&row);
    }
  }
  if (panels.empty()) return "";
  std::string out =
      "<h2>Accuracy against average bits</h2>\n<p class=\"about\">Large dots are bit-widths "
      "learned "
      "a layer, lines the same bits for every layer; means over the seeds, bars one standard "
      "deviation to each side. The axis does not begin at zero.</p>\n<div class=\"charts\">\n";
  const auto names = all_names(rows);
  for (const auto* panel : panels)
    out += svg::draw(chart_of(*panel, rows, names));
  return out + "</div>\n";
}

}  // namespace detent_trainer::html
