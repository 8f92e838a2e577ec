// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The part of the HTML report that shows one run: figures, curves, histograms, layers.

#include <cstddef>
#include <string>
#include <vector>

#include <trainer/report/result.hpp>

namespace detent_trainer::html {

/// How finely the histograms are drawn, so that the file stays small.
struct detail_level {
  std::size_t ridges = 6;  ///< epochs a layer
  std::size_t bins = 128;
};

/// A name for the run among others: method, bits, schedule, seed.
std::string run_name(const run_result& run);

namespace run_detail {

std::vector<std::string> layers_with_histograms(const run_result& run);

}  // namespace run_detail

/// Everything about one run, as the inside of a page or of a fold.
std::string run_section(const run_result& run, const detail_level& detail);

}  // namespace detent_trainer::html
