// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The verbs on one tensor, over each quantizer that it can have.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <numbers>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <trainer/checkpoint/archive.hpp>
#include <trainer/error.hpp>
#include <trainer/export/exported_network.hpp>
#include <trainer/nn/learned_grid.hpp>
#include <trainer/nn/parallel.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/quantized_parameter.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

void require_finite(const parameter& p) {
  for (std::size_t i = 0; i < p.value.size(); ++i) {
    if (std::isfinite(p.value[i])) continue;
    throw error(p.name + ": weight " + std::to_string(i) +
                " is not finite; the training diverged (try a lower --lr)");
  }
}

quantized_parameter::quantized_parameter(parameter& p, int bits, const settings& s,
                                         std::uint32_t number)
    : parameter_{&p},
      bits_{bits},
      settings_{&s},
      quantizer_{detent::rounding{detent::dorefa_grid(detent::bits{bits})}} {
  if (s.learns_grid()) {
    auto options = s.grid_options();
    options.bits = bits;
    options.step = start_step(p.value, detent::bits{bits}, true, s.range);
    options.tensor = number;
    learned_.emplace(options);
    rest();
  } else {
    calibrate();
  }
}

namespace {

/// The grid as it was made: by its step, phase and codes.
void archive_grid(archive& a, detent::uniform<double>& grid) {
  double step = grid.step(), phase = grid.phase();
  int lowest = grid.lowest_code(), highest = grid.highest_code();
  constexpr int most = 1 << detent::max_bits;
  a.finite("step of the grid", step);
  a.finite("phase of the grid", phase);
  a.integer("lowest code", lowest, -most, most);
  a.integer("highest code", highest, -most, most);
  if (!a.is_reading()) return;
  try {
    grid = detent::uniform<double>{detent::step_size{step}, phase, lowest, highest};
  } catch (const detent::invalid_argument& e) {
    a.refuse("step of the grid", e.what());
  }
}

}  // namespace

void quantized_parameter::archive_state(archive& a) {
  a.integer("bits", bits_, 1, detent::max_bits);
  a.finite("output range", output_range_);
  if (!(output_range_ > 0)) a.refuse("output range", "is not above 0");
  if (learned_) learned_->archive_state(a);
  if (uses_tanh()) {
    // Follows the weights, which have been read.
    if (a.is_reading()) refresh();
  } else {
    auto grid = std::visit([](const auto& q) { return q.grid(); }, quantizer_);
    archive_grid(a, grid);
    if (a.is_reading()) quantizer_ = detent::rounding{grid};
  }
  const bool has_levels = a.optional("levels have been counted", !last_levels_.empty());
  if (a.is_reading()) last_levels_.clear();
  if (has_levels) a.numbers("last levels", last_levels_, parameter_->value.size());
}

void quantized_parameter::set_bits(int bits) {
  if (bits == bits_) return;
  bits_ = bits;
  calibrate();
}

void quantized_parameter::learn(double rate_share) {
  if (!learned_) return;
  learned_->descend(rate_share);
  rest();
}

void quantized_parameter::freeze_length() {
  if (learned_) learned_->freeze_length(parameter_->value);
}

void quantized_parameter::refresh() {
  if (uses_tanh()) quantizer_ = dorefa(output_range_);
}

void quantized_parameter::prepare(operand what) {
  if (what == operand::trained) {
    parameter_->operand.clear();
    return;
  }
  parameter_->operand.resize(parameter_->value.size());
  std::vector<float>& out = parameter_->operand;
  std::visit(
      [&](const auto& q) {
        detent::quantize(policy_for(settings_->threads), q, parameter_->value, out);
        if (what == operand::unrounded) {
          for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = q.unrounded(parameter_->value[i]);
        }
      },
      quantizer_);
}

void quantized_parameter::prepare_training() {
  if (!learned_) return prepare(operand::levels);
  parameter_->operand.resize(parameter_->value.size());
  learned_->quantize(settings_->threads, parameter_->value, parameter_->operand);
}

std::size_t quantized_parameter::count_flips() {
  const std::vector<float>& levels = parameter_->operand;
  // A scale that follows the weights moves every level a little; a flip moves by a whole step.
  const double step =
      std::visit([](const auto& q) { return q.gain() * q.grid().step(); }, quantizer_);
  const auto threshold = static_cast<float>(0.5 * step);
  std::size_t changed = 0;
  for (std::size_t i = 0; i < last_levels_.size(); ++i)
    changed += std::abs(last_levels_[i] - levels[i]) > threshold ? 1U : 0U;
  last_levels_ = levels;
  return changed;
}

double quantized_parameter::sensitivity() const {
  return std::visit(
      [&](const auto& q) {
        double sum = 0;
        for (std::size_t i = 0; i < parameter_->value.size(); ++i) {
          const float w = parameter_->value[i];
          const double e = static_cast<double>(q.unrounded(w)) - static_cast<double>(q(w));
          const double cost = static_cast<double>(parameter_->gradient[i]) * e;
          sum += cost * cost;
        }
        return sum;
      },
      quantizer_);
}

double quantized_parameter::waveq_pull(double bit_width) const {
  return std::visit(
      [&](const auto& q) {
        return with_waveq(q, bit_width, [&](const auto& reg) {
          return detent::penalty(policy_for(settings_->threads), reg, parameter_->value).theta[0];
        });
      },
      quantizer_);
}

double quantized_parameter::regularize(double strength, double bit_width) {
  if (strength <= 0) return 0;
  return std::visit(
      [&](const auto& q) {
        const double distance = q.grid().highest() * std::exp2(-bit_width) / std::numbers::pi;
        const double scale = strength * distance * distance * std::exp2(bit_width);
        return with_waveq(q, bit_width, [&](const auto& reg) {
          return detent::accumulate(policy_for(settings_->threads), reg, parameter_->value,
                                    parameter_->gradient, scale)
                     .value /
                 strength;
        });
      },
      quantizer_);
}

void quantized_parameter::lead_back() {
  upstream_.assign(parameter_->gradient.size(), 0.0F);
  std::swap(upstream_, parameter_->gradient);
  if (learned_) {
    learned_->backward(settings_->threads, parameter_->value, upstream_, parameter_->gradient);
    return;
  }
  std::visit(
      [&](const auto& q) {
        detent::backward(policy_for(settings_->threads), q, parameter_->value, upstream_,
                         parameter_->gradient);
      },
      quantizer_);
}

double quantized_parameter::regularize(double strength) {
  if (strength <= 0) return 0;
  // The papers' amplitudes go with the mean over a layer, the squared distance with the sum.
  const bool by_sum = settings_->amplitude == "squared";
  const double scale = by_sum ? strength : strength / static_cast<double>(parameter_->value.size());
  const double value = settings_->extent == "bounded" ? accumulate<detent::extent::bounded>(scale)
                                                      : accumulate<detent::extent::periodic>(scale);
  return value / strength;
}

double quantized_parameter::draw_to_bins(double strength) {
  const auto policy = policy_for(settings_->threads);
  const auto grid = std::visit([](const auto& q) { return q.grid(); }, quantizer_);
  const detent::bin<> penalty{detent::reduce(policy, detent::bins<>{grid}, parameter_->value)};
  return detent::accumulate(policy, penalty, parameter_->value, parameter_->gradient, strength)
             .value /
         strength;
}

void quantized_parameter::snap() {
  detent::snap(std::visit([](const auto& q) { return q.grid(); }, quantizer_), parameter_->value);
}

exported_layer quantized_parameter::exported() const {
  if (bits_ > detent::max_packed_bits) {
    throw error(parameter_->name + ": " + std::to_string(bits_) +
                " bits cannot be exported, at most " + std::to_string(detent::max_packed_bits));
  }
  const detent::bits bits{bits_};
  exported_layer layer;
  layer.count = parameter_->value.size();
  layer.bits = bits_;
  layer.codes.resize(detent::packed_size(layer.count, bits));
  std::visit(
      [&](const auto& q) {
        layer.grid = q.grid();
        layer.gain = q.gain();
        std::vector<float> coordinates(layer.count);
        for (std::size_t i = 0; i < layer.count; ++i)
          coordinates[i] = q.domain()(parameter_->value[i]).value;
        detent::snap(layer.grid, coordinates, detent::packed_codes{layer.codes, bits});
      },
      quantizer_);
  return layer;
}

double quantized_parameter::on_grid_fraction() const {
  return std::visit(
      [&](const auto& q) {
        return detent::reduce(detent::quantization_error{q}, parameter_->value).on_grid_fraction();
      },
      quantizer_);
}

weight_histogram quantized_parameter::histogram() const {
  return std::visit([&](const auto& q) { return histogram_under(q); }, quantizer_);
}

void quantized_parameter::rest() {
  quantizer_ = learned_->at_rest();
  bits_ = learned_->bits();
}

bool quantized_parameter::uses_tanh() const {
  return settings_->quantizer() == "dorefa" && settings_->forward == "quantized";
}

detent::dorefa_weights quantized_parameter::dorefa(double output_range) const {
  const auto magnitudes = detent::reduce(detent::magnitude{}, parameter_->value);
  if (!std::isfinite(magnitudes.maximum())) require_finite(*parameter_);
  if (bits_ == 1) return {detent::bits{1}, magnitudes};
  return {detent::bits{bits_}, magnitudes, output_range};
}

quantized_parameter::any_quantizer quantized_parameter::calibrated() {
  const detent::bits bits{bits_};
  if (uses_tanh()) {
    std::vector<float> levels(parameter_->value.size());
    detent::quantize(dorefa(1.0), parameter_->value, levels);
    const double mean_level = detent::reduce(detent::magnitude{}, levels).mean();
    const double mean = detent::reduce(detent::magnitude{}, parameter_->value).mean();
    output_range_ = mean > 0 && mean_level > 0 ? mean / mean_level : 1.0;
    return dorefa(output_range_);
  }
  const auto unit =
      settings_->quantizer() == "wrpn" ? detent::wrpn_grid(bits) : detent::dorefa_grid(bits);
  return detent::rounding{unit.scaled(range_of(unit, parameter_->value, settings_->range))};
}

template <class Q, class F>
double quantized_parameter::with_waveq(const Q& q, double bit_width, F f) const {
  const double range = q.grid().highest();
  if (settings_->quantizer() == "dorefa") {
    const detent::period<detent::bit_convention::dorefa> period(bit_width, range);
    return f(detent::through(q.domain(), detent::waveq<detent::bit_convention::dorefa>{period}));
  }
  const detent::period<detent::bit_convention::wrpn> period(bit_width, range);
  return f(detent::through(q.domain(), detent::waveq<detent::bit_convention::wrpn>{period}));
}

template <detent::extent Extent>
double quantized_parameter::accumulate(double scale) {
  const auto height = settings_->amplitude == "squared" ? detent::amplitude::squared_distance
                      : settings_->amplitude == "unit"  ? detent::amplitude::unit
                                                        : detent::amplitude::octave;
  return std::visit(
      [&](const auto& q) {
        const auto policy = policy_for(settings_->threads);
        std::vector<float>& gradient = parameter_->gradient;
        if (settings_->domain == "raw") {
          const detent::sinusoidal<Extent> raw{q.grid(), height};
          return detent::accumulate(policy, raw, parameter_->value, gradient, scale).value;
        }
        const auto matched = detent::matched<Extent>(q, height);
        return detent::accumulate(policy, matched, parameter_->value, gradient, scale).value;
      },
      quantizer_);
}

template <class Q>
weight_histogram quantized_parameter::histogram_under(const Q& q) const {
  constexpr std::size_t bins = 96;
  weight_histogram result;
  result.layer = parameter_->name;
  const auto grid = q.grid();
  const double reach = 1.15 * std::max(std::abs(grid.lowest()), std::abs(grid.highest()));
  result.lowest = -reach;
  result.highest = reach;
  std::vector<float> coordinate(parameter_->value.size());
  for (std::size_t i = 0; i < coordinate.size(); ++i)
    coordinate[i] = q.domain()(parameter_->value[i]).value;
  const auto counted = detent::reduce(detent::histogram<bins>{-reach, reach}, coordinate);
  for (const auto count : counted.counts())
    result.counts.push_back(static_cast<std::uint32_t>(count));
  result.counts.front() += static_cast<std::uint32_t>(counted.below());
  result.counts.back() += static_cast<std::uint32_t>(counted.above());
  if (grid.size() <= 64) {
    for (int code = grid.lowest_code(); code <= grid.highest_code(); ++code)
      result.levels.push_back(grid.level(code));
  }
  return result;
}

}  // namespace detent_trainer
