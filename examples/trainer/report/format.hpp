// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// How the reports write numbers: one spelling for the terminal, Markdown and HTML.

#include <cstddef>
#include <string>
#include <string_view>

namespace detent_trainer::format {

/// What stands in a table where there is no figure.
inline constexpr std::string_view no_figure = "–";

/// A number with a fixed count of decimals; a dash for NaN and infinity.
std::string fixed(double value, int decimals);

/// A number with a fixed count of significant digits, in exponent form where that is shorter.
std::string significant(double value, int digits);

/// A fraction in percent, without the sign.
std::string percent(double fraction, int decimals);

/// Mean and deviation of a fraction in percent; the mean alone where there is no deviation.
std::string percent_deviation(double mean, double deviation);

/// A count with its thousands set apart: 1,663,370.
std::string grouped(std::size_t count);

/// Weight and activation bits as the field writes them: W3/A32.
std::string bits(int weight_bits, int activation_bits);

/// Seconds for a person: 8 s, 2:05, 1:02:05.
std::string duration(double seconds);

/// Columns that a UTF-8 text takes on a terminal, for the alphabets used here: its code points.
std::size_t display_width(std::string_view text);

}  // namespace detent_trainer::format
