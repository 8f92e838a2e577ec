// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Tiles, curves, histograms and layers of one run.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <trainer/nn/learned_grid.hpp>
#include <trainer/report/format.hpp>
#include <trainer/report/html_run.hpp>
#include <trainer/report/line_chart.hpp>
#include <trainer/report/penalty_surface.hpp>
#include <trainer/report/result.hpp>
#include <trainer/report/ridgeline.hpp>
#include <trainer/report/robustness.hpp>
#include <trainer/report/summary.hpp>
#include <trainer/report/svg.hpp>

namespace detent_trainer::html {

using namespace run_detail;

std::string run_name(const run_result& run) {
  std::string name = run.method + ' ' + format::bits(run.bits, run.activation_bits);
  for (const auto& part : {run.lr_schedule, run.forward}) {
    if (!part.empty()) name += ", " + part;
  }
  return name + ", seed " + std::to_string(run.seed);
}

namespace {

std::string tile(std::string_view name, const std::string& value, std::string_view unit) {
  const bool has_unit = !unit.empty() && value != format::no_figure;
  return "<div><dt>" + svg::escape(name) + "</dt><dd>" + svg::escape(value) +
         (has_unit ? " <small>" + svg::escape(unit) + "</small>" : "") + "</dd></div>\n";
}

bool has_quantizer(const run_result& run) {
  return summary_detail::base_method(run.method) != "none";
}

bool has_regularizer(const run_result& run) {
  return run.method != summary_detail::base_method(run.method);
}

std::string headline(const run_result& run) {
  std::string out = "<dl class=\"tiles\">\n";
  out += tile("test accuracy", format::percent(run.test_accuracy, 2), "%");
  out += tile("validation", format::percent(run.validation_accuracy, 2), "%");
  if (has_quantizer(run)) {
    out += tile("full precision", format::percent(run.full_precision_accuracy, 2), "%");
    out += tile("bits a weight", format::fixed(run.average_bits, 2), "");
    out += tile("on the grid", format::percent(run.on_grid_fraction, 1), "%");
    out += tile("lost by rounding", format::percent(run.snap_loss, 2), "points");
    out += tile("flips a step", format::significant(100 * run.flips_per_step, 2), "%");
  }
  out += tile("time an epoch", format::fixed(run.seconds_per_epoch, 1), "s");
  if (has_regularizer(run)) {
    out += tile("regularizer’s share", format::percent(run.regularizer_share, 2), "%");
  }
  return out + "</dl>\n";
}

std::string settings(const run_result& run) {
  std::string out = "<p class=\"about\">";
  std::string space;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    out += space + svg::escape(name) + ' ' + svg::escape(value);
    space = " · ";
  };
  add("model", run.model);
  add("data", run.data);
  add("method", run.method);
  if (has_quantizer(run)) {
    add("bits", format::bits(run.bits, run.activation_bits));
    add("first and last layer", run.first_last);
    add("forward", run.forward);
  }
  add("epochs", std::to_string(run.epochs));
  add("learning rate", format::significant(run.learning_rate, 4));
  add("schedule", run.lr_schedule);
  if (has_regularizer(run)) {
    add("strength", format::significant(run.strength, 4));
    if (has_quantizer(run)) add("domain", run.domain);
    if (run.activation_strength > 0) {
      add("strength for activations", format::significant(run.activation_strength, 4));
    }
    if (std::isfinite(run.grid_bits)) add("grid bits", format::significant(run.grid_bits, 2));
    if (run.start_epoch > 1) add("from epoch", std::to_string(run.start_epoch));
  }
  add("seed", std::to_string(run.seed));
  out += "</p>\n";
  if (run.interrupted) {
    out += "<p class=\"notice\">This run was interrupted: " + std::to_string(run.history.size()) +
           " epochs were recorded.</p>\n";
  }
  return out;
}

svg::series curve(const run_result& run, std::string name, int color,
                  double epoch_record::*figure) {
  svg::series curve{std::move(name), color, {}};
  for (const auto& record : run.history)
    curve.points.emplace_back(record.epoch, record.*figure);
  return curve;
}

svg::line_chart single_curve(const run_result& run, std::string title, std::string unit, int color,
                             double epoch_record::*figure) {
  svg::line_chart chart;
  chart.curves = {curve(run, title, color, figure)};
  chart.title = std::move(title);
  chart.unit = std::move(unit);
  return chart;
}

svg::line_chart accuracy_chart(const run_result& run) {
  svg::line_chart chart;
  chart.title = "Accuracy";
  chart.is_fraction = true;
  chart.from_zero = false;
  chart.curves = {curve(run, "training", 3, &epoch_record::train_accuracy),
                  curve(run, "validation", 1, &epoch_record::validation_accuracy)};
  chart.reference = run.full_precision_accuracy;
  chart.reference_name = "full precision";
  return chart;
}

// A search that is frozen makes no more steps: whole bit-widths, and the pulls of the record
// before.
bool repeats(const epoch_record& before, const epoch_record& now) {
  return !now.bit_widths.empty() && before.bit_widths.size() == now.bit_widths.size() &&
         std::equal(now.bit_widths.begin(), now.bit_widths.end(), before.bit_widths.begin(),
                    [](const learned_width& n, const learned_width& b) {
                      return n.bit_width == std::floor(n.bit_width) && n.data_pull == b.data_pull &&
                             n.bit_pull == b.bit_pull;
                    });
}

/// The records up to the one in which the bits were frozen; all, where they were not.
std::size_t searched_epochs(const run_result& run) {
  for (std::size_t i = 1; i < run.history.size(); ++i) {
    if (repeats(run.history[i - 1], run.history[i])) return i;
  }
  return run.history.size();
}

bool learned_bits(const run_result& run) {
  return !run.history.empty() && !run.history.back().bit_widths.empty();
}

svg::line_chart bit_width_chart(const run_result& run) {
  svg::line_chart chart;
  chart.title = "Bit-widths";
  chart.unit = "bits";
  for (const auto& width : run.history.back().bit_widths)
    chart.curves.push_back({width.layer, svg::color_in_turn(chart.curves.size()), {}});
  for (const auto& record : run.history) {
    for (std::size_t i = 0; i < record.bit_widths.size() && i < chart.curves.size(); ++i)
      chart.curves[i].points.emplace_back(record.epoch, record.bit_widths[i].bit_width);
  }
  return chart;
}

svg::line_chart pull_chart(const run_result& run) {
  svg::line_chart chart;
  chart.title = "Pulls on the bit-widths";
  chart.unit = "in units of their size";
  chart.note =
      "Below 0 the data wants more bits: a layer below the dashed line, which is the pull of the "
      "bit term with its sign reversed, gains bits, one above it loses some.";
  for (const auto& width : run.history.back().bit_widths)
    chart.curves.push_back({width.layer, svg::color_in_turn(chart.curves.size()), {}});
  svg::series bit_term{"bit term, reversed", 0, {}, svg::series_style::dashed};
  const std::size_t searched = searched_epochs(run);
  for (std::size_t r = 0; r < searched; ++r) {
    const auto& record = run.history[r];
    for (std::size_t i = 0; i < record.bit_widths.size() && i < chart.curves.size(); ++i)
      chart.curves[i].points.emplace_back(record.epoch, record.bit_widths[i].data_pull);
    if (record.bit_widths.empty()) continue;
    bit_term.points.emplace_back(record.epoch, -record.bit_widths.front().bit_pull);
  }
  chart.curves.push_back(std::move(bit_term));
  if (searched < run.history.size()) {
    chart.note +=
        " Frozen in epoch " + std::to_string(run.history[searched - 1].epoch) + ", where it ends.";
  }
  return chart;
}

bool has_gates(const run_result& run) {
  return !run.history.empty() && !run.history.back().gates.empty();
}

/// A curve a layer over the epochs, of a figure of its gates; NaN leaves a gap.
template <class Figure>
svg::line_chart gate_chart(const run_result& run, std::string title, std::string unit,
                           Figure figure) {
  svg::line_chart chart;
  chart.title = std::move(title);
  chart.unit = std::move(unit);
  for (const auto& gated : run.history.back().gates)
    chart.curves.push_back({gated.layer, svg::color_in_turn(chart.curves.size()), {}});
  for (const auto& record : run.history) {
    for (std::size_t i = 0; i < record.gates.size() && i < chart.curves.size(); ++i)
      chart.curves[i].points.emplace_back(record.epoch, figure(record.gates[i]));
  }
  return chart;
}

/// The bits that are left by layer; then for every gated bit how likely it is open.
std::string gate_charts(const run_result& run) {
  std::string out = svg::draw(
      gate_chart(run, "Bit-lengths", "bits that the gates leave",
                 [](const gated_layer& gated) { return static_cast<double>(gated.bits); }));
  std::size_t gates = 0;
  for (const auto& gated : run.history.back().gates)
    gates = std::max(gates, gated.open.size());
  for (std::size_t k = 0; k < gates; ++k) {
    auto chart = gate_chart(
        run, "Gate of bit " + std::to_string(fewest_gated_bits + 1 + static_cast<int>(k)),
        "probability to be open", [k](const gated_layer& gated) {
          return k < gated.open.size() ? gated.open[k] : std::numeric_limits<double>::quiet_NaN();
        });
    chart.is_fraction = true;
    out += svg::draw(chart);
  }
  return out;
}

bool ever_above_zero(const run_result& run, double epoch_record::*figure) {
  return std::any_of(run.history.begin(), run.history.end(),
                     [figure](const epoch_record& record) { return record.*figure > 0; });
}

svg::penalty_surface penalty_surface_of(const run_result& run,
                                        const std::vector<svg::series>& bit_widths) {
  const bool is_dorefa = summary_detail::base_method(run.method) == "dorefa";
  return {is_dorefa ? detent::bit_convention::dorefa : detent::bit_convention::wrpn, bit_widths};
}

std::string curves(const run_result& run) {
  if (run.history.empty()) return "<p class=\"about\">No epoch was recorded.</p>\n";
  std::string out = "<div class=\"charts\">\n" + svg::draw(accuracy_chart(run));
  std::string surface;
  out += svg::draw(single_curve(run, "Task loss", "cross-entropy", 1, &epoch_record::task_loss));
  if (ever_above_zero(run, &epoch_record::strength)) {
    auto penalty =
        single_curve(run, "Penalty", "mean, without its strength", 2, &epoch_record::penalty);
    penalty.may_be_logarithmic = true;
    out += svg::draw(penalty);
    out += svg::draw(single_curve(run, "Strength", "of the penalty", 2, &epoch_record::strength));
  }
  if (ever_above_zero(run, &epoch_record::difference_error)) {
    auto error = single_curve(run, "Error of the penalty’s gradient", "relative, by the difference",
                              2, &epoch_record::difference_error);
    error.may_be_logarithmic = true;
    out += svg::draw(error);
  }
  if (ever_above_zero(run, &epoch_record::on_grid_fraction)) {
    auto on_grid = single_curve(run, "Weights on the grid", "within 5 % of a step", 3,
                                &epoch_record::on_grid_fraction);
    on_grid.is_fraction = true;
    out += svg::draw(on_grid);
  }
  if (ever_above_zero(run, &epoch_record::flips_per_step)) {
    auto flips =
        single_curve(run, "Flips per step", "share of weights", 4, &epoch_record::flips_per_step);
    flips.may_be_logarithmic = true;
    out += svg::draw(flips);
  }
  if (learned_bits(run)) {
    const auto bit_widths = bit_width_chart(run);
    out += svg::draw(bit_widths) + svg::draw(pull_chart(run));
    surface = svg::draw(penalty_surface_of(run, bit_widths.curves));
  }
  if (has_gates(run)) out += gate_charts(run);
  out += svg::draw(single_curve(run, "Learning rate", "", 1, &epoch_record::learning_rate));
  return out + "</div>\n" + surface;
}

const weight_histogram* histogram_of(const epoch_record& record, const std::string& layer) {
  for (const auto& histogram : record.histograms) {
    if (histogram.layer == layer) return &histogram;
  }
  return nullptr;
}

}  // namespace

namespace run_detail {

std::vector<std::string> layers_with_histograms(const run_result& run) {
  std::vector<std::string> names;
  for (const auto& record : run.history) {
    for (const auto& histogram : record.histograms) {
      if (std::find(names.begin(), names.end(), histogram.layer) == names.end()) {
        names.push_back(histogram.layer);
      }
    }
  }
  return names;
}

}  // namespace run_detail

namespace {

// The first and the last epoch and evenly spaced ones between.
std::vector<svg::ridge> chosen(const std::vector<svg::ridge>& ridges, std::size_t count) {
  if (ridges.size() <= count || count < 2) return ridges;
  std::vector<svg::ridge> kept;
  for (std::size_t i = 0; i < count; ++i) {
    kept.push_back(ridges[(i * (ridges.size() - 1) + (count - 1) / 2) / (count - 1)]);
  }
  return kept;
}

std::string layer_note(const run_result& run, const std::string& name) {
  for (const auto& layer : run.layers) {
    if (layer.name != name) continue;
    return format::grouped(layer.weights) + " weights, " +
           (layer.bits >= 32 ? std::string("full precision")
                             : std::to_string(layer.bits) + " bits");
  }
  return "";
}

std::string histograms(const run_result& run, const detail_level& detail) {
  std::string figures;
  for (const auto& name : layers_with_histograms(run)) {
    std::vector<svg::ridge> ridges;
    for (const auto& record : run.history) {
      const auto* histogram = histogram_of(record, name);
      if (histogram != nullptr) ridges.push_back({std::to_string(record.epoch), histogram});
    }
    figures += svg::draw(
        svg::ridgeline{name, layer_note(run, name), chosen(ridges, detail.ridges), detail.bins});
  }
  if (figures.empty()) return "";
  std::string about =
      "One histogram an epoch (its number at the left), from top to bottom, each scaled to its own "
      "peak.";
  if (has_quantizer(run)) about += " The vertical lines are the levels of the grid.";
  return "<h2>Where the weights went</h2>\n<p class=\"about\">" + about +
         "</p>\n<div class=\"ridges\">\n" + figures + "</div>\n";
}

std::string layer_table(const run_result& run) {
  if (run.layers.empty()) return "";
  std::string out =
      "<h2>Layers</h2>\n<div class=\"scroll\"><table>\n<tr><th>layer</th><th "
      "class=\"figure\">weights"
      "</th><th class=\"figure\">bits</th><th class=\"figure\">on grid %</th></tr>\n";
  for (const auto& layer : run.layers) {
    const bool quantized = layer.bits < 32;
    out +=
        "<tr><td>" + svg::escape(layer.name) + "</td><td class=\"figure\">" +
        format::grouped(layer.weights) + "</td><td class=\"figure\">" + std::to_string(layer.bits) +
        "</td><td class=\"figure\">" +
        (quantized ? format::percent(layer.on_grid_fraction, 1) : std::string(format::no_figure)) +
        "</td></tr>\n";
  }
  return out + "</table></div>\n";
}

}  // namespace

std::string run_section(const run_result& run, const detail_level& detail) {
  return settings(run) + headline(run) + histograms(run, detail) +
         "<h2>How the training went</h2>\n" + curves(run) +
         html::robustness(summarize({run}), run.full_precision_accuracy) + layer_table(run);
}

}  // namespace detent_trainer::html
