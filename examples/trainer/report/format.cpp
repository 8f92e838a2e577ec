// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Numbers as text.

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include <trainer/report/format.hpp>

namespace detent_trainer::format {

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return std::string(no_figure);
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  const std::string_view written = text;
  // "-0.0" comes of rounding a small negative number and says nothing that "0.0" does not.
  const bool is_zero = written.find_first_not_of("-0.") == std::string_view::npos;
  return std::string(is_zero && written.front() == '-' ? written.substr(1) : written);
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return std::string(no_figure);
  char text[64];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

std::string percent(double fraction, int decimals) {
  return fixed(100 * fraction, decimals);
}

std::string percent_deviation(double mean, double deviation) {
  if (!std::isfinite(deviation)) return percent(mean, 2);
  return percent(mean, 2) + " ± " + percent(deviation, 2);
}

std::string grouped(std::size_t count) {
  std::string text = std::to_string(count);
  for (std::size_t place = 3; place < text.size(); place += 4) {
    text.insert(text.size() - place, ",");
  }
  return text;
}

std::string bits(int weight_bits, int activation_bits) {
  return "W" + std::to_string(weight_bits) + "/A" + std::to_string(activation_bits);
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e8) return std::string(no_figure);
  const auto total = static_cast<long>(std::lround(seconds));
  if (total < 60) return std::to_string(total) + " s";
  char text[64];
  if (total < 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld", total / 60, total % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", total / 3600, total / 60 % 60, total % 60);
  }
  return text;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text)
    width += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return width;
}

}  // namespace detent_trainer::format
