// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Gradients of the penalties in full precision.

#include <cmath>
#include <detent/detent.hpp>

#include <trainer/float_penalty.hpp>
#include <trainer/nn/batch_norm.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/parallel.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

namespace {

/// Batch normalization leaves its running statistics alone for the life of this.
class kept_statistics {
 public:
  explicit kept_statistics(model& m) : model_{&m} { keep(true); }
  kept_statistics(const kept_statistics&) = delete;
  kept_statistics& operator=(const kept_statistics&) = delete;
  ~kept_statistics() { keep(false); }

 private:
  void keep(bool kept) {
    model_->for_each_layer([kept](layer& one) {
      if (auto* norm = dynamic_cast<batch_norm*>(&one)) norm->keeps_statistics = kept;
    });
  }

  model* model_;
};

}  // namespace

float_penalty::float_penalty(model& m, const settings& s)
    : model_{&m}, settings_{s}, grid_settings_{s} {
  grid_settings_.method = "wrpn";
  grid_settings_.forward = "quantized";
  if (s.method == "bin") grids_.emplace(m, grid_settings_);
  const bool watched = s.penalizes_gradients() && s.activation_strength > 0;
  m.for_each_relu([&](relu& r) {
    if (watched) r.offsets.emplace();
  });
}

float_penalty::~float_penalty() {
  model_->for_each_relu([](relu& r) { r.offsets.reset(); });
}

penalty_figures float_penalty::add(const std::function<void()>& evaluate, bool measured) {
  if (settings_.method == "gradl1") return add_norm<detent::norm::l1>(evaluate, measured);
  if (settings_.method == "gradl2") return add_norm<detent::norm::l2>(evaluate, measured);
  if (settings_.strength <= 0) return {};
  return {grids_ ? grids_->draw_to_bins(settings_.strength) : add_kurtosis()};
}

void float_penalty::archive_state(archive& a) {
  if (grids_) grids_->archive_state(a);
}

template <detent::norm Norm>
penalty_figures float_penalty::add_norm(const std::function<void()>& evaluate, bool measured) {
  const double unit = settings_.strength > 0 ? settings_.strength : settings_.activation_strength;
  if (unit <= 0) return {};
  take_layers();
  if (!workspace_) workspace_.emplace(layers_);
  const kept_statistics kept{*model_};
  const auto oracle = [&] {
    model_->zero_gradients();
    evaluate();
  };
  const auto penalty =
      detent::accumulate(policy_for(settings_.threads), detent::gradient_norm<Norm>{}, oracle,
                         layers_, *workspace_, {.check = measured, .share = detent::kinked_share});
  penalty_figures figures{penalty.value / unit};
  if (penalty.product.truncation_error) {
    figures.difference_error = penalty.product.relative_error();
  }
  return figures;
}

void float_penalty::take_layers() {
  layers_.clear();
  model_->visit([&](parameter& p) {
    layers_.push_back({p.value, p.gradient, p.quantizable ? settings_.strength : 0.0});
  });
  model_->for_each_relu([&](relu& r) {
    if (!r.offsets) return;
    layers_.push_back({r.offsets->added, r.offsets->gradient, settings_.activation_strength,
                       detent::gradient_of::activations, magnitude_of(r)});
  });
}

double float_penalty::magnitude_of(const relu& r) const {
  const auto& y = r.output().data;
  const double norm = detent::reduce(policy_for(settings_.threads), detent::norms{}, y).l2();
  const double magnitude = norm / std::sqrt(static_cast<double>(y.size()));
  return std::isfinite(magnitude) && magnitude > 0 ? magnitude : 1;
}

double float_penalty::add_kurtosis() {
  const auto policy = policy_for(settings_.threads);
  double value = 0;
  model_->visit([&](parameter& p) {
    if (!p.quantizable) return;
    const detent::kurtosis penalty{detent::reduce(policy, detent::moments{}, p.value)};
    value += penalty.value();
    detent::accumulate(policy, penalty, p.value, p.gradient, settings_.strength);
  });
  return value;
}

}  // namespace detent_trainer
