// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Every member of the records, by name. A record gains a member: it is named here too.

#include <limits>

#include <trainer/checkpoint/archive.hpp>
#include <trainer/checkpoint/records.hpp>
#include <trainer/report/result.hpp>

namespace detent_trainer {

namespace {

constexpr int many = std::numeric_limits<int>::max();

void archive_layer(archive& a, layer_result& layer) {
  auto& [name, weights, bits, on_grid_fraction] = layer;
  a.text("name", name);
  a.integer("weights", weights, 0);
  a.integer("bits", bits, 0, 32);
  a.number("on grid", on_grid_fraction);
}

void archive_histogram(archive& a, weight_histogram& histogram) {
  auto& [layer, lowest, highest, counts, levels] = histogram;
  a.text("layer", layer);
  a.number("lowest", lowest);
  a.number("highest", highest);
  a.numbers("counts", counts);
  a.numbers("levels", levels);
}

void archive_width(archive& a, learned_width& width) {
  auto& [layer, bit_width, data_pull, bit_pull] = width;
  a.text("layer", layer);
  a.number("bit-width", bit_width);
  a.number("data pull", data_pull);
  a.number("bit pull", bit_pull);
}

void archive_gates(archive& a, gated_layer& gates) {
  auto& [layer, bits, open] = gates;
  a.text("layer", layer);
  a.integer("bits", bits, 0, 32);
  a.numbers("open", open);
}

void archive_rounded(archive& a, post_training_result& rounded) {
  auto& [bits, activation_bits, validation_accuracy, test_accuracy] = rounded;
  a.integer("bits", bits, 0, 32);
  a.integer("activation bits", activation_bits, 0, 32);
  a.number("validation accuracy", validation_accuracy);
  a.number("test accuracy", test_accuracy);
}

}  // namespace

void archive_record(archive& a, epoch_record& record) {
  auto& [epoch, learning_rate, strength, task_loss, penalty, difference_error, train_accuracy,
         validation_accuracy, on_grid_fraction, flips_per_step, seconds, histograms, bit_widths,
         gates] = record;
  a.integer("epoch", epoch, 0, many);
  a.number("learning rate", learning_rate);
  a.number("strength", strength);
  a.number("task loss", task_loss);
  a.number("penalty", penalty);
  a.number("difference error", difference_error);
  a.number("train accuracy", train_accuracy);
  a.number("validation accuracy", validation_accuracy);
  a.number("on grid", on_grid_fraction);
  a.number("flips per step", flips_per_step);
  a.number("seconds", seconds);
  a.list("histograms", histograms, archive_histogram);
  a.list("bit-widths", bit_widths, archive_width);
  a.list("gates", gates, archive_gates);
}

void archive_record(archive& a, run_result& result) {
  auto& [model, data, method, bits, activation_bits, seed, epochs, lr_schedule, forward, first_last,
         learning_rate, strength, activation_strength, start_epoch, grid_bits, domain,
         validation_accuracy, test_accuracy, full_precision_accuracy, target_bits, average_bits,
         on_grid_fraction, snap_loss, flips_per_step, seconds_per_epoch, regularizer_share,
         interrupted, failure, test_images, layers, history, post_training] = result;
  a.text("model", model);
  a.text("data", data);
  a.text("method", method);
  a.integer("bits", bits, 0, 32);
  a.integer("activation bits", activation_bits, 0, 32);
  a.integer("seed", seed);
  a.integer("epochs", epochs, 0, many);
  a.text("learning rate schedule", lr_schedule);
  a.text("forward", forward);
  a.text("first and last", first_last);
  a.number("learning rate", learning_rate);
  a.number("strength", strength);
  a.number("activation strength", activation_strength);
  a.integer("start epoch", start_epoch, 0, many);
  a.number("grid bits", grid_bits);
  a.text("domain", domain);
  a.number("validation accuracy", validation_accuracy);
  a.number("test accuracy", test_accuracy);
  a.number("full precision accuracy", full_precision_accuracy);
  a.number("target bits", target_bits);
  a.number("average bits", average_bits);
  a.number("on grid", on_grid_fraction);
  a.number("snap loss", snap_loss);
  a.number("flips per step", flips_per_step);
  a.number("seconds per epoch", seconds_per_epoch);
  a.number("regularizer share", regularizer_share);
  a.flag("interrupted", interrupted);
  a.text("failure", failure);
  a.integer("test images", test_images, 0);
  a.list("layers", layers, archive_layer);
  a.list("history", history, [](archive& of, epoch_record& record) { archive_record(of, record); });
  a.list("post-training", post_training, archive_rounded);
}

}  // namespace detent_trainer
