// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What networks are worth after no more than rounding: table columns, and accuracy by bits.

#include <limits>
#include <string>
#include <vector>

#include <trainer/report/summary.hpp>

namespace detent_trainer {

/// Whether any row was evaluated after no more than rounding.
bool is_rounded_after_training(const std::vector<summary_row>& rows);

/// The columns that say what a row is, its accuracy as trained, and one for every pair of bits.
std::vector<table_column> robustness_columns(const std::vector<summary_row>& rows);

namespace html {

/// A chart of accuracy by bits for each model, data and schedule, one curve a row; empty where no
/// row was evaluated after rounding.
/// @param  reference  full precision, where no row is it; NaN for none
std::string robustness(const std::vector<summary_row>& rows,
                       double reference = std::numeric_limits<double>::quiet_NaN());

}  // namespace html

}  // namespace detent_trainer
