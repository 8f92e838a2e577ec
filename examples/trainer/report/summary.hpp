// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The table of a comparison: runs grouped over seeds, with the share of the accuracy gap closed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <trainer/report/result.hpp>

namespace detent_trainer {

/// What the runs of a row are worth after no more than rounding: means over those that say.
struct post_training_summary {
  int bits = 32;
  int activation_bits = 32;
  double accuracy_mean = 0;  ///< test accuracy
  double accuracy_std = 0;   ///< sample standard deviation; NaN for a single run
};

/// A run of a row that has no figures.
struct run_failure {
  std::uint64_t seed = 0;
  std::string reason;
};

/// One row of a comparison: what the runs have in common, and their means over the seeds.
/// Accuracies, shares and the snap loss are fractions; a figure that does not exist is NaN.
struct summary_row {
  std::string method;
  int bits = 32;
  int activation_bits = 32;
  std::string lr_schedule;
  std::string forward;
  int seeds = 0;             ///< of the runs that did not fail, over which the means are taken
  double accuracy_mean = 0;  ///< test accuracy
  double accuracy_std = 0;   ///< sample standard deviation; NaN for a single run
  double gap_closed = 0;     ///< NaN where not applicable
  double on_grid = 0;
  double snap_loss = 0;
  double flips_per_step = 0;
  std::string model;
  std::string data;
  std::string first_last;
  std::string domain;
  double strength = 0;
  /// Of learned bits; NaN where none are learned.
  double target_bits = std::numeric_limits<double>::quiet_NaN();
  double average_bits = 0;
  double grid_bits = std::numeric_limits<double>::quiet_NaN();  ///< of method bin
  bool interrupted = false;     ///< at least one of the runs was stopped early
  std::size_t test_images = 0;  ///< the fewest of a run
  std::vector<post_training_summary> post_training;
  /// The runs of this row that did not fail, as indices into what was summarized.
  std::vector<std::size_t> members;
  std::vector<run_failure> failures;

  /// Whether every run failed: there are no figures.
  bool failed() const { return members.empty(); }
};

namespace summary_detail {

/// The quantizer that a method builds on: "dorefa" of "dorefa+sinreq", "wrpn" of "waveq" alone,
/// "none" of a penalty in full precision.
std::string base_method(const std::string& method);

/// Of runs or of rows.
template <class Record>
bool same_setting(const Record& a, const Record& b) {
  return a.model == b.model && a.data == b.data && a.lr_schedule == b.lr_schedule;
}

}  // namespace summary_detail

/// Groups runs that differ only in the seed and takes their means, in the order of appearance.
///
///     gap closed = (accuracy - base) / (full precision - base)
///
/// where base is the same quantizer, bits, activation bits, schedule and forward form without the
/// regularizer, and full precision is method "none" of the same schedule, each a mean of the test
/// accuracy over the seeds that all three have. NaN where one of them is missing, where the method
/// has no regularizer, and where full precision minus base is within its noise (`gap_noise`): there
/// is no gap to close.
///
/// Runs that failed are in no mean; a row names them.
/// @return  one row a group; empty for no runs
std::vector<summary_row> summarize(const std::vector<run_result>& runs);

/// One column of the table, for every form in which it is written.
struct table_column {
  std::string title;
  bool is_number = true;
  std::function<std::string(const summary_row&)> cell;
};

/// Whether the row's runs have a regularizer beside the quantizer.
bool is_regularized(const summary_row& row);

/// Whether the row's runs learned a bit-width a layer.
bool learns_bits(const summary_row& row);

/// Whether the row's runs have a quantizer; without one, its figures mean nothing.
bool is_quantized(const summary_row& row);

/// The row of full precision that stands beside `row`, of float activations where both kinds are
/// there; null where none is.
const summary_row* full_precision_beside(const summary_row& row,
                                         const std::vector<summary_row>& rows);

/// Whether `figure` is not the same in all of those rows that `counts` selects.
template <class Figure, class Predicate>
bool differs(const std::vector<summary_row>& rows, Figure figure, Predicate counts) {
  const auto first = std::find_if(rows.begin(), rows.end(), counts);
  return std::any_of(first, rows.end(), [&](const summary_row& row) {
    return counts(row) && figure(row) != figure(*first);
  });
}

/// Mean and deviation of the test accuracy in percent, or "failed".
std::string accuracy_cell(const summary_row& row);

/// The columns that say what a row is: a setting that is the same in every row that has it is left
/// out, except method and bits.
std::vector<table_column> setting_columns(const std::vector<summary_row>& rows);

/// Those, and the figures.
std::vector<table_column> table_columns(const std::vector<summary_row>& rows);

/// The sentences below a table: failed runs with their reasons, and the explanation of marks.
std::vector<std::string> table_notes(const std::vector<summary_row>& rows);

/// The rows in which a run did not fail, for charts.
std::vector<summary_row> rows_with_figures(const std::vector<summary_row>& rows);

namespace summary_detail {

std::string padded(const std::string& text, std::size_t width, bool to_the_right);

}  // namespace summary_detail

/// The table for a terminal: aligned columns, two spaces apart, each line ended by a newline.
std::string text_table(const std::vector<summary_row>& rows,
                       const std::vector<table_column>& columns);

std::string text_table(const std::vector<summary_row>& rows);

/// The same table in Markdown.
std::string markdown_table(const std::vector<summary_row>& rows,
                           const std::vector<table_column>& columns);

std::string markdown_table(const std::vector<summary_row>& rows);

}  // namespace detent_trainer
