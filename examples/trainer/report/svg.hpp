// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The common ground of the report's plots: safe text and numbers, axis ranges, ticks and frames.

#include <string>
#include <string_view>
#include <vector>

namespace detent_trainer::svg {

/// Text that is safe between tags and inside quoted attributes. Control characters, which XML does
/// not have, become spaces.
std::string escape(std::string_view text);

/// A coordinate: at most two decimals, no trailing zeros. A value that is not finite would make the
/// whole path invalid, so callers drop such points; should one slip through, it becomes 0.
std::string number(double value);

/// ` name="value"`, escaped.
std::string attribute(std::string_view name, std::string_view value);

std::string attribute(std::string_view name, double value);

/// Values beyond these cannot be told from overflow and from zero on an axis.
inline constexpr double largest_drawn = 1e100;
inline constexpr double smallest_drawn = 1e-100;

/// An interval on an axis; empty until it has covered a value that can be drawn.
struct interval {
  double low = 0;
  double high = 0;
  bool is_empty = true;

  void cover(double value);
};

/// The distance between ticks, 1, 2 or 5 times a power of ten, that gives about `count` of them.
double nice_step(double span, int count);

/// An axis: which values it spans, where they lie in the picture, and where its ticks are.
struct axis {
  double low = 0;
  double high = 1;
  double pixel_low = 0;
  double pixel_high = 100;
  bool is_logarithmic = false;
  std::vector<double> ticks;
  std::vector<std::string> labels;

  double operator()(double value) const;
};

/// How the values of an axis are written.
struct axis_style {
  int ticks = 5;
  double pixel_low = 0;
  double pixel_high = 100;
  bool ends_on_ticks = true;  ///< widen the axis to whole ticks
  bool is_fraction = false;  ///< write 0.25 as 25 %, and widen to no less than 0 and no more than 1
  bool whole_numbers = false;   ///< ticks at integers only; not for fractions
  bool is_logarithmic = false;  ///< needs values above zero
};

/// An axis that spans `values` with some sensible room; a single value gets room around it.
axis make_axis(interval values, const axis_style& style);

/// Opens a picture that scales with the page; `description` is what a screen reader says.
std::string open(double width, double height, std::string_view description);

std::string close();

std::string line(std::string_view style, double x1, double y1, double x2, double y2);

/// @param  anchor  "start", "middle" or "end"
std::string text(std::string_view style, double x, double y, std::string_view anchor,
                 std::string_view words);

/// A filled circle that tells its value when pointed at.
std::string dot(std::string_view style, double x, double y, double radius, std::string_view tip);

/// Ticks, labels and the name of a horizontal axis that lies at `y`.
std::string horizontal_axis(const axis& scale, double y, std::string_view name);

/// Grid lines and labels of a vertical axis whose plot begins at `left` and ends at `right`.
std::string vertical_axis(const axis& scale, double left, double right);

}  // namespace detent_trainer::svg
