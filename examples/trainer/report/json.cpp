// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Every record as a JSON object, and the text of a file.

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <trainer/report/json.hpp>
#include <trainer/report/result.hpp>
#include <trainer/report/summary.hpp>

namespace detent_trainer {

namespace {

// JSON has no NaN and no infinity: a figure that does not exist is null.
nlohmann::json number(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

nlohmann::json numbers(const std::vector<double>& values) {
  auto list = nlohmann::json::array();
  for (const double value : values)
    list.push_back(number(value));
  return list;
}

nlohmann::json object(const layer_result& layer);
nlohmann::json object(const weight_histogram& histogram);
nlohmann::json object(const learned_width& width);
nlohmann::json object(const gated_layer& layer);
nlohmann::json object(const epoch_record& record);
nlohmann::json object(const post_training_result& rounded);
nlohmann::json object(const post_training_summary& rounded);
nlohmann::json object(const run_failure& failure);
nlohmann::json object(const summary_row& row);

template <class Record>
nlohmann::json objects(const std::vector<Record>& records) {
  auto list = nlohmann::json::array();
  for (const auto& record : records)
    list.push_back(object(record));
  return list;
}

nlohmann::json object(const layer_result& layer) {
  return {{"name", layer.name},
          {"weights", layer.weights},
          {"bits", layer.bits},
          {"on_grid_fraction", number(layer.on_grid_fraction)}};
}

nlohmann::json object(const weight_histogram& histogram) {
  return {{"layer", histogram.layer},
          {"lowest", number(histogram.lowest)},
          {"highest", number(histogram.highest)},
          {"counts", histogram.counts},
          {"levels", numbers(histogram.levels)}};
}

nlohmann::json object(const learned_width& width) {
  return {{"layer", width.layer},
          {"bit_width", number(width.bit_width)},
          {"data_pull", number(width.data_pull)},
          {"bit_pull", number(width.bit_pull)}};
}

nlohmann::json object(const gated_layer& gated) {
  return {{"layer", gated.layer}, {"bits", gated.bits}, {"open", gated.open}};
}

nlohmann::json object(const epoch_record& record) {
  return {{"epoch", record.epoch},
          {"learning_rate", number(record.learning_rate)},
          {"strength", number(record.strength)},
          {"task_loss", number(record.task_loss)},
          {"penalty", number(record.penalty)},
          {"difference_error", number(record.difference_error)},
          {"train_accuracy", number(record.train_accuracy)},
          {"validation_accuracy", number(record.validation_accuracy)},
          {"on_grid_fraction", number(record.on_grid_fraction)},
          {"flips_per_step", number(record.flips_per_step)},
          {"seconds", number(record.seconds)},
          {"bit_widths", objects(record.bit_widths)},
          {"gates", objects(record.gates)},
          {"histograms", objects(record.histograms)}};
}

nlohmann::json object(const post_training_result& rounded) {
  return {{"bits", rounded.bits},
          {"activation_bits", rounded.activation_bits},
          {"validation_accuracy", number(rounded.validation_accuracy)},
          {"test_accuracy", number(rounded.test_accuracy)}};
}

nlohmann::json object(const post_training_summary& rounded) {
  return {{"bits", rounded.bits},
          {"activation_bits", rounded.activation_bits},
          {"accuracy_mean", number(rounded.accuracy_mean)},
          {"accuracy_std", number(rounded.accuracy_std)}};
}

nlohmann::json object(const run_failure& failure) {
  return {{"seed", failure.seed}, {"reason", failure.reason}};
}

nlohmann::json object(const summary_row& row) {
  return {{"model", row.model},
          {"data", row.data},
          {"method", row.method},
          {"bits", row.bits},
          {"activation_bits", row.activation_bits},
          {"lr_schedule", row.lr_schedule},
          {"forward", row.forward},
          {"first_last", row.first_last},
          {"domain", row.domain},
          {"strength", number(row.strength)},
          {"grid_bits", number(row.grid_bits)},
          {"seeds", row.seeds},
          {"interrupted", row.interrupted},
          {"failures", objects(row.failures)},
          {"test_images", row.test_images},
          {"accuracy_mean", number(row.accuracy_mean)},
          {"accuracy_std", number(row.accuracy_std)},
          {"gap_closed", number(row.gap_closed)},
          {"on_grid_fraction", number(row.on_grid)},
          {"snap_loss", number(row.snap_loss)},
          {"flips_per_step", number(row.flips_per_step)},
          {"target_bits", number(row.target_bits)},
          {"average_bits", number(row.average_bits)},
          {"ptq", objects(row.post_training)}};
}

// A short line for what has no objects inside; histograms would fill pages one number a line.
bool flat(const nlohmann::json& value) {
  if (!value.is_structured()) return true;
  for (const auto& item : value) {
    if (item.is_structured()) return false;
  }
  return value.is_array();
}

std::string line(const nlohmann::json& value) {
  // Names come from file names, which need not be valid UTF-8.
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void append(std::string& text, const nlohmann::json& value, std::size_t depth) {
  if (flat(value) || value.empty()) {
    text += line(value);
    return;
  }
  const std::string indent(2 * depth + 2, ' ');
  text += value.is_array() ? '[' : '{';
  bool first = true;
  for (const auto& item : value.items()) {
    text += first ? "\n" : ",\n";
    text += indent;
    if (value.is_object()) text += line(item.key()) + ": ";
    append(text, item.value(), depth + 1);
    first = false;
  }
  text += '\n' + std::string(2 * depth, ' ');
  text += value.is_array() ? ']' : '}';
}

}  // namespace

nlohmann::json to_json(const run_result& run) {
  return {{"model", run.model},
          {"data", run.data},
          {"method", run.method},
          {"bits", run.bits},
          {"activation_bits", run.activation_bits},
          {"seed", run.seed},
          {"epochs", run.epochs},
          {"lr_schedule", run.lr_schedule},
          {"forward", run.forward},
          {"first_last", run.first_last},
          {"learning_rate", number(run.learning_rate)},
          {"strength", number(run.strength)},
          {"activation_strength", number(run.activation_strength)},
          {"start_epoch", run.start_epoch},
          {"grid_bits", number(run.grid_bits)},
          {"domain", run.domain},
          {"validation_accuracy", number(run.validation_accuracy)},
          {"test_accuracy", number(run.test_accuracy)},
          {"full_precision_accuracy", number(run.full_precision_accuracy)},
          {"target_bits", number(run.target_bits)},
          {"average_bits", number(run.average_bits)},
          {"on_grid_fraction", number(run.on_grid_fraction)},
          {"snap_loss", number(run.snap_loss)},
          {"flips_per_step", number(run.flips_per_step)},
          {"seconds_per_epoch", number(run.seconds_per_epoch)},
          {"regularizer_share", number(run.regularizer_share)},
          {"interrupted", run.interrupted},
          {"failure", run.failure.empty() ? nlohmann::json(nullptr) : nlohmann::json(run.failure)},
          {"test_images", run.test_images},
          {"layers", objects(run.layers)},
          {"ptq", objects(run.post_training)},
          {"history", objects(run.history)}};
}

nlohmann::json to_json(const std::vector<run_result>& runs) {
  auto list = nlohmann::json::array();
  for (const auto& run : runs)
    list.push_back(to_json(run));
  return {{"rows", objects(summarize(runs))}, {"runs", list}};
}

std::string json_text(const nlohmann::json& value) {
  std::string text;
  append(text, value, 0);
  return text + '\n';
}

std::string json_text(const run_result& run) {
  return json_text(to_json(run));
}

std::string json_text(const std::vector<run_result>& runs) {
  return json_text(to_json(runs));
}

}  // namespace detent_trainer
