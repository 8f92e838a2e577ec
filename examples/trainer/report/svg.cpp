// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Writing the elements of a picture, and choosing ticks.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

#include <trainer/report/format.hpp>
#include <trainer/report/svg.hpp>

namespace detent_trainer::svg {

std::string escape(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return safe;
}

std::string number(double value) {
  if (!std::isfinite(value)) return "0";
  std::string text = format::fixed(value, 2);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string attribute(std::string_view name, std::string_view value) {
  return ' ' + std::string(name) + "=\"" + escape(value) + '"';
}

std::string attribute(std::string_view name, double value) {
  return attribute(name, number(value));
}

void interval::cover(double value) {
  if (!(std::abs(value) <= largest_drawn)) return;
  low = is_empty ? value : std::min(low, value);
  high = is_empty ? value : std::max(high, value);
  is_empty = false;
}

double nice_step(double span, int count) {
  const double raw = span / std::max(count, 1);
  if (!(raw > 0) || !std::isfinite(raw)) return 1;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double lead = raw / power;
  if (lead <= 1) return power;
  if (lead <= 2) return 2 * power;
  return lead <= 5 ? 5 * power : 10 * power;
}

double axis::operator()(double value) const {
  const double share =
      is_logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  // Pictures of broken runs have to stay files that open: nothing lies miles outside.
  return pixel_low + std::clamp(share, -1.0, 2.0) * (pixel_high - pixel_low);
}

namespace {

int decimals_for(double step) {
  int decimals = 0;
  for (double rest = step; decimals < 9 && std::abs(rest - std::round(rest)) > 1e-6; rest *= 10) {
    ++decimals;
  }
  return decimals;
}

// Enough digits to tell neighbours apart, in exponent form where the zeros would crowd the axis.
std::string tick_label(double value, double step, double largest, bool is_fraction) {
  if (is_fraction) return format::fixed(100 * value, decimals_for(100 * step)) + " %";
  const double shown = std::abs(value) < step / 2 ? 0 : value;
  if (largest < 1e6 && largest >= 1e-3) return format::fixed(shown, decimals_for(step));
  const double digits = std::floor(std::log10(largest)) - std::floor(std::log10(step)) + 1;
  return format::significant(shown, std::clamp(static_cast<int>(digits), 1, 15));
}

// A single value gets room around it; a share stays one.
void make_room(axis& scale, const axis_style& style) {
  const double value = scale.low;
  if (style.whole_numbers || std::abs(value) <= smallest_drawn) {
    scale.high = value + (style.is_fraction ? 0.01 : 1);
    return;
  }
  const double room = style.is_fraction ? 0.01 : std::abs(value) / 2;
  scale.low -= room;
  scale.high += room;
  if (!style.is_fraction || value < 0 || value > 1) return;
  scale.low = std::max(scale.low, 0.0);
  scale.high = std::min(scale.high, 1.0);
}

void add_linear_ticks(axis& scale, const axis_style& style) {
  double step = nice_step(scale.high - scale.low, style.ticks);
  if (style.whole_numbers) step = std::max(1.0, std::round(step));
  const bool begins_as_share = style.is_fraction && scale.low >= 0;
  const bool ends_as_share = style.is_fraction && scale.high <= 1;
  const double largest = std::max(std::abs(scale.low), std::abs(scale.high));
  if (style.ends_on_ticks) {
    scale.low = std::floor(scale.low / step + 1e-9) * step;
    scale.high = std::ceil(scale.high / step - 1e-9) * step;
    if (begins_as_share) scale.low = std::max(scale.low, 0.0);
    if (ends_as_share) scale.high = std::min(scale.high, 1.0);
  }
  const double slack = 1e-6 * step;
  for (double k = std::ceil((scale.low - slack) / step); k * step <= scale.high + slack; ++k) {
    scale.ticks.push_back(k * step);
    scale.labels.push_back(tick_label(k * step, step, largest, style.is_fraction));
  }
}

std::string power_of_ten(int exponent) {
  constexpr std::string_view digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  if (exponent >= -2 && exponent <= 3) return format::significant(std::pow(10.0, exponent), 4);
  std::string label = exponent < 0 ? "10⁻" : "10";
  for (const char c : std::to_string(std::abs(exponent)))
    label += digits[c - '0'];
  return label;
}

void add_logarithmic_ticks(axis& scale) {
  const double first = std::floor(std::log10(scale.low) + 1e-9);
  const double last = std::ceil(std::log10(scale.high) - 1e-9);
  scale.low = std::pow(10.0, first);
  scale.high = std::pow(10.0, last);
  const int stride = std::max(1, static_cast<int>(std::ceil((last - first) / 5)));
  for (int power = static_cast<int>(first); power <= static_cast<int>(last); power += stride) {
    scale.ticks.push_back(std::pow(10.0, power));
    scale.labels.push_back(power_of_ten(power));
  }
}

}  // namespace

axis make_axis(interval values, const axis_style& style) {
  axis scale;
  scale.pixel_low = style.pixel_low;
  scale.pixel_high = style.pixel_high;
  scale.low = values.is_empty ? 0 : values.low;
  scale.high = values.is_empty ? 1 : values.high;
  scale.is_logarithmic = style.is_logarithmic && !values.is_empty && scale.low > 0;
  const double largest = std::max(std::abs(scale.low), std::abs(scale.high));
  const double smallest_span = std::max(1e-9 * largest, smallest_drawn);
  if (scale.high - scale.low <= smallest_span) make_room(scale, style);
  if (scale.is_logarithmic) {
    add_logarithmic_ticks(scale);
  } else {
    add_linear_ticks(scale, style);
  }
  return scale;
}

std::string open(double width, double height, std::string_view description) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + ' ' +
         number(height) + "\" role=\"img\"" + attribute("aria-label", description) + ">\n";
}

std::string close() {
  return "</svg>\n";
}

std::string line(std::string_view style, double x1, double y1, double x2, double y2) {
  return "<line" + attribute("class", style) + attribute("x1", x1) + attribute("y1", y1) +
         attribute("x2", x2) + attribute("y2", y2) + "/>\n";
}

std::string text(std::string_view style, double x, double y, std::string_view anchor,
                 std::string_view words) {
  return "<text" + attribute("class", style) + attribute("x", x) + attribute("y", y) +
         attribute("text-anchor", anchor) + '>' + escape(words) + "</text>\n";
}

std::string dot(std::string_view style, double x, double y, double radius, std::string_view tip) {
  return "<circle" + attribute("class", style) + attribute("cx", x) + attribute("cy", y) +
         attribute("r", radius) + "><title>" + escape(tip) + "</title></circle>\n";
}

std::string horizontal_axis(const axis& scale, double y, std::string_view name) {
  std::string out = line("axis", scale.pixel_low, y, scale.pixel_high, y);
  for (std::size_t i = 0; i < scale.ticks.size(); ++i) {
    const double x = scale(scale.ticks[i]);
    out += line("axis", x, y, x, y + 4);
    out += text("tick", x, y + 16, "middle", scale.labels[i]);
  }
  if (name.empty()) return out;
  return out + text("name", (scale.pixel_low + scale.pixel_high) / 2, y + 32, "middle", name);
}

std::string vertical_axis(const axis& scale, double left, double right) {
  std::string out;
  for (std::size_t i = 0; i < scale.ticks.size(); ++i) {
    const double y = scale(scale.ticks[i]);
    out += line("grid", left, y, right, y);
    out += text("tick", left - 6, y + 4, "end", scale.labels[i]);
  }
  return out;
}

}  // namespace detent_trainer::svg
