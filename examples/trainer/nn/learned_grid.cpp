// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Learning a grid, and the verbs over every quantizer that it can be.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <trainer/checkpoint/archive.hpp>
#include <trainer/nn/learned_grid.hpp>
#include <trainer/nn/parallel.hpp>

namespace detent_trainer {

double range_of(const detent::uniform<double>& unit_grid, std::span<const float> numbers,
                std::string_view range) {
  if (range == "fit") return detent::fit_range(unit_grid, numbers);
  const double extent = detent::reduce(detent::magnitude{}, numbers).maximum();
  return extent * unit_grid.step() >= detent::min_step ? extent : 1;
}

double start_step(std::span<const float> numbers, detent::bits bits, bool has_sign,
                  std::string_view start) {
  if (start == "extent") {
    const auto seen = detent::reduce(detent::magnitude{}, numbers);
    const auto range = has_sign ? detent::noisy_range::weights(bits, seen)
                                : detent::noisy_range::activations(bits, seen);
    return range.step.value();
  }
  const double highest = has_sign ? bits.codes() / 2 : bits.codes() - 1;
  const detent::step_size unit{1 / highest};
  const auto grid =
      has_sign ? detent::twos_complement_grid(bits, unit) : detent::unsigned_grid(bits, unit);
  return detent::fit_range(grid, numbers) / highest;
}

double steadied_slope::operator()(double slope) {
  ++steps_;
  mean_ += (1 - decay_mean) * (slope - mean_);
  square_ += (1 - decay_square) * (slope * slope - square_);
  const double mean = mean_ / (1 - std::pow(decay_mean, steps_));
  const double square = square_ / (1 - std::pow(decay_square, steps_));
  return square > 0 ? mean / std::sqrt(square) : 0;
}

void steadied_slope::archive_state(archive& a) {
  a.number("mean slope", mean_);
  a.number("mean square of slopes", square_);
  a.integer("slopes", steps_, 0, std::numeric_limits<int>::max());
}

namespace {

void archive_scale(archive& a, std::string_view name, detent::positive& scale) {
  double logarithm = scale.logarithm();
  a.finite(name, logarithm);
  try {
    scale = detent::positive::restored(logarithm);
  } catch (const detent::invalid_argument& e) {
    a.refuse(name, e.what());
  }
}

}  // namespace

void learned_grid::archive_state(archive& a) {
  archive_scale(a, "ln of the step", step_);
  archive_scale(a, "ln of the noise", noise_);
  a.integer("step of the draws", draws_.step, 0, std::numeric_limits<std::uint32_t>::max());
  step_slope_.archive_state(a);
  noise_slope_.archive_state(a);
  bool is_final = length_.has_value();
  a.flag("bit-length is final", is_final);
  if (is_final) {
    int length = length_.value_or(0);
    a.integer("bit-length", length, fewest_gated_bits, options_.bits);
    length_ = length;
  }
  if (!gates_) return;
  std::vector<double> logits(gates_->logits().begin(), gates_->logits().end());
  a.numbers("logits of the gates", logits, gates_->size());
  try {
    gates_->restore(logits);
  } catch (const detent::invalid_argument& e) {
    a.refuse("logits of the gates", e.what());
  }
  for (steadied_slope& slope : gate_slopes_)
    slope.archive_state(a);
}

learned_grid::learned_grid(const learned_grid_options& options)
    : options_{options}, step_{options.step}, noise_{options.step / 3} {
  draws_.seed = options.seed;
  draws_.tensor = options.tensor;
  if (options.has_gates && options.bits > fewest_gated_bits) {
    gates_.emplace(detent::bits{options.bits}, detent::bits{fewest_gated_bits});
    gate_slopes_.resize(gates_->size());
    sample_gates();
  }
}

void learned_grid::descend(double rate_share) {
  if (slopes_.empty()) return;
  const double rate = options_.scale_rate * rate_share;
  learn(step_, step_slope_, slopes_[0], rate);
  if (slopes_.size() > 1) {
    learn(noise_, noise_slope_, slopes_[1], rate);
    // A grid without noise has no gradient left, one with more than this no levels.
    const double held = std::clamp(noise_.value(), 0.05 * step_.value(), 2 * step_.value());
    if (held != noise_.value()) noise_ = detent::positive{held};
  }
  if (gates_) learn_gates(rate_share);
  slopes_.clear();
}

void learned_grid::freeze_length(std::span<const float> numbers) {
  if (!options_.learns_length || !gates_ || length_) return;
  length_ = gates_->length().count();
  if (*length_ == options_.bits) return;
  const double ratio = noise_.value() / step_.value();
  const detent::bits kept{*length_};
  step_ = detent::positive{start_step(numbers, kept, options_.has_sign, "fit")};
  noise_ = detent::positive{ratio * step_.value()};
  step_slope_ = noise_slope_ = {};
}

int learned_grid::bits() const {
  if (length_) return *length_;
  return options_.learns_length && gates_ ? gates_->length().count() : options_.bits;
}

std::vector<double> learned_grid::open_gates() const {
  std::vector<double> result;
  for (std::size_t k = 0; gates_ && k < gates_->size(); ++k)
    result.push_back(is_dropped(k) ? 0.0 : gates_->open(k));
  return result;
}

void learned_grid::learn(detent::positive& scale, steadied_slope& slope, double by_scale,
                         double rate) {
  const double value = scale.value();
  // `positive` descends in the logarithm, whose slope is the scale's times its value.
  scale.descend(slope(by_scale * value) / value, rate);
}

void learned_grid::learn_gates(double rate_share) {
  const auto bits = gates_->penalty();
  const double price = length_ ? 0 : options_.bit_price;  // what is kept has been paid for
  std::vector<double> directions;
  for (std::size_t k = 0; k < gates_->size(); ++k) {
    const double by_task = slopes_[2 + k] * masks_[k].slope;
    const double direction = gate_slopes_[k](by_task + price * bits.slopes[k]);
    directions.push_back(is_dropped(k) ? 0.0 : direction);
  }
  gates_->descend(directions, options_.gate_rate * rate_share);
}

bool learned_grid::is_dropped(std::size_t gate) const {
  return length_ && fewest_gated_bits + static_cast<int>(gate) >= *length_;
}

void learned_grid::sample_gates() {
  masks_ = gates_->sample(draws_);
  for (std::size_t k = 0; k < masks_.size(); ++k) {
    if (is_dropped(k)) masks_[k] = {0, 0};
  }
}

detent::uniform<double> learned_grid::grid_of(int bits) const {
  const detent::step_size step{step_.value()};
  return options_.has_sign ? detent::twos_complement_grid(detent::bits{bits}, step)
                           : detent::unsigned_grid(detent::bits{bits}, step);
}

template <class F>
void learned_grid::with_quantizer(F f) const {
  using enum grid_method;
  switch (options_.method) {
    case lsq:
      return f(detent::lsq{grid()});
    case relaxed:
      return f(detent::relaxed<>{grid(), noise_.value(), draws_});
    case relaxed_straight_through:
      return f(detent::relaxed<detent::relaxed_output::straight_through>{grid(), noise_.value(),
                                                                         draws_});
    case semi_relaxed:
      return with_semi_relaxed<detent::relaxed_classes::chosen>(f);
    case semi_relaxed_all:
      return with_semi_relaxed<detent::relaxed_classes::all>(f);
  }
}

template <detent::relaxed_classes Classes, class F>
void learned_grid::with_semi_relaxed(F f) const {
  if (!gates_) return f(detent::semi_relaxed<Classes>{grid(), noise_.value()});
  with_drop_bits<Classes>(f, std::make_index_sequence<most_gated_bits - fewest_gated_bits>());
}

template <detent::relaxed_classes Classes, class F, std::size_t... Fewer>
void learned_grid::with_drop_bits(F f, std::index_sequence<Fewer...>) const {
  const auto try_gates = [&]<int Gates>() {
    if (gates_->size() != Gates) return;
    std::array<double, Gates> masks{};
    for (std::size_t k = 0; k < Gates; ++k)
      masks[k] = masks_[k].mask;
    f(detent::drop_bits<Gates, detent::mask_sharing::bitwise, Classes>{
        detent::bits{options_.bits}, detent::step_size{step_.value()}, noise_.value(), masks});
  };
  (try_gates.template operator()<static_cast<int>(Fewer) + 1>(), ...);
}

void learned_grid::quantize(int threads, std::span<const float> x, std::span<float> out) {
  ++draws_.step;
  if (gates_) sample_gates();
  with_quantizer([&](const auto& q) { detent::quantize(policy_for(threads), q, x, out); });
}

void learned_grid::backward(int threads, std::span<const float> x, std::span<const float> upstream,
                            std::span<float> gradient) {
  with_quantizer([&](const auto& q) {
    const auto r = detent::backward(policy_for(threads), q, x, upstream, gradient);
    slopes_.assign(r.theta.begin(), r.theta.end());
  });
}

}  // namespace detent_trainer
