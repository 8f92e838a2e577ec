// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The report as one HTML file that needs nothing else: no script, no fetched font, image or style.

#include <string>
#include <vector>

#include <trainer/report/result.hpp>

namespace detent_trainer {

/// One page about one run, or about the comparison of several.
///
/// @param  runs     none gives a page that says so
/// @param  title    the page's heading
/// @param  command  the command line that made the runs; empty for none
/// @return  a whole HTML file of less than about 1 MB, with inline styles and SVG; it follows the
///          reader's light or dark setting, and every given text in it is escaped
std::string html_report(const std::vector<run_result>& runs, const std::string& title,
                        const std::string& command);

}  // namespace detent_trainer
