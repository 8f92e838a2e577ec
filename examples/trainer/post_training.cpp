// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Rounding a trained network for good, bits by bits, and back.

#include <detent/detent.hpp>
#include <optional>
#include <vector>

#include <trainer/data/dataset.hpp>
#include <trainer/evaluation.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/post_training.hpp>
#include <trainer/quantization.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

namespace {

/// Keeps a model's weights, what its forward pass uses for them, and its rectifiers; brings them
/// back at the end of its life.
class kept_model {
 public:
  explicit kept_model(model& m) : model_{&m}, weights_{m.state()} {
    m.visit([&](parameter& p) { operands_.push_back(p.operand); });
    m.for_each_relu([&](relu& r) { rectifiers_.push_back({r.bits, r.range, r.learned}); });
  }
  kept_model(const kept_model&) = delete;
  kept_model& operator=(const kept_model&) = delete;
  ~kept_model() {
    model_->load(weights_);
    auto operand = operands_.begin();
    model_->visit([&](parameter& p) { p.operand.swap(*operand++); });
    auto kept = rectifiers_.begin();
    model_->for_each_relu([&](relu& r) {
      r.bits = kept->bits;
      r.range = kept->range;
      r.learned.swap((kept++)->learned);
    });
  }

 private:
  struct rectifier {
    int bits;
    float range;
    std::optional<learned_grid> learned;
  };

  model* model_;
  model::weights weights_;
  std::vector<std::vector<float>> operands_;
  std::vector<rectifier> rectifiers_;
};

/// Weights and activations in full precision: the weights are what the method would round.
void unround(model& m, quantization& method) {
  if (method.active() && method.quantized_forward()) method.use(operand::unrounded);
  m.visit([](parameter& p) {
    if (!p.operand.empty()) p.value = p.operand;
    p.operand.clear();
  });
  m.for_each_relu([](relu& r) {
    r.bits = 32;
    r.learned.reset();
  });
}

post_training_result rounded(model& m, const settings& s, ptq_bits bits, const dataset& data) {
  m.visit([](parameter& p) { p.operand.clear(); });
  m.for_each_relu([](relu& r) { r.bits = 32; });
  if (bits.activations < 32) {
    show_training_images(m, data);
    round_activations(m, detent::bits{bits.activations}, s.range);
  }
  settings plain = s;
  plain.method = "wrpn";
  plain.forward = "quantized";
  plain.bits = bits.weights;
  plain.layer_bits.clear();
  quantization weights{m, plain};
  weights.use(operand::levels);
  return {bits.weights, bits.activations, accuracy(m, data.validation), accuracy(m, data.test)};
}

}  // namespace

std::vector<post_training_result> post_training_accuracies(model& m, quantization& method,
                                                           const settings& s, const dataset& data) {
  std::vector<post_training_result> results;
  if (s.ptq.empty()) return results;
  const kept_model kept{m};
  unround(m, method);
  for (const ptq_bits& bits : s.ptq)
    results.push_back(rounded(m, s, bits, data));
  return results;
}

}  // namespace detent_trainer
