// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The results as JSON: one object for a run, one for a comparison. Keys are added, never renamed.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <trainer/report/result.hpp>

namespace detent_trainer {

/// One run as one object, history and histograms included. Fractions stay fractions; NaN and
/// infinity become null.
nlohmann::json to_json(const run_result& run);

/// A comparison as one object: `rows`, the table with its means over seeds, and `runs`, each whole.
nlohmann::json to_json(const std::vector<run_result>& runs);

/// The text of a JSON file: indented, with lists of plain numbers on one line, ended by a newline.
std::string json_text(const nlohmann::json& value);
std::string json_text(const run_result& run);
std::string json_text(const std::vector<run_result>& runs);

}  // namespace detent_trainer
