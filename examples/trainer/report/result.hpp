// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The plain records that a training run fills and that every form of report reads.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace detent_trainer {

/// What a run did to the weights of one layer.
struct layer_result {
  std::string name;
  std::size_t weights = 0;
  int bits = 32;                ///< 32 means not quantized
  double on_grid_fraction = 0;  ///< share of weights within 5 % of a step of a level
};

/// Where the weights of one layer lie, in the coordinate in which the grid lies.
struct weight_histogram {
  std::string layer;
  double lowest = 0;                  ///< left edge of the first bin
  double highest = 0;                 ///< right edge of the last bin
  std::vector<std::uint32_t> counts;  ///< equally wide bins
  std::vector<double> levels;         ///< the grid; empty where the layer has none
};

/// A learned bit-width and what pulled on it, both in the search's units.
struct learned_width {
  std::string layer;
  double bit_width = 0;
  double data_pull = 0;  ///< of the data: below 0 wants more bits
  double bit_pull = 0;   ///< of the bit term, the same for every layer
};

/// The gates over the bits of one layer.
struct gated_layer {
  std::string layer;
  int bits = 0;              ///< that are left
  std::vector<double> open;  ///< P(Z ≠ 0), of the lowest gated bit first
};

/// What a trained network is worth after no more than rounding; accuracies are fractions.
struct post_training_result {
  int bits = 32;
  int activation_bits = 32;
  double validation_accuracy = 0;
  double test_accuracy = 0;
};

/// The figures of one epoch; accuracies are fractions.
struct epoch_record {
  int epoch = 0;
  double learning_rate = 0;
  double strength = 0;
  double task_loss = 0;
  double penalty = 0;  ///< the regularizer's value without its strength
  /// Estimate of the relative error of a gradient by differences; NaN where none is taken.
  double difference_error = std::numeric_limits<double>::quiet_NaN();
  double train_accuracy = 0;
  double validation_accuracy = 0;
  double on_grid_fraction = 0;
  /// Share of weights whose level changes in one step; NaN in a float forward, without levels.
  double flips_per_step = std::numeric_limits<double>::quiet_NaN();
  double seconds = 0;
  std::vector<weight_histogram> histograms;  ///< empty where none was taken
  std::vector<learned_width> bit_widths;     ///< empty where none are learned
  std::vector<gated_layer> gates;            ///< empty where no bits are dropped
};

/// One training run: what was asked for, what came out, and how it went. Accuracies and shares are
/// fractions; a figure that does not exist is NaN and is reported as missing.
struct run_result {
  std::string model;
  std::string data;
  std::string method;  ///< as in `settings`
  int bits = 32;
  int activation_bits = 32;
  std::uint64_t seed = 0;
  int epochs = 0;
  std::string lr_schedule;
  std::string forward;  ///< "quantized" or "float"
  std::string first_last;
  double learning_rate = 0;
  double strength = 0;
  double activation_strength = 0;                               ///< of gradl1 and gradl2
  int start_epoch = 1;                                          ///< of gradl1, gradl2, kure and bin
  double grid_bits = std::numeric_limits<double>::quiet_NaN();  ///< of bin
  std::string domain;                                           ///< "matched" or "raw"
  double validation_accuracy = 0;
  double test_accuracy = 0;
  double full_precision_accuracy = 0;
  double target_bits = std::numeric_limits<double>::quiet_NaN();  ///< of learned bits
  double average_bits = 0;
  double on_grid_fraction = 0;
  double snap_loss = 0;  ///< accuracy before minus accuracy after rounding to the levels
  double flips_per_step = std::numeric_limits<double>::quiet_NaN();
  double seconds_per_epoch = 0;
  /// Share that the regularizer takes of a training step in which it acts.
  double regularizer_share = 0;
  bool interrupted = false;
  std::string failure;          ///< why the run has no figures; empty where it has
  std::size_t test_images = 0;  ///< by which the test accuracy was measured
  std::vector<layer_result> layers;
  std::vector<epoch_record> history;
  std::vector<post_training_result> post_training;  ///< in the order asked for
};

}  // namespace detent_trainer
