// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The page of one run or of a comparison, kept below its size.

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <trainer/report/format.hpp>
#include <trainer/report/html.hpp>
#include <trainer/report/html_bits.hpp>
#include <trainer/report/html_run.hpp>
#include <trainer/report/html_style.hpp>
#include <trainer/report/interval_chart.hpp>
#include <trainer/report/result.hpp>
#include <trainer/report/robustness.hpp>
#include <trainer/report/summary.hpp>
#include <trainer/report/svg.hpp>

namespace detent_trainer {

namespace {

/// Details of further runs are left out once the file has grown to this.
constexpr std::size_t most_bytes = 900'000;
/// Histogram bins that all ridgelines together may draw; a bin costs about ten bytes.
constexpr std::size_t most_drawn_bins = 45'000;

// Fewer epochs first, then coarser bins: shapes survive both.
html::detail_level detail_for(const std::vector<const run_result*>& runs) {
  std::size_t panels = 0;
  for (const auto* run : runs)
    panels += html::run_detail::layers_with_histograms(*run).size();
  html::detail_level detail;
  while (detail.ridges > 3 && panels * detail.ridges * detail.bins > most_drawn_bins) {
    --detail.ridges;
  }
  while (detail.bins > 32 && panels * detail.ridges * detail.bins > most_drawn_bins) {
    detail.bins /= 2;
  }
  return detail;
}

std::string table(const std::vector<summary_row>& rows, const std::vector<table_column>& columns) {
  std::string out = "<div class=\"scroll\"><table>\n<tr>";
  const auto cell = [&](const char* tag, const table_column& column, const std::string& text) {
    out += std::string("<") + tag + (column.is_number ? " class=\"figure\">" : ">") +
           svg::escape(text) + "</" + tag + ">";
  };
  for (const auto& column : columns)
    cell("th", column, column.title);
  out += "</tr>\n";
  for (const auto& row : rows) {
    out += row.method == "none" ? "<tr class=\"reference\">" : "<tr>";
    for (const auto& column : columns)
      cell("td", column, column.cell(row));
    out += "</tr>\n";
  }
  out += "</table></div>\n";
  for (const auto& note : table_notes(rows))
    out += "<p class=\"about\">" + svg::escape(note) + "</p>\n";
  return out;
}

bool same_panel(const summary_row& a, const summary_row& b) {
  return a.model == b.model && a.data == b.data && a.lr_schedule == b.lr_schedule &&
         a.forward == b.forward && a.first_last == b.first_last;
}

std::string panel_title(const summary_row& row, const std::vector<summary_row>& rows) {
  std::string title = row.model + " on " + row.data;
  if (!row.lr_schedule.empty()) title += ", " + row.lr_schedule + " learning rate";
  if (differs(
          rows, [](const summary_row& r) { return r.forward; }, is_quantized)) {
    title += ", " + row.forward + " forward";
  }
  if (differs(
          rows, [](const summary_row& r) { return r.first_last; }, is_quantized)) {
    title += ", first and last layer " + row.first_last;
  }
  return title;
}

// What distinguishes the marks of one row of the chart: the regularizer, and its settings where
// the comparison tries several.
std::string mark_name(const summary_row& row, const std::vector<summary_row>& rows) {
  if (!is_regularized(row)) return "quantizer alone";
  std::string name = "+ " + row.method.substr(row.method.find('+') + 1);
  if (differs(
          rows, [](const summary_row& r) { return r.domain; }, is_regularized)) {
    name += ", " + row.domain;
  }
  if (differs(
          rows, [](const summary_row& r) { return r.strength; }, is_regularized)) {
    name += ", strength " + format::significant(row.strength, 3);
  }
  return name;
}

// The quantizer alone has one colour in every report; the others are dealt out in turn.
int color_of(const std::string& name, bool regularized, std::vector<svg::series>& legend) {
  constexpr int alone = 2;
  constexpr int in_turn[] = {1, 3, 4};
  std::size_t taken = 0;
  for (const auto& entry : legend) {
    if (entry.name == name) return entry.color;
    taken += entry.color == alone ? 0 : 1;
  }
  const int color = regularized ? in_turn[taken % 3] : alone;
  legend.push_back({name, color, {}});
  return color;
}

void add_mark(svg::interval_chart& chart, const std::string& label,
              const svg::interval_mark& mark) {
  const auto found = std::find_if(chart.rows.begin(), chart.rows.end(),
                                  [&](const svg::interval_row& row) { return row.label == label; });
  if (found == chart.rows.end()) {
    chart.rows.push_back({label, {mark}});
  } else {
    found->marks.push_back(mark);
  }
}

svg::interval_reference reference_for(const summary_row& panel,
                                      const std::vector<summary_row>& rows) {
  const summary_row* best = full_precision_beside(panel, rows);
  if (best == nullptr) return {};
  return {"full precision", best->accuracy_mean, best->accuracy_std};
}

std::string accuracy_charts(const std::vector<run_result>& runs,
                            const std::vector<summary_row>& rows) {
  std::vector<const summary_row*> panels;
  std::vector<svg::interval_chart> charts;
  std::vector<svg::series> legend;
  for (const auto& row : rows) {
    if (!is_quantized(row)) continue;
    const auto same = [&](const summary_row* panel) { return same_panel(*panel, row); };
    auto index =
        static_cast<std::size_t>(std::find_if(panels.begin(), panels.end(), same) - panels.begin());
    if (index == panels.size()) {
      panels.push_back(&row);
      charts.push_back({panel_title(row, rows), "test accuracy", {}, reference_for(row, rows), {}});
    }
    svg::interval_mark mark;
    mark.name = mark_name(row, rows);
    mark.color = color_of(mark.name, is_regularized(row), legend);
    mark.mean = row.accuracy_mean;
    mark.deviation = row.accuracy_std;
    for (const auto member : row.members)
      mark.values.push_back(runs[member].test_accuracy);
    add_mark(
        charts[index],
        summary_detail::base_method(row.method) + ' ' + format::bits(row.bits, row.activation_bits),
        mark);
  }
  if (charts.empty()) return "";
  svg::interval range;
  for (const auto& chart : charts) {
    const auto own = svg::range_of(chart);
    range.cover(own.is_empty ? std::numeric_limits<double>::quiet_NaN() : own.low);
    range.cover(own.is_empty ? std::numeric_limits<double>::quiet_NaN() : own.high);
  }
  std::string out =
      "<h2>Accuracy</h2>\n<p class=\"about\">Dots are means over the seeds, bars one "
      "standard deviation to each side, strokes the single runs. All panels share "
      "one axis, which does not begin at zero.</p>\n" +
      svg::legend(legend) + "<div class=\"charts\">\n";
  for (auto& chart : charts) {
    chart.range = range;
    out += svg::draw(chart);
  }
  return out + "</div>\n";
}

std::string folds(const std::vector<const run_result*>& runs, std::size_t bytes_before) {
  const auto detail = detail_for(runs);
  std::string out = "<h2>Runs</h2>\n<p class=\"about\">The first seed of each row.</p>\n";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const run_result& run = *runs[i];
    const std::string fold = "<details><summary>" + svg::escape(html::run_name(run)) + " <small>" +
                             format::percent(run.test_accuracy, 2) + " %</small></summary>\n" +
                             html::run_section(run, detail) + "</details>\n";
    if (bytes_before + out.size() + fold.size() > most_bytes) {
      return out + "<p class=\"about\">" + std::to_string(runs.size() - i) +
             " more runs are left out to keep this file small; the JSON file has them.</p>\n";
    }
    out += fold;
  }
  return out;
}

std::string comparison(const std::vector<run_result>& runs, std::size_t bytes_before) {
  const auto all_rows = summarize(runs);
  const auto rows = rows_with_figures(all_rows);
  std::string out = "<h2>Results</h2>\n" + table(all_rows, table_columns(all_rows));
  out +=
      "<p class=\"about\">Gap closed: how much of the accuracy that the quantizer alone loses "
      "against full precision of the same schedule and seeds the regularizer wins back; a dash "
      "where that loss is within two standard errors. On grid: weights within 5 % of a step of a "
      "level. Snap loss: accuracy lost by rounding the "
      "weights at the end. Flips per step: share of weights that change level in one step.</p>\n";
  out += accuracy_charts(runs, rows);
  out += html::accuracy_by_bits(rows);
  if (is_rounded_after_training(rows)) {
    out += html::robustness(rows) + table(rows, robustness_columns(rows));
  }
  std::vector<const run_result*> first_seeds;
  first_seeds.reserve(rows.size());
  for (const auto& row : rows)
    first_seeds.push_back(&runs[row.members.front()]);
  if (first_seeds.empty()) return out;
  return out + folds(first_seeds, bytes_before + out.size());
}

}  // namespace

std::string html_report(const std::vector<run_result>& runs, const std::string& title,
                        const std::string& command) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
      svg::escape(title) + "</title>\n<style>" + std::string(report_style) +
      "</style>\n</head>\n<body>\n<h1>" + svg::escape(title) + "</h1>\n";
  if (!command.empty()) out += "<code>" + svg::escape(command) + "</code>\n";
  if (runs.empty()) out += "<p>There are no runs to show.</p>\n";
  if (runs.size() == 1 && !runs.front().failure.empty()) {
    out += "<p class=\"notice\">The run failed: " + svg::escape(runs.front().failure) + "</p>\n";
  } else if (runs.size() == 1) {
    out += html::run_section(runs.front(), detail_for({&runs.front()}));
  }
  if (runs.size() > 1) out += comparison(runs, out.size());
  return out + "</body>\n</html>\n";
}

}  // namespace detent_trainer
