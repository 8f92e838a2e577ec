// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Columns and charts of what is left after no more than rounding.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <trainer/report/format.hpp>
#include <trainer/report/line_chart.hpp>
#include <trainer/report/robustness.hpp>
#include <trainer/report/summary.hpp>

namespace detent_trainer {

bool is_rounded_after_training(const std::vector<summary_row>& rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [](const summary_row& row) { return !row.post_training.empty(); });
}

namespace {

/// The entry of a row for those bits; null where there is none.
const post_training_summary* entry_of(const summary_row& row, int bits, int activation_bits) {
  for (const auto& entry : row.post_training) {
    if (entry.bits == bits && entry.activation_bits == activation_bits) return &entry;
  }
  return nullptr;
}

/// Whether activations have the bits of the weights, or how many they have: entries of one kind
/// make one curve.
int kind_of(const post_training_summary& entry) {
  return entry.bits == entry.activation_bits ? 0 : entry.activation_bits;
}

std::string kind_name(int kind) {
  return kind == 0 ? "activations alike" : "A" + std::to_string(kind);
}

std::vector<int> kinds_of(const std::vector<summary_row>& rows) {
  std::vector<int> kinds;
  for (const auto& row : rows) {
    for (const auto& entry : row.post_training) {
      const int kind = kind_of(entry);
      if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
    }
  }
  return kinds;
}

// The method, and those settings that tell its rows apart.
std::string row_name(const summary_row& row, const std::vector<summary_row>& rows) {
  std::string name = row.method;
  if (is_quantized(row)) name += ' ' + format::bits(row.bits, row.activation_bits);
  const auto own = [&row](const summary_row& other) { return other.method == row.method; };
  const auto add = [&](auto setting) {
    if (differs(rows, setting, own)) name += ", " + setting(row);
  };
  add([](const summary_row& r) { return r.forward + " forward"; });
  add([](const summary_row& r) { return "first and last layer " + r.first_last; });
  add([](const summary_row& r) { return r.domain; });
  add([](const summary_row& r) { return "strength " + format::significant(r.strength, 3); });
  add([](const summary_row& r) { return format::significant(r.grid_bits, 2) + " bits"; });
  return name;
}

// Full precision is no place on an axis of bits.
svg::series curve_of(const summary_row& row, int kind) {
  std::vector<post_training_summary> entries;
  for (const auto& entry : row.post_training) {
    if (kind_of(entry) == kind && entry.bits < 32) entries.push_back(entry);
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.bits < b.bits; });
  svg::series curve;
  for (const auto& entry : entries) {
    curve.points.emplace_back(entry.bits, entry.accuracy_mean);
    curve.deviations.push_back(entry.accuracy_std);
  }
  return curve;
}

svg::line_chart chart_of(const summary_row& panel, const std::vector<summary_row>& rows,
                         double reference) {
  svg::line_chart chart;
  chart.title = "After training, " + panel.model + " on " + panel.data;
  if (!panel.lr_schedule.empty()) chart.title += ", " + panel.lr_schedule + " learning rate";
  chart.unit = "test accuracy, with no more than rounding";
  chart.x_name = "bits of a weight";
  chart.is_fraction = true;
  const auto kinds = kinds_of(rows);
  std::size_t color = 0;
  for (const auto& row : rows) {
    if (!summary_detail::same_setting(row, panel)) continue;
    for (const int kind : kinds) {
      auto curve = curve_of(row, kind);
      if (curve.points.empty()) continue;
      curve.name = row_name(row, rows) + (kinds.size() > 1 ? ", " + kind_name(kind) : "");
      curve.color = svg::color_in_turn(color++);
      chart.curves.push_back(std::move(curve));
    }
  }
  const auto* full = full_precision_beside(panel, rows);
  chart.reference = full == nullptr ? reference : full->accuracy_mean;
  if (std::isfinite(chart.reference)) chart.unit += "; dashed: full precision";
  return chart;
}

}  // namespace

std::vector<table_column> robustness_columns(const std::vector<summary_row>& rows) {
  std::vector<table_column> columns = setting_columns(rows);
  columns.push_back({"as trained %", true, accuracy_cell});
  std::vector<std::pair<int, int>> all;
  for (const auto& row : rows) {
    for (const auto& entry : row.post_training) {
      const std::pair bits{entry.bits, entry.activation_bits};
      if (std::find(all.begin(), all.end(), bits) == all.end()) all.push_back(bits);
    }
  }
  for (const auto& [bits, activation_bits] : all) {
    columns.push_back({format::bits(bits, activation_bits) + " %", true,
                       [b = bits, a = activation_bits](const summary_row& row) {
                         const auto* entry = entry_of(row, b, a);
                         if (entry == nullptr) return std::string(format::no_figure);
                         return format::percent_deviation(entry->accuracy_mean,
                                                          entry->accuracy_std);
                       }});
  }
  return columns;
}

namespace html {

std::string robustness(const std::vector<summary_row>& rows, double reference) {
  std::vector<const summary_row*> panels;
  for (const auto& row : rows) {
    const auto same = [&](const summary_row* panel) {
      return summary_detail::same_setting(*panel, row);
    };
    if (!row.post_training.empty() && std::none_of(panels.begin(), panels.end(), same)) {
      panels.push_back(&row);
    }
  }
  if (panels.empty()) return "";
  std::string out =
      "<h2>Robustness to rounding</h2>\n<p class=\"about\">One set of weights a curve, evaluated "
      "at every number of bits without any further training.</p>\n<div class=\"charts\">\n";
  for (const auto* panel : panels)
    out += svg::draw(chart_of(*panel, rows, reference));
  return out + "</div>\n";
}

}  // namespace html

}  // namespace detent_trainer
