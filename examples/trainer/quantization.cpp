// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// What a step does to all quantized tensors, and the phases of the search for bits.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <limits>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <trainer/checkpoint/archive.hpp>
#include <trainer/error.hpp>
#include <trainer/export/exported_network.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/quantization.hpp>
#include <trainer/quantized_parameter.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

std::string layer_name(const parameter& p) {
  return p.name.substr(0, p.name.rfind('.'));
}

void require_known_layers(model& m, const settings& s) {
  std::string known;
  std::set<std::string> names;
  m.visit([&](const parameter& p) {
    if (!p.quantizable) return;
    names.insert(layer_name(p));
    known += (known.empty() ? "" : ", ") + layer_name(p);
  });
  const auto require = [&](const std::string& argument, const auto& exceptions) {
    for (const auto& [name, bits] : exceptions) {
      if (names.contains(name)) continue;
      throw error(argument + ": there is no layer '" + name + "'; there are " + known);
    }
  };
  require("--layer-bits", s.layer_bits);
  require("--start-bits", s.start_bits);
}

namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

quantization::quantization(model& m, const settings& s, std::size_t steps) : settings_{&s} {
  require_known_layers(m, s);
  std::vector<parameter*> candidates;
  m.visit([&](parameter& p) {
    if (p.quantizable) candidates.push_back(&p);
  });
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool at_end = i == 0 || i + 1 == candidates.size();
    all_.push_back({candidates[i], bits_of(*candidates[i], at_end)});
  }
  for (std::size_t i = 0; i < all_.size(); ++i) {
    auto& [p, bits] = all_[i];
    require_finite(*p);
    if (bits < 32) tensors_.emplace_back(*p, bits, s, static_cast<std::uint32_t>(i));
  }
  if (s.learns_bits() && active()) start_search(steps);
}

void quantization::prepare() {
  if (!quantized_forward()) return;
  for (auto& t : tensors_) {
    t.refresh();
    t.prepare_training();
    flips_ += t.count_flips();
  }
  if (stepped_) ++comparisons_;
  stepped_ = true;
}

double quantization::finish_gradients(double strength, double share) {
  const std::vector<double> pulls = searching() ? pulls_on_bits() : std::vector<double>();
  if (quantized_forward()) {
    for (auto& t : tensors_)
      t.lead_back();
  }
  const auto begin = std::chrono::steady_clock::now();
  double value = 0;
  for (std::size_t l = 0; l < tensors_.size(); ++l) {
    value += searching() ? tensors_[l].regularize(strength, search_->bit_widths()[l])
                         : tensors_[l].regularize(strength);
  }
  if (searching()) step_bits(pulls, share);
  regularizer_seconds_ += seconds_since(begin);
  return value;
}

double quantization::draw_to_bins(double strength) {
  double value = 0;
  for (auto& t : tensors_)
    value += t.draw_to_bins(strength);
  return value;
}

void quantization::learn_grids(double rate_share, double share) {
  if (!settings_->learns_grid()) return;
  constexpr double frozen = 0.5;  // as learned bit-widths are
  for (auto& t : tensors_) {
    t.learn(rate_share);
    if (share >= frozen) t.freeze_length();
  }
  take_bits();
}

std::vector<gated_layer> quantization::gates() const {
  std::vector<gated_layer> result;
  for (const auto& t : tensors_) {
    if (!t.learned() || t.learned()->open_gates().empty()) continue;
    result.push_back({t.of().name, t.bits(), t.learned()->open_gates()});
  }
  return result;
}

std::vector<learned_width> quantization::bit_widths() const {
  std::vector<learned_width> result;
  if (!search_) return result;
  for (std::size_t l = 0; l < tensors_.size(); ++l) {
    result.push_back({tensors_[l].of().name, search_->bit_widths()[l], 0, 0});
    if (search_->history().empty()) continue;
    result.back().data_pull = search_->history().back().data_pulls[l];
    result.back().bit_pull = search_->history().back().strength;
  }
  return result;
}

namespace {

template <class Number>
void archive_numbers(archive& a, std::string_view name, detent::numbers<Number>& values) {
  std::vector<Number> copy(values.begin(), values.end());
  a.numbers(name, copy);
  if (a.is_reading()) values = copy;
}

void archive_search(archive& a, std::optional<detent::bitwidth_search>& search) {
  detent::bitwidth_state state = search->state();
  a.finite("target bits", state.options.target_bits);
  a.finite("min bits", state.options.min_bits);
  a.finite("max bits", state.options.max_bits);
  a.finite("start bits", state.options.start_bits);
  a.finite("rate of the bits", state.options.rate);
  a.finite("momentum of the bits", state.options.momentum);
  archive_numbers(a, "costs", state.costs);
  archive_numbers(a, "bit-widths", state.bit_widths);
  archive_numbers(a, "smoothed pulls", state.smoothed);
  a.number("size of the pulls", state.size);
  a.number("weight of the pulls", state.weight);
  archive_numbers(a, "clamped", state.clamped);
  a.integer("steps of the search", state.steps);
  a.flag("bits are frozen", state.frozen);
  a.list("history of the search", state.history, [](archive& of, detent::bitwidth_record& record) {
    of.integer("step", record.step);
    of.number("strength", record.strength);
    archive_numbers(of, "bit-widths", record.bit_widths);
    archive_numbers(of, "data pulls", record.data_pulls);
  });
  if (!a.is_reading()) return;
  if (state.options != search->state().options || state.costs != search->state().costs) {
    a.refuse("target bits", "and the costs belong to another search");
  }
  try {
    search = detent::bitwidth_search::restored(std::move(state));
  } catch (const detent::invalid_argument& e) {
    a.refuse("history of the search", std::string("ends a state that no search has: ") + e.what());
  }
}

}  // namespace

void quantization::archive_state(archive& a) {
  a.integer("flips", flips_, 0);
  a.number("comparisons", comparisons_);
  a.flag("has stepped", stepped_);
  a.number("seconds of the regularizer", regularizer_seconds_);
  for (auto& t : tensors_)
    t.archive_state(a);
  if (search_) archive_search(a, search_);
  if (a.is_reading()) take_bits();
}

void quantization::use(operand what) {
  for (auto& t : tensors_) {
    t.refresh();
    t.prepare(what);
  }
}

void quantization::snap() {
  for (auto& t : tensors_) {
    if (!settings_->regularized()) t.calibrate();
    t.snap();
  }
}

void quantization::calibrate() {
  for (auto& t : tensors_)
    t.calibrate();
}

double quantization::flips_per_step() {
  if (!active() || comparisons_ == 0) return std::numeric_limits<double>::quiet_NaN();
  const double weights = static_cast<double>(quantized_weights());
  const double share = static_cast<double>(flips_) / weights / comparisons_;
  flips_ = 0;
  comparisons_ = 0;
  return share;
}

double quantization::on_grid_fraction() const {
  double on_grid = 0;
  for (const auto& t : tensors_)
    on_grid += t.on_grid_fraction() * static_cast<double>(t.of().value.size());
  return tensors_.empty() ? 0 : on_grid / static_cast<double>(quantized_weights());
}

double quantization::average_bits() const {
  double bits = 0, weights = 0;
  for (const auto& [p, b] : all_) {
    bits += b * static_cast<double>(p->value.size());
    weights += static_cast<double>(p->value.size());
  }
  return weights > 0 ? bits / weights : 0;
}

std::vector<layer_result> quantization::layers() const {
  std::vector<layer_result> result;
  for (const auto& [p, bits] : all_)
    result.push_back({p->name, p->value.size(), bits, 0});
  for (const auto& t : tensors_) {
    for (auto& layer : result) {
      if (layer.name == t.of().name) layer.on_grid_fraction = t.on_grid_fraction();
    }
  }
  return result;
}

std::map<std::string, exported_layer> quantization::exported() const {
  std::map<std::string, exported_layer> result;
  for (const auto& t : tensors_)
    result.emplace(t.of().name, t.exported());
  return result;
}

std::vector<weight_histogram> quantization::histograms() const {
  std::vector<weight_histogram> result;
  for (const auto& t : tensors_)
    result.push_back(t.histogram());
  return result;
}

int quantization::bits_of(const parameter& p, bool at_end) const {
  if (settings_->quantizer() == "none") return 32;
  const auto exception = settings_->layer_bits.find(layer_name(p));
  if (exception != settings_->layer_bits.end()) return exception->second;
  if (at_end && settings_->first_last == "8bit") return std::max(8, settings_->bits);
  if (at_end && settings_->first_last == "float") return 32;
  return settings_->learns_bits() ? most_learned_bits : settings_->bits;
}

void quantization::start_search(std::size_t steps) {
  // From where the layers start to where they rest may be all the way, but no step is a jump.
  const double rate = std::min(0.1, 37.5 / static_cast<double>(std::max<std::size_t>(1, steps)));
  std::vector<double> costs, start;
  for (const auto& t : tensors_) {
    const parameter& p = t.of();
    costs.push_back(
        static_cast<double>(settings_->bit_cost == "weights" ? p.value.size() : p.operations));
    const auto own = settings_->start_bits.find(layer_name(p));
    start.push_back(own == settings_->start_bits.end() ? most_learned_bits : own->second);
  }
  search_.emplace(std::move(costs),
                  detent::bitwidth_options{.target_bits = settings_->target_bits,
                                           .min_bits = fewest_learned_bits,
                                           .max_bits = most_learned_bits,
                                           .rate = rate},
                  std::move(start));
  set_learned_bits();
}

std::vector<double> quantization::pulls_on_bits() const {
  std::vector<double> pulls;
  for (std::size_t l = 0; l < tensors_.size(); ++l) {
    const double bit_width = search_->bit_widths()[l];
    if (settings_->pull == "waveq") {
      pulls.push_back(tensors_[l].waveq_pull(bit_width));
    } else {
      const double between = std::exp2(2 * (tensors_[l].bits() - bit_width));
      pulls.push_back(-2 * std::numbers::ln2 * between * tensors_[l].sensitivity());
    }
  }
  return pulls;
}

void quantization::step_bits(const std::vector<double>& pulls, double share) {
  constexpr double begin = 0.1, arrived = 0.4, frozen = 0.5;
  search_->step(pulls, search_->towards_target((share - begin) / (arrived - begin)));
  if (share >= frozen) search_->freeze();
  set_learned_bits();
}

void quantization::set_learned_bits() {
  for (std::size_t l = 0; l < tensors_.size(); ++l)
    tensors_[l].set_bits(search_->bits(l).count());
  take_bits();
}

void quantization::take_bits() {
  std::size_t l = 0;
  for (auto& [p, bits] : all_) {
    if (l < tensors_.size() && &tensors_[l].of() == p) bits = tensors_[l++].bits();
  }
}

std::size_t quantization::quantized_weights() const {
  std::size_t sum = 0;
  for (const auto& t : tensors_)
    sum += t.of().value.size();
  return sum;
}

}  // namespace detent_trainer
