// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The noise of a gap. scripts/noise.py states the same rule for the tables of scripts/results.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>

#include <trainer/report/share.hpp>

namespace detent_trainer {

namespace {

constexpr double unknown = std::numeric_limits<double>::infinity();

double squared_error_of_mean(std::span<const double> values, std::size_t test_images) {
  if (values.empty()) return unknown;
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double between_seeds = 0;
  if (values.size() > 1) {
    for (const double value : values)
      between_seeds += (value - mean) * (value - mean) / ((n - 1) * n);
  }
  if (test_images == 0) return values.size() > 1 ? between_seeds : unknown;
  const auto images = static_cast<double>(test_images);
  const double binomial = std::max(mean * (1 - mean), 1 / images) / (n * images);
  return std::max(between_seeds, binomial);
}

}  // namespace

double gap_noise(std::span<const double> a, std::span<const double> b, std::size_t test_images) {
  return 2 *
         std::sqrt(squared_error_of_mean(a, test_images) + squared_error_of_mean(b, test_images));
}

double share_of_gap(double gain, double gap, double noise) {
  const bool is_above = std::isfinite(gain) && gap > 0 && gap > noise;
  return is_above ? gain / gap : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace detent_trainer
