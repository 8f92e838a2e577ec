// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The training loop: full precision first, then finetuning with a method; evaluation and records.

#include <cstddef>
#include <cstdint>
#include <detent/grid/bits.hpp>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <trainer/nn/model.hpp>
#include <trainer/nn/tensor.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

class archive;
class batches;
struct batch_result;
class checkpoint;
struct dataset;
struct exported_network;
class float_penalty;
class interrupt_guard;
class optimizer;
class progress;
class quantization;

/// What a run says about itself before it begins: everything but its figures.
/// @param  data  name of the data
run_result described(const settings& s, const std::string& data);

/// The record of a run that ended by an error: no figure of it is a number.
run_result failed_run(const settings& s, const std::string& data, const std::string& reason);

/// Learning rate at a share of the run in [0, 1].
double learning_rate_at(double share, double rate, std::string_view schedule);

/// Strength at a share of the run: a smooth rise, half of it at `ramp`.
///
///     λ(t) = λ · ½ (1 + tanh((t - ramp)/0.05))
double strength_at(double share, double strength, double ramp);

/// A strength for steps whose learning rate has fallen from `first` to `now`, such that the pull of
/// the penalty, rate times strength, has not: task gradients are annealed, the way to the levels
/// is not. Held where a step would go a tenth of the way to the level, far from instability.
double decoupled(double strength, double first, double now);

/// What a loop over epochs reports to, what may end it, and where its state is kept. All may be
/// absent.
///
/// With a checkpoint a run goes on from the state in it, and an interrupt ends the run after the
/// step; it then has no result, but the checkpoint says `is_interrupted`.
struct supervision {
  progress* shown = nullptr;
  const interrupt_guard* interrupt = nullptr;
  checkpoint* kept = nullptr;

  bool stop() const;
};

/// A network trained in full precision, from which every method starts.
struct pretrained {
  model::weights weights;
  double validation_accuracy = 0;
  double test_accuracy = 0;
};

/// The result in the checkpoint of a run that has ended; nothing where it has not.
std::optional<run_result> finished_run(const checkpoint& kept);

/// Puts the result in place of the state of the training.
void keep_finished_run(checkpoint& kept, run_result result);

/// Trains one network; keeps what is needed between steps.
class training {
 public:
  training(const settings& s, const dataset& data);
  training(const training&) = delete;
  training& operator=(const training&) = delete;
  ~training();

  /// Errors: `error` for a name in layer_bits that no layer has; asked before the pretraining,
  /// which may take long.
  void require_layers();

  /// Full precision from random weights, with a cosine schedule.
  pretrained pretrain(const supervision& watch);

  /// Finetunes from a pretrained network with the method, and measures the result.
  /// @param  exported  where asked for: the network as it was measured
  run_result finetune(const pretrained& start, const supervision& watch,
                      exported_network* exported = nullptr);

 private:
  /// Orders of the data differ between the two stages of a run.
  std::uint64_t stage_seed(std::uint64_t number) const { return settings_.seed * 2 + number; }

  /// Clipping points of the activations, fitted by the squared error on the first training images.
  void quantize_activations();

  /// Grids of the activations that are learned, from what the rectifiers put out last. Masks act on
  /// weights only.
  void learn_activations(detent::bits bits);
  void learn_grids(quantization& method, double rate, double share);
  std::unique_ptr<optimizer> make_optimizer() const;

  /// Where a loop over epochs stands.
  struct position {
    int epoch = 0;           ///< epochs that have ended
    std::size_t batch = 0;   ///< steps of the running epoch that have ended
    epoch_record record;     ///< of the running epoch
    double correct = 0;      ///< images of the running epoch
    double seconds = 0;      ///< of the running epoch
    double all_seconds = 0;  ///< of the epochs that have ended
  };

  /// What the two stages of a run do not share.
  struct stage {
    int epochs;
    double rate;
    std::string_view schedule;
    std::string label;
    std::uint64_t seed;
    const pretrained* start;  ///< of the finetuning
    run_result* result;       ///< of the finetuning
  };

  /// @return whether all epochs were run
  bool run_epochs(quantization& method, const stage& of, position& at, const supervision& watch);

  /// Writes or reads the state between two steps.
  void archive_state(archive& a, quantization& method, optimizer& update, const stage& of,
                     position& at);
  void archive_model(archive& a);

  batch_result step(quantization& method, const batches& order, std::size_t b, optimizer& update,
                    epoch_record& record, double share);

  /// The first batch of every epoch tells the error.
  void add_penalty(epoch_record& record, bool measured);

  /// Accuracy with the weights on their levels; before, with the same weights not rounded.
  void measure(quantization& method, run_result& result);
  exported_network exported_as(const quantization& method, const run_result& result);

  settings settings_;
  const dataset* data_;
  model model_;
  tensor input_;
  tensor output_gradient_;
  std::vector<int> labels_;
  double last_accuracy_ = std::numeric_limits<double>::quiet_NaN();
  double step_seconds_ = 0;
  std::unique_ptr<float_penalty> penalty_;
  double penalty_seconds_ = 0;
};

}  // namespace detent_trainer
