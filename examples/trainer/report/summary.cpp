// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Grouping runs over their seeds, and writing the table.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <trainer/method.hpp>
#include <trainer/printable.hpp>
#include <trainer/report/format.hpp>
#include <trainer/report/result.hpp>
#include <trainer/report/share.hpp>
#include <trainer/report/summary.hpp>

namespace detent_trainer {

using namespace summary_detail;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

namespace summary_detail {

std::string base_method(const std::string& method) {
  if (is_float_penalty(method)) return "none";
  return method == "waveq" ? "wrpn" : method.substr(0, method.find('+'));
}

}  // namespace summary_detail

namespace {

auto group_key(const run_result& run) {
  // NaN equals nothing, not even itself.
  const auto or_zero = [](double bits) { return std::isnan(bits) ? 0 : bits; };
  return std::tuple_cat(
      std::tie(run.model, run.data, run.method, run.bits, run.activation_bits, run.lr_schedule,
               run.forward, run.first_last, run.domain, run.strength),
      std::make_tuple(or_zero(run.target_bits), or_zero(run.grid_bits)));
}

template <class Range, class Projection>
double mean_of(const Range& range, Projection projection) {
  if (range.empty()) return missing;
  double sum = 0;
  for (const auto& item : range)
    sum += projection(item);
  return sum / static_cast<double>(range.size());
}

double sample_deviation(const std::vector<double>& values) {
  if (values.size() < 2) return missing;
  const double mean = mean_of(values, [](double value) { return value; });
  double squares = 0;
  for (const double value : values)
    squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

using run_list = std::vector<const run_result*>;

std::set<std::uint64_t> seeds_of(const run_list& runs) {
  std::set<std::uint64_t> seeds;
  for (const auto* run : runs)
    seeds.insert(run->seed);
  return seeds;
}

std::vector<double> accuracies_of(const run_list& runs) {
  std::vector<double> accuracies;
  for (const auto* run : runs)
    accuracies.push_back(run->test_accuracy);
  return accuracies;
}

/// The fewest of a run: accuracies are at least as uncertain as by those.
std::size_t test_images_of(const run_list& runs) {
  std::size_t fewest = runs.empty() ? 0 : runs.front()->test_images;
  for (const auto* run : runs)
    fewest = std::min(fewest, run->test_images);
  return fewest;
}

template <class Predicate>
run_list select(const run_list& runs, Predicate keep) {
  run_list selected;
  for (const auto* run : runs) {
    if (keep(*run)) selected.push_back(run);
  }
  return selected;
}

// The runs of the quantizer alone that stand beside `reference`. Strength and domain belong to the
// regularizer, so they are not compared.
run_list base_runs(const run_list& all, const run_result& reference) {
  return select(all, [&](const run_result& run) {
    return same_setting(run, reference) && run.method == base_method(reference.method) &&
           run.bits == reference.bits && run.activation_bits == reference.activation_bits &&
           run.forward == reference.forward && run.first_last == reference.first_last;
  });
}

// Float activations are the stronger reference where both kinds of unquantized run are present.
run_list full_precision_runs(const run_list& all, const run_result& reference) {
  const auto unquantized = select(all, [&](const run_result& run) {
    return same_setting(run, reference) && run.method == "none";
  });
  int most = 0;
  for (const auto* run : unquantized)
    most = std::max(most, run->activation_bits);
  return select(unquantized, [&](const run_result& run) { return run.activation_bits == most; });
}

double gap_closed(const run_list& all, const run_list& group) {
  const run_result& reference = *group.front();
  if (reference.method == base_method(reference.method)) return missing;
  const run_list finished = select(all, [](const run_result& run) { return run.failure.empty(); });
  const run_list base = base_runs(finished, reference);
  const run_list full = full_precision_runs(finished, reference);
  const auto own_seeds = seeds_of(group);
  const auto base_seeds = seeds_of(base);
  const auto full_seeds = seeds_of(full);
  const auto common = [&](const run_list& runs) {
    return accuracies_of(select(runs, [&](const run_result& run) {
      return own_seeds.contains(run.seed) && base_seeds.contains(run.seed) &&
             full_seeds.contains(run.seed);
    }));
  };
  const auto mean = [](const std::vector<double>& accuracies) {
    return mean_of(accuracies, [](double value) { return value; });
  };
  const auto below = common(base);
  const auto above = common(full);
  const std::size_t images = std::min(test_images_of(base), test_images_of(full));
  return share_of_gap(mean(common(group)) - mean(below), mean(above) - mean(below),
                      gap_noise(above, below, images));
}

/// One entry for each pair of bits, in the order of appearance.
std::vector<post_training_summary> post_training_of(const run_list& group) {
  std::vector<post_training_summary> entries;
  std::vector<std::vector<double>> accuracies;
  for (const auto* run : group) {
    for (const auto& rounded : run->post_training) {
      const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
        return entry.bits == rounded.bits && entry.activation_bits == rounded.activation_bits;
      });
      const auto index = static_cast<std::size_t>(found - entries.begin());
      if (found == entries.end()) {
        entries.push_back({rounded.bits, rounded.activation_bits, 0, 0});
        accuracies.emplace_back();
      }
      accuracies[index].push_back(rounded.test_accuracy);
    }
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].accuracy_mean = mean_of(accuracies[i], [](double value) { return value; });
    entries[i].accuracy_std = sample_deviation(accuracies[i]);
  }
  return entries;
}

summary_row row_of(const run_list& all, const std::vector<std::size_t>& members) {
  summary_row row;
  run_list group;
  for (const auto index : members) {
    if (const run_result& run = *all[index]; run.failure.empty()) {
      group.push_back(&run);
      row.members.push_back(index);
    } else {
      row.failures.push_back({run.seed, run.failure});
    }
  }
  const auto mean = [&](double run_result::*figure) {
    return mean_of(group, [figure](const run_result* run) { return run->*figure; });
  };
  const run_result& first = *all[members.front()];
  row.method = first.method;
  row.bits = first.bits;
  row.activation_bits = first.activation_bits;
  row.lr_schedule = first.lr_schedule;
  row.forward = first.forward;
  row.seeds = static_cast<int>(seeds_of(group).size());
  row.accuracy_mean = mean(&run_result::test_accuracy);
  row.accuracy_std = sample_deviation(accuracies_of(group));
  row.gap_closed = group.empty() ? missing : gap_closed(all, group);
  row.on_grid = mean(&run_result::on_grid_fraction);
  row.snap_loss = mean(&run_result::snap_loss);
  row.flips_per_step = mean(&run_result::flips_per_step);
  row.model = first.model;
  row.data = first.data;
  row.first_last = first.first_last;
  row.domain = first.domain;
  row.strength = first.strength;
  row.target_bits = first.target_bits;
  row.grid_bits = first.grid_bits;
  row.average_bits = mean(&run_result::average_bits);
  row.interrupted = std::any_of(group.begin(), group.end(),
                                [](const run_result* run) { return run->interrupted; });
  row.test_images = test_images_of(group);
  row.post_training = post_training_of(group);
  return row;
}

}  // namespace

std::vector<summary_row> summarize(const std::vector<run_result>& runs) {
  run_list all;
  for (const auto& run : runs)
    all.push_back(&run);
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto same = [&](const std::vector<std::size_t>& group) {
      return group_key(runs[group.front()]) == group_key(runs[i]);
    };
    const auto found = std::find_if(groups.begin(), groups.end(), same);
    if (found == groups.end()) {
      groups.push_back({i});
    } else {
      found->push_back(i);
    }
  }
  std::vector<summary_row> rows;
  rows.reserve(groups.size());
  for (const auto& group : groups)
    rows.push_back(row_of(all, group));
  return rows;
}

bool is_regularized(const summary_row& row) {
  return row.method != base_method(row.method);
}

bool learns_bits(const summary_row& row) {
  return std::isfinite(row.target_bits) || row.method.ends_with("+learned-bits");
}

bool is_quantized(const summary_row& row) {
  return base_method(row.method) != "none";
}

const summary_row* full_precision_beside(const summary_row& row,
                                         const std::vector<summary_row>& rows) {
  const summary_row* best = nullptr;
  for (const auto& other : rows) {
    const bool fits = other.method == "none" && same_setting(other, row) && !other.failed();
    if (fits && (best == nullptr || other.activation_bits > best->activation_bits)) best = &other;
  }
  return best;
}

namespace {

/// A cell that is a dash where it does not apply.
template <class Cell>
auto dash_unless(bool (*applies)(const summary_row&), Cell cell) {
  return [applies, cell](const summary_row& row) {
    return applies(row) ? cell(row) : std::string(format::no_figure);
  };
}

}  // namespace

std::vector<table_column> setting_columns(const std::vector<summary_row>& rows) {
  using row_type = const summary_row&;
  std::vector<table_column> columns;
  const auto add = [&](const char* title, bool is_number, auto cell) {
    columns.push_back({title, is_number, cell});
  };
  const auto add_setting = [&](const char* title, bool (*applies)(row_type), auto cell) {
    if (differs(rows, cell, applies)) add(title, false, dash_unless(applies, cell));
  };
  const auto always = +[](row_type) { return true; };
  add_setting("model", always, [](row_type row) { return row.model; });
  add_setting("data", always, [](row_type row) { return row.data; });
  add("method", false, [](row_type row) { return row.method; });
  add("bits", false, [](row_type row) { return format::bits(row.bits, row.activation_bits); });
  add_setting("schedule", always, [](row_type row) { return row.lr_schedule; });
  add_setting("forward", is_quantized, [](row_type row) { return row.forward; });
  add_setting("first/last", is_quantized, [](row_type row) { return row.first_last; });
  add_setting("domain", is_regularized, [](row_type row) { return row.domain; });
  add_setting("strength", is_regularized,
              [](row_type row) { return format::significant(row.strength, 3); });
  add_setting(
      "grid bits", +[](row_type row) { return row.method == "bin"; },
      [](row_type row) { return format::significant(row.grid_bits, 2); });
  return columns;
}

std::vector<table_column> table_columns(const std::vector<summary_row>& rows) {
  using row_type = const summary_row&;
  std::vector<table_column> columns = setting_columns(rows);
  const auto add = [&](const char* title, bool is_number, auto cell) {
    columns.push_back({title, is_number, cell});
  };
  if (std::any_of(rows.begin(), rows.end(), learns_bits)) {
    add("average bits", true,
        dash_unless(is_quantized, [](row_type row) { return format::fixed(row.average_bits, 2); }));
  }
  add("seeds", true, [](row_type row) {
    const std::string all = std::to_string(row.members.size() + row.failures.size());
    return std::to_string(row.seeds) + (row.failures.empty() ? "" : " of " + all) +
           (row.interrupted ? "*" : "");
  });
  add("accuracy %", true, accuracy_cell);
  add("gap closed %", true, [](row_type row) { return format::percent(row.gap_closed, 0); });
  add("on grid %", true,
      dash_unless(is_quantized, [](row_type row) { return format::percent(row.on_grid, 1); }));
  add("snap loss %", true,
      dash_unless(is_quantized, [](row_type row) { return format::percent(row.snap_loss, 2); }));
  add("flips/step", true, dash_unless(is_quantized, [](row_type row) {
        return format::significant(row.flips_per_step, 2);
      }));
  return columns;
}

std::string accuracy_cell(const summary_row& row) {
  if (row.failed()) return "failed";
  return format::percent_deviation(row.accuracy_mean, row.accuracy_std);
}

std::vector<std::string> table_notes(const std::vector<summary_row>& rows) {
  std::vector<std::string> notes;
  for (const auto& row : rows) {
    for (const auto& failure : row.failures) {
      notes.push_back("failed: " + row.method + ' ' + format::bits(row.bits, row.activation_bits) +
                      (row.lr_schedule.empty() ? "" : ' ' + row.lr_schedule) + ", seed " +
                      std::to_string(failure.seed) + ": " + failure.reason);
    }
  }
  const bool interrupted =
      std::any_of(rows.begin(), rows.end(), [](const summary_row& row) { return row.interrupted; });
  if (interrupted) notes.emplace_back("* at least one of these runs was interrupted");
  return notes;
}

std::vector<summary_row> rows_with_figures(const std::vector<summary_row>& rows) {
  std::vector<summary_row> kept;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(kept),
               [](const summary_row& row) { return !row.failed(); });
  return kept;
}

namespace summary_detail {

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
  const std::size_t taken = format::display_width(text);
  const std::string space(width > taken ? width - taken : 0, ' ');
  return to_the_right ? space + text : text + space;
}

}  // namespace summary_detail

namespace {

std::string without_trailing_space(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string escaped_for_markdown(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '\\' || c == '_' || c == '`') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

std::string text_table(const std::vector<summary_row>& rows,
                       const std::vector<table_column>& columns) {
  std::string head;
  std::string rule;
  std::vector<std::string> lines(rows.size());
  for (const auto& column : columns) {
    std::size_t width = format::display_width(column.title);
    for (const auto& row : rows)
      width = std::max(width, format::display_width(printable(column.cell(row))));
    const std::string space = head.empty() ? "" : "  ";
    head += space + padded(column.title, width, column.is_number);
    rule += space + std::string(width, '-');
    for (std::size_t i = 0; i < rows.size(); ++i) {
      lines[i] += space + padded(printable(column.cell(rows[i])), width, column.is_number);
    }
  }
  std::string text = without_trailing_space(head) + '\n' + rule + '\n';
  for (const auto& line : lines)
    text += without_trailing_space(line) + '\n';
  for (const auto& note : table_notes(rows))
    text += printable(note) + '\n';
  return text;
}

std::string text_table(const std::vector<summary_row>& rows) {
  return text_table(rows, table_columns(rows));
}

std::string markdown_table(const std::vector<summary_row>& rows,
                           const std::vector<table_column>& columns) {
  std::string text = "|";
  for (const auto& column : columns)
    text += ' ' + column.title + " |";
  text += "\n|";
  for (const auto& column : columns)
    text += column.is_number ? "---:|" : "---|";
  text += '\n';
  for (const auto& row : rows) {
    text += '|';
    for (const auto& column : columns)
      text += ' ' + escaped_for_markdown(column.cell(row)) + " |";
    text += '\n';
  }
  for (const auto& note : table_notes(rows))
    text += '\n' + escaped_for_markdown(note) + '\n';
  return text;
}

std::string markdown_table(const std::vector<summary_row>& rows) {
  return markdown_table(rows, table_columns(rows));
}

}  // namespace detent_trainer
