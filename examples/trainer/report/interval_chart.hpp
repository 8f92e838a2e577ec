// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Means with their spread, one row a setting, against a reference line: the picture of a
// comparison.

#include <limits>
#include <string>
#include <vector>

#include <trainer/report/line_chart.hpp>
#include <trainer/report/svg.hpp>

namespace detent_trainer::svg {

/// One mark in a row: the mean, its deviation and the single values behind it.
struct interval_mark {
  std::string name;
  int color = 1;
  double mean = 0;
  double deviation = 0;  ///< NaN where there is none
  std::vector<double> values;
};

/// One row of the chart.
struct interval_row {
  std::string label;
  std::vector<interval_mark> marks;
};

/// A reference: a line at the mean through all rows, and a band of one deviation to each side.
struct interval_reference {
  std::string name;
  double mean = std::numeric_limits<double>::quiet_NaN();
  double deviation = std::numeric_limits<double>::quiet_NaN();
};

/// What the chart shows. Charts that stand side by side share `range`.
struct interval_chart {
  std::string title;
  std::string x_name;
  std::vector<interval_row> rows;
  interval_reference reference;
  interval range;
};

namespace svg_detail {

void cover(interval& range, double mean, double deviation);

}  // namespace svg_detail

/// The range that holds every mark, value and reference of a chart.
interval range_of(const interval_chart& chart);

/// Draws the chart as a figure. The axis holds fractions, written in percent; it does not begin at
/// zero, which is honest for positions (never for lengths), and the labels say where it begins.
std::string draw(const interval_chart& chart);

}  // namespace detent_trainer::svg
