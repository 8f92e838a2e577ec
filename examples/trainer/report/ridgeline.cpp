// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Drawing histograms as stairs, one below the other.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <trainer/report/format.hpp>
#include <trainer/report/result.hpp>
#include <trainer/report/ridgeline.hpp>
#include <trainer/report/svg.hpp>

namespace detent_trainer::svg {

namespace svg_detail {

bool drawable(const weight_histogram& histogram) {
  return !histogram.counts.empty() && std::isfinite(histogram.lowest) &&
         std::isfinite(histogram.highest) && histogram.lowest < histogram.highest;
}

merged_bins merge(const weight_histogram& histogram, std::size_t most_bins) {
  const std::size_t size = histogram.counts.size();
  const std::size_t group = (size + most_bins - 1) / std::max<std::size_t>(most_bins, 1);
  merged_bins merged;
  merged.counts.resize((size + group - 1) / group);
  for (std::size_t i = 0; i < size; ++i)
    merged.counts[i / group] += histogram.counts[i];
  merged.width = (histogram.highest - histogram.lowest) / static_cast<double>(size) *
                 static_cast<double>(group);
  return merged;
}

std::string stairs(const weight_histogram& histogram, std::size_t most_bins, const axis& x,
                   double base, double height) {
  const auto bins = merge(histogram, most_bins);
  const double peak = *std::max_element(bins.counts.begin(), bins.counts.end());
  if (!(peak > 0)) return "";
  std::string path = "M" + number(x(histogram.lowest)) + ' ' + number(base);
  double level = 0;
  for (std::size_t i = 0; i < bins.counts.size(); ++i) {
    const double next = bins.counts[i] / peak * height;
    if (std::abs(next - level) >= 0.05) {
      const double edge = x(histogram.lowest + bins.width * static_cast<double>(i));
      path += 'H' + number(edge) + 'V' + number(base - next);
      level = next;
    }
  }
  return path + 'H' + number(x(histogram.highest)) + 'V' + number(base) + 'Z';
}

}  // namespace svg_detail

namespace {

constexpr double closest_levels = 2.5;

std::string draw_levels(const std::vector<double>& levels, const axis& x, double top,
                        double bottom) {
  std::string path;
  for (const double level : levels) {
    if (!std::isfinite(level) || level < x.low || level > x.high) continue;
    path += 'M' + number(x(level)) + ' ' + number(top) + 'V' + number(bottom + 5);
  }
  return path.empty() ? "" : "<path class=\"level\"" + attribute("d", path) + "/>\n";
}

bool levels_fit(std::size_t count, double pixels) {
  return count > 0 && pixels / static_cast<double>(count) >= closest_levels;
}

std::string total_of(const weight_histogram& histogram) {
  const auto total =
      std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::uint64_t{0});
  return format::grouped(static_cast<std::size_t>(total));
}

}  // namespace

std::string draw(const ridgeline& chart) {
  constexpr double width = 300;
  constexpr double left = 26;
  constexpr double right = width - 8;
  constexpr double spacing = 34;
  constexpr double ridge_height = 30;
  constexpr double top = 6;
  interval values;
  std::vector<ridge> ridges;
  for (const auto& candidate : chart.ridges) {
    if (candidate.histogram == nullptr || !svg_detail::drawable(*candidate.histogram)) continue;
    ridges.push_back(candidate);
    values.cover(candidate.histogram->lowest);
    values.cover(candidate.histogram->highest);
  }
  if (ridges.empty()) return "";
  const auto& levels = ridges.back().histogram->levels;
  const axis x = make_axis(
      values, {.ticks = 5, .pixel_low = left, .pixel_high = right, .ends_on_ticks = false});
  const char* x_name = levels.empty() ? "weight" : "weight, in the coordinate of the grid";
  const double bottom = top + spacing * static_cast<double>(ridges.size());
  const bool levels_are_drawn = levels_fit(levels.size(), right - left);
  std::string out = "<figure>\n<figcaption><b>" + escape(chart.title) + "</b>";
  std::string note = chart.note;
  if (!levels.empty() && !levels_are_drawn) {
    note += ", " + std::to_string(levels.size()) + " levels, too close to draw";
  }
  out += " <small>" + escape(note) + "</small></figcaption>\n";
  out += open(width, bottom + 40, "Histograms of the weights of " + chart.title);
  if (levels_are_drawn) out += draw_levels(levels, x, top, bottom);
  for (std::size_t i = 0; i < ridges.size(); ++i) {
    const double base = top + spacing * static_cast<double>(i + 1);
    const std::string path =
        svg_detail::stairs(*ridges[i].histogram, chart.most_bins, x, base, ridge_height);
    out += line("grid", left, base, right, base);
    if (!path.empty()) {
      out +=
          "<path class=\"ridge\"" + attribute("d", path) + "><title>" +
          escape("epoch " + ridges[i].name + ", " + total_of(*ridges[i].histogram) + " weights") +
          "</title></path>\n";
    }
    out += text("tick", left - 6, base - 2, "end", ridges[i].name);
  }
  return out + horizontal_axis(x, bottom, x_name) + close() + "</figure>\n";
}

}  // namespace detent_trainer::svg
