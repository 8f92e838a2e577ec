// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The steps and epochs of a run, and what is measured at its end.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <limits>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <trainer/checkpoint/archive.hpp>
#include <trainer/checkpoint/checkpoint.hpp>
#include <trainer/checkpoint/records.hpp>
#include <trainer/data/batches.hpp>
#include <trainer/data/dataset.hpp>
#include <trainer/error.hpp>
#include <trainer/evaluation.hpp>
#include <trainer/export/exported_network.hpp>
#include <trainer/float_penalty.hpp>
#include <trainer/method.hpp>
#include <trainer/nn/architectures.hpp>
#include <trainer/nn/batch_norm.hpp>
#include <trainer/nn/learned_grid.hpp>
#include <trainer/nn/loss.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/optimizer.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/post_training.hpp>
#include <trainer/quantization.hpp>
#include <trainer/report/interrupt.hpp>
#include <trainer/report/progress.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>
#include <trainer/training.hpp>

namespace detent_trainer {

namespace {

/// A figure that does not exist.
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// The settings that a method implies.
settings completed(settings s) {
  if (s.method == "waveq") s.forward = "float";
  if (s.learns_bits()) s.bits = static_cast<int>(std::lround(s.target_bits));
  return s;
}

}  // namespace

double learning_rate_at(double share, double rate, std::string_view schedule) {
  if (schedule == "constant") return rate;
  return rate * 0.5 * (1 + std::cos(std::numbers::pi * share));
}

double strength_at(double share, double strength, double ramp) {
  if (ramp <= 0) return strength;
  return strength * 0.5 * (1 + std::tanh((share - ramp) / 0.05));
}

double decoupled(double strength, double first, double now) {
  constexpr double most = 0.05;  // 2·rate·strength is the share of the way
  if (now <= 0) return strength;
  return std::max(strength, std::min(strength * first / now, most / now));
}

namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Up to eight epochs, evenly spread, the last among them.
bool keeps_histogram(int epoch, int epochs) {
  const int stride = (epochs + 7) / 8;
  return (epochs - 1 - epoch) % stride == 0;
}

}  // namespace

bool supervision::stop() const {
  return interrupt != nullptr && interrupt->requested();
}

training::training(const settings& s, const dataset& data)
    : settings_{completed(s)},
      data_{&data},
      model_{make_model(s.model, data.train.shape, data.train.classes, s.seed)} {
  check(settings_);
  model_.set_threads(settings_.threads);
}

training::~training() = default;

void training::require_layers() {
  require_known_layers(model_, settings_);
}

namespace {

/// What a checkpoint is of.
enum class kept_state { pretraining, pretrained, finetuning, finished };

void archive_kind(archive& a, kept_state& kind) {
  a.integer("state", kind, 0, 3);
}

void archive_start(archive& a, pretrained& start) {
  a.list("start", start.weights,
         [](archive& of, std::vector<float>& numbers) { of.numbers("numbers", numbers); });
  a.finite("start, validation accuracy", start.validation_accuracy);
  a.finite("start, test accuracy", start.test_accuracy);
}

/// The kind of the state in a checkpoint; nothing where there is none.
std::optional<kept_state> kind_of(const checkpoint* kept) {
  if (kept == nullptr || !kept->has_state()) return std::nullopt;
  archive a = kept->reader();
  kept_state kind{};
  archive_kind(a, kind);
  return kind;
}

/// The network that a checkpoint says the finetuning starts from.
pretrained kept_start(const checkpoint& kept) {
  archive a = kept.reader();
  kept_state kind{};
  archive_kind(a, kind);
  pretrained start;
  archive_start(a, start);
  return start;
}

}  // namespace

std::optional<run_result> finished_run(const checkpoint& kept) {
  if (kind_of(&kept) != kept_state::finished) return std::nullopt;
  archive a = kept.reader();
  kept_state kind{};
  archive_kind(a, kind);
  run_result result;
  archive_record(a, result);
  a.expect_end();
  return result;
}

void keep_finished_run(checkpoint& kept, run_result result) {
  kept.save([&](archive& a) {
    kept_state kind = kept_state::finished;
    archive_kind(a, kind);
    archive_record(a, result);
  });
}

pretrained training::pretrain(const supervision& watch) {
  const auto kept = kind_of(watch.kept);
  if (kept && *kept != kept_state::pretraining) return kept_start(*watch.kept);
  settings plain = settings_;
  plain.method = "none";
  plain.activation_bits = 32;
  penalty_.reset();
  quantization none{model_, plain};
  const stage of{settings_.pretrain_epochs,
                 settings_.pretrain_learning_rate,
                 "cosine",
                 "full precision seed " + std::to_string(settings_.seed),
                 stage_seed(0),
                 nullptr,
                 nullptr};
  position at;
  const bool is_whole = run_epochs(none, of, at, watch);
  if (watch.kept != nullptr && watch.kept->is_interrupted()) return {};
  pretrained start{model_.state(), accuracy(model_, data_->validation),
                   accuracy(model_, data_->test)};
  if (is_whole && watch.kept != nullptr) {
    watch.kept->save([&](archive& a) {
      kept_state kind = kept_state::pretrained;
      archive_kind(a, kind);
      archive_start(a, start);
    });
  }
  return start;
}

run_result training::finetune(const pretrained& given, const supervision& watch,
                              exported_network* exported) {
  const bool goes_on = kind_of(watch.kept) == kept_state::finetuning;
  const pretrained start = goes_on ? kept_start(*watch.kept) : given;
  model_.load(start.weights);
  const std::size_t steps = data_->train.size() / static_cast<std::size_t>(settings_.batch_size) *
                            static_cast<std::size_t>(settings_.epochs);
  // First of all: it tells which weights are not finite.
  quantization method{model_, settings_, steps};
  quantize_activations();
  penalty_.reset();
  run_result result = described(settings_, data_->name);
  result.test_images = data_->test.size();
  result.full_precision_accuracy = start.test_accuracy;
  const stage of{settings_.epochs,
                 settings_.learning_rate,
                 settings_.lr_schedule,
                 settings_.label(),
                 stage_seed(1),
                 &start,
                 &result};
  position at;
  run_epochs(method, of, at, watch);
  if (watch.kept != nullptr && watch.kept->is_interrupted()) return result;
  // 0 / 0 without a step: no figure.
  result.seconds_per_epoch = result.epochs > 0 ? at.all_seconds / result.epochs : nothing;
  result.regularizer_share = step_seconds_ > 0
                                 ? (method.regularizer_seconds() + penalty_seconds_) / step_seconds_
                                 : nothing;
  result.post_training = post_training_accuracies(model_, method, settings_, *data_);
  measure(method, result);
  if (exported != nullptr) *exported = exported_as(method, result);
  if (watch.shown != nullptr) watch.shown->end_run(settings_.label());
  return result;
}

void training::archive_model(archive& a) {
  const auto numbers = [&](std::vector<float>& values) {
    a.numbers("numbers", values, values.size());
  };
  model_.visit([&](parameter& p) { numbers(p.value); });
  model_.for_each_layer([&](layer& one) {
    // Layers inside layers are visited themselves.
    if (auto* norm = dynamic_cast<batch_norm*>(&one)) norm->visit_state(numbers);
  });
  model_.for_each_relu([&](relu& r) {
    a.integer("activation bits", r.bits, 1, 32);
    a.number("activation range", r.range);
    if (!(r.range > 0)) a.refuse("activation range", "is not above 0");
    if (r.learned) r.learned->archive_state(a);
  });
}

void training::archive_state(archive& a, quantization& method, optimizer& update, const stage& of,
                             position& at) {
  kept_state kind = of.result == nullptr ? kept_state::pretraining : kept_state::finetuning;
  archive_kind(a, kind);
  if (of.start != nullptr) {
    pretrained start = *of.start;
    archive_start(a, start);
  }
  archive_model(a);
  update.archive_state(a, model_);
  method.archive_state(a);
  const bool has_penalty = a.optional("penalty", penalty_ != nullptr);
  if (has_penalty && !penalty_) penalty_ = std::make_unique<float_penalty>(model_, settings_);
  if (has_penalty) penalty_->archive_state(a);
  const auto count = static_cast<std::int64_t>(data_->train.size()) / settings_.batch_size;
  a.integer("epochs that have ended", at.epoch, 0, of.epochs);
  a.integer("steps of the epoch", at.batch, 0, count);
  archive_record(a, at.record);
  a.finite("right answers of the epoch", at.correct);
  a.number("seconds of the epoch", at.seconds);
  a.number("seconds before", at.all_seconds);
  a.number("last accuracy", last_accuracy_);
  a.number("seconds of steps", step_seconds_);
  a.number("seconds of the penalty", penalty_seconds_);
  if (of.result != nullptr) archive_record(a, *of.result);
}

run_result described(const settings& asked, const std::string& data) {
  const settings s = completed(asked);
  run_result r;
  r.model = s.model;
  r.data = data;
  r.method = s.method;
  r.bits = s.quantizer() == "none" ? 32 : s.bits;
  r.activation_bits = s.activation_bits;
  if (s.learns_bits()) r.target_bits = s.target_bits;
  r.seed = s.seed;
  r.lr_schedule = s.lr_schedule;
  r.forward = s.quantizer() == "none" ? "float" : s.forward;
  r.first_last = s.first_last;
  r.learning_rate = s.learning_rate;
  const bool has_strength = s.regularized() || s.learns_lengths() || is_float_penalty(s.method);
  r.strength = has_strength ? s.strength : 0;
  if (s.penalizes_gradients()) r.activation_strength = s.activation_strength;
  if (is_float_penalty(s.method)) r.start_epoch = s.start_epoch;
  if (s.method == "bin") r.grid_bits = s.bits;
  r.domain = s.domain;
  return r;
}

run_result failed_run(const settings& s, const std::string& data, const std::string& reason) {
  run_result r = described(s, data);
  r.failure = reason;
  for (double run_result::*figure :
       {&run_result::validation_accuracy, &run_result::test_accuracy,
        &run_result::full_precision_accuracy, &run_result::average_bits,
        &run_result::on_grid_fraction, &run_result::snap_loss, &run_result::flips_per_step,
        &run_result::seconds_per_epoch, &run_result::regularizer_share})
    r.*figure = nothing;
  return r;
}

void training::quantize_activations() {
  if (settings_.activation_bits == 32) return;
  const detent::bits bits{settings_.activation_bits};
  show_training_images(model_, *data_);
  if (settings_.learns_grid()) return learn_activations(bits);
  round_activations(model_, bits, settings_.range);
}

void training::learn_activations(detent::bits bits) {
  constexpr std::uint32_t first_number = 1U << 16;  // behind the weights'
  auto options = settings_.grid_options();
  options.bits = bits.count();
  options.has_sign = false;
  options.has_gates = false;
  options.tensor = first_number;
  model_.for_each_relu([&](relu& r) {
    options.step = start_step(r.output().data, bits, false, settings_.range);
    r.learned.emplace(options);
    ++options.tensor;
  });
}

void training::learn_grids(quantization& method, double rate, double share) {
  const double rate_share = rate / settings_.learning_rate;
  method.learn_grids(rate_share, share);
  model_.for_each_relu([&](relu& r) {
    if (r.learned) r.learned->descend(rate_share);
  });
}

std::unique_ptr<optimizer> training::make_optimizer() const {
  if (settings_.optimizer == "adam") {
    return std::make_unique<adam>(adam_options{.weight_decay = settings_.weight_decay});
  }
  return std::make_unique<sgd>(sgd_options{settings_.momentum, settings_.weight_decay});
}

bool training::run_epochs(quantization& method, const stage& of, position& at,
                          const supervision& watch) {
  const auto use = settings_.augment ? batch_use::augmented_training : batch_use::training;
  batches order{data_->train, static_cast<std::size_t>(settings_.batch_size), of.seed, use};
  const std::unique_ptr<optimizer> update = make_optimizer();
  run_result* const result = of.result;
  const auto kind = result == nullptr ? kept_state::pretraining : kept_state::finetuning;
  if (kind_of(watch.kept) == kind) {
    archive a = watch.kept->reader();
    archive_state(a, method, *update, of, at);
    a.expect_end();
  }
  auto begin = std::chrono::steady_clock::now();
  const auto keep = [&] {
    const auto now = std::chrono::steady_clock::now();
    at.seconds += std::chrono::duration<double>(now - begin).count();
    begin = now;
    return watch.kept->save([&](archive& a) { archive_state(a, method, *update, of, at); });
  };
  // Without a checkpoint, or where it cannot be written, the run ends after the epoch.
  const auto is_ended = [&] {
    if (watch.kept == nullptr || !watch.stop() || !keep()) return false;
    watch.kept->interrupt();
    return true;
  };
  const double total = static_cast<double>(of.epochs) * static_cast<double>(order.count());
  for (; at.epoch < of.epochs; ++at.epoch) {
    const int epoch = at.epoch;
    epoch_record& record = at.record;
    if (watch.stop() && (watch.kept == nullptr || is_ended() || at.batch == 0)) {
      if (result != nullptr) result->interrupted = true;
      return false;
    }
    begin = std::chrono::steady_clock::now();
    order.start_epoch(static_cast<std::uint64_t>(epoch));
    record.epoch = epoch + 1;
    const bool penalized = result != nullptr && is_float_penalty(settings_.method) &&
                           record.epoch >= settings_.start_epoch;
    if (penalized && !penalty_) penalty_ = std::make_unique<float_penalty>(model_, settings_);
    while (at.batch < order.count()) {
      const std::size_t b = at.batch;
      const double share =
          (epoch * static_cast<double>(order.count()) + static_cast<double>(b)) / total;
      record.learning_rate = learning_rate_at(share, of.rate, of.schedule);
      record.strength = settings_.regularized() && result != nullptr
                            ? strength_at(share, settings_.strength, settings_.ramp)
                        : penalized ? settings_.strength
                                    : 0;
      if (settings_.decouples()) {
        record.strength = decoupled(record.strength, of.rate, record.learning_rate);
      }
      const auto step_begin = std::chrono::steady_clock::now();
      const batch_result r = step(method, order, b, *update, record, share);
      if (!std::isfinite(r.loss)) {
        throw error(of.label + ": the loss is not finite; try a lower " +
                    (result != nullptr ? "--lr" : "--pretrain-lr"));
      }
      const bool counts = penalized || !is_float_penalty(settings_.method);
      if (result != nullptr && counts) step_seconds_ += seconds_since(step_begin);
      record.task_loss += (r.loss - record.task_loss) / static_cast<double>(b + 1);
      at.correct += r.correct;
      ++at.batch;
      if (watch.shown != nullptr) {
        watch.shown->update({of.label, epoch, of.epochs,
                             static_cast<double>(b + 1) / static_cast<double>(order.count()),
                             record.task_loss, last_accuracy_, method.average_bits()});
      }
      if (watch.kept == nullptr) continue;
      if (is_ended()) {
        if (result != nullptr) result->interrupted = true;
        return false;
      }
      if (watch.kept->step() && at.batch < order.count()) keep();
    }
    record.train_accuracy = at.correct / static_cast<double>(order.count() * order.batch_size());
    if (method.active() && method.quantized_forward()) method.use(operand::levels);
    record.validation_accuracy = accuracy(model_, data_->validation);
    last_accuracy_ = record.validation_accuracy;
    record.flips_per_step = method.flips_per_step();
    record.on_grid_fraction = method.on_grid_fraction();
    record.bit_widths = method.bit_widths();
    record.gates = method.gates();
    record.seconds = at.seconds + seconds_since(begin);
    at.all_seconds += record.seconds;
    if (watch.shown != nullptr) {
      watch.shown->end_epoch({of.label, epoch + 1, of.epochs, 0, record.task_loss, last_accuracy_,
                              method.average_bits()});
    }
    if (result != nullptr) {
      if (keeps_histogram(epoch, of.epochs)) record.histograms = method.histograms();
      result->history.push_back(std::move(record));
      result->epochs = epoch + 1;
    }
    at = {epoch, 0, {}, 0, 0, at.all_seconds};
    if (watch.kept != nullptr) {
      at.epoch = epoch + 1;
      begin = std::chrono::steady_clock::now();
      keep();
      at.epoch = epoch;
    }
  }
  return true;
}

batch_result training::step(quantization& method, const batches& order, std::size_t b,
                            optimizer& update, epoch_record& record, double share) {
  input_.resize(static_cast<int>(order.batch_size()), data_->train.shape);
  labels_.resize(order.batch_size());
  order.fill(b, input_.data.data(), labels_.data());
  model_.zero_gradients();
  method.prepare();
  const tensor& outputs = model_.forward(input_, true);
  const batch_result r = softmax_cross_entropy(outputs, labels_, &output_gradient_);
  if (!std::isfinite(r.loss)) return r;
  model_.backward(output_gradient_);
  record.penalty = method.finish_gradients(record.strength, share);
  if (penalty_) add_penalty(record, b == 0);
  if (settings_.learns_grid()) learn_grids(method, record.learning_rate, share);
  update.step(model_, record.learning_rate);
  return r;
}

void training::add_penalty(epoch_record& record, bool measured) {
  const auto begin = std::chrono::steady_clock::now();
  const auto evaluate = [&] {
    softmax_cross_entropy(model_.forward(input_, true), labels_, &output_gradient_);
    model_.backward(output_gradient_);
  };
  const penalty_figures figures = penalty_->add(evaluate, measured);
  record.penalty = figures.value;
  if (measured) record.difference_error = figures.difference_error;
  penalty_seconds_ += seconds_since(begin);
}

void training::measure(quantization& method, run_result& result) {
  result.average_bits = method.average_bits();
  if (!method.active()) {
    result.validation_accuracy = accuracy(model_, data_->validation);
    result.test_accuracy = accuracy(model_, data_->test);
    result.layers = method.layers();
    return;
  }
  if (!result.history.empty()) result.flips_per_step = result.history.back().flips_per_step;
  result.on_grid_fraction = method.on_grid_fraction();
  result.layers = method.layers();
  if (method.quantized_forward()) method.use(operand::unrounded);
  const double before = accuracy(model_, data_->test);
  if (method.quantized_forward()) {
    method.use(operand::levels);
  } else {
    method.snap();
  }
  result.validation_accuracy = accuracy(model_, data_->validation);
  result.test_accuracy = accuracy(model_, data_->test);
  result.snap_loss = before - result.test_accuracy;
}

exported_network training::exported_as(const quantization& method, const run_result& result) {
  exported_network network;
  network.model = settings_.model;
  network.method = settings_.method;
  network.input = model_.input_shape();
  network.classes = data_->train.classes;
  network.test_accuracy = result.test_accuracy;
  network.activation_bits = settings_.activation_bits;
  if (settings_.activation_bits != 32) {
    model_.for_each_relu([&](const relu& r) { network.activation_ranges.push_back(r.range); });
  }
  network.layers = method.exported();
  for_each_named(model_, [&](const std::string& name, const std::vector<float>& numbers) {
    if (!network.layers.contains(name)) network.numbers[name] = numbers;
  });
  return network;
}

}  // namespace detent_trainer
