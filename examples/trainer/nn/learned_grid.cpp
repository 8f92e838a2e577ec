// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The verbs over every quantizer that a learned grid can be: compiled once for all programs.

#include <array>
#include <cstddef>
#include <detent/detent.hpp>
#include <span>
#include <utility>

#include <trainer/nn/learned_grid.hpp>
#include <trainer/nn/parallel.hpp>

namespace detent_trainer {

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
