// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The regularizers and verbs that are measured on the host, on the grids of functors.hpp.

#include <bench/support/functors.hpp>
#include <bench/support/tensors.hpp>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <span>
#include <vector>

namespace bench {

inline auto periodic() {
  return detent::sinusoidal<detent::extent::periodic>{grid()};
}
inline auto through_tanh() {
  return detent::through(detent::tanh_domain{}, bounded());
}
inline auto lambda() {
  return detent::differentiate([](auto w) { return sinpi_squared(w * 3.5f - 0.5f); });
}

inline auto wrpn() {
  return detent::wrpn_weights(detent::bits{3}, 1.0);
}
/// For weights of up to 1.1.
inline auto dorefa() {
  detent::magnitude of_weights;
  of_weights.observe(1.1);
  return detent::dorefa_weights(detent::bits{3}, of_weights);
}

inline constexpr double noise = 0.05;
template <detent::relaxed_classes Classes = detent::relaxed_classes::chosen>
auto semi_relaxed() {
  return detent::semi_relaxed<Classes>(
      detent::twos_complement_grid(learned_bits, detent::step_size{learned_step}), noise);
}
/// Of the levels within 3 σ, which are five, or of all 16.
inline auto relaxed(bool is_local) {
  return detent::relaxed<>(
      detent::twos_complement_grid(learned_bits, detent::step_size{learned_step}), noise,
      detent::philox_draws{1, 2, 3}, {.local = is_local ? 3.0 : 0.0});
}
inline auto drop_bits() {
  return detent::drop_bits<2>(learned_bits, detent::step_size{learned_step}, noise, {0.8, 0.4});
}

/// What `lambda` is measured against: the same penalty, its slope written out.
struct hand_written {
  static constexpr int parameters = 0;
  template <class T>
  DETENT_HD detent::term<T> operator()(T w) const noexcept {
    auto const s = detent::sinusoid(detent::fma(w, T(3.5), T(-0.5)));
    return {s.square, T(3.5 * 3.14159265358979323846) * s.sine};
  }
};

/// The verbs as calls on `tensors`.
template <class R>
auto accumulate(R reg) {
  return [reg](auto& t) {
    return with_policy(t.threads, [&](auto policy) {
      return detent::accumulate(policy, reg, t.w, t.g, 1e-3).value;
    });
  };
}
template <class R>
auto penalty(R reg) {
  return [reg](auto& t) {
    return with_policy(t.threads,
                       [&](auto policy) { return detent::penalty(policy, reg, t.w).value; });
  };
}
template <class Q>
auto quantize(Q q) {
  return [q](auto& t) {
    with_policy(t.threads, [&](auto policy) { detent::quantize(policy, q, t.w, t.other); });
  };
}
template <class Q>
auto backward(Q q) {
  return [q](auto& t) {
    with_policy(t.threads, [&](auto policy) { detent::backward(policy, q, t.w, t.other, t.g); });
  };
}
template <class S>
auto reduce(S fresh) {
  return [fresh](auto& t) {
    return with_policy(t.threads, [&](auto policy) { return detent::reduce(policy, fresh, t.w); });
  };
}
inline auto snap() {
  return [](auto& t) {
    with_policy(t.threads, [&](auto policy) { detent::snap(policy, grid(), t.other); });
  };
}

/// With codes of 3 bits, written into the gradient's memory.
inline auto snap_packed() {
  return [](auto& t) {
    std::span const bytes(reinterpret_cast<std::uint8_t*>(t.g.data()),
                          detent::packed_size(t.size(), detent::bits{3}));
    with_policy(t.threads, [&](auto policy) {
      detent::snap(policy, grid(), t.other, detent::packed_codes{bytes, detent::bits{3}});
    });
  };
}

}  // namespace bench
