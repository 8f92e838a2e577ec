// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// How the weights of one layer moved: a histogram an epoch, one below the other, over the grid.

#include <cstddef>
#include <string>
#include <vector>

#include <trainer/report/result.hpp>
#include <trainer/report/svg.hpp>

namespace detent_trainer::svg {

/// One histogram of the ridgeline.
struct ridge {
  std::string name;  ///< "epoch 3"
  const weight_histogram* histogram = nullptr;
};

/// What a ridgeline shows; all histograms are of the same layer.
struct ridgeline {
  std::string title;
  std::string note;  ///< beside the title
  std::vector<ridge> ridges;
  std::size_t most_bins = 128;  ///< finer histograms are merged down to this
};

namespace svg_detail {

bool drawable(const weight_histogram& histogram);

// Bins are merged in whole groups, so that every merged bin is equally wide; where the count does
// not divide, the last one is completed with empty bins and ends beyond `highest`.
struct merged_bins {
  std::vector<double> counts;
  double width = 0;
};

merged_bins merge(const weight_histogram& histogram, std::size_t most_bins);

// Stairs, with the edge of each bin where it is: a smooth curve would invent a shape.
std::string stairs(const weight_histogram& histogram, std::size_t most_bins, const axis& x,
                   double base, double height);

}  // namespace svg_detail

/// Draws the ridgeline as a figure, the first epoch on top. Each histogram is scaled to its own
/// peak: shapes compare, heights do not. Levels too close to be told apart are not drawn.
std::string draw(const ridgeline& chart);

}  // namespace detent_trainer::svg
