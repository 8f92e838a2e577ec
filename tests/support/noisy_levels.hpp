// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Levels under logistic noise by their definition, in long double and by logarithms: nothing
// overflows, whatever the noise and the temperature.

#include <cmath>
#include <cstdint>
#include <detent/math/philox.hpp>
#include <vector>

namespace detent_test {

/// One level that takes part: its code, and what is added to ln A (a draw, or ln of a mask).
struct noisy_level {
  int code;
  long double added;
};

/// A mean or a chosen level, and its derivatives by the weight, the step and the noise.
struct noisy_result {
  long double output, by_weight, by_step, by_noise;
};

namespace detail {

/// ln(1 + e^x)
inline long double softplus(long double x) {
  return (x > 0 ? x : 0) + std::log1p(std::exp(-std::fabs(x)));
}
inline long double logistic(long double x) {
  long double const e = std::exp(-std::fabs(x));
  return (x > 0 ? 1 : e) / (1 + e);
}

/// ln A of a level but for what all levels share, and its derivatives.
struct log_share {
  long double value, by_weight, by_step, by_noise;
};

inline log_share log_share_of(long double step, long double noise, long double x, int code) {
  long double const slant = step / noise, d = (x - step * code) / noise, h = slant / 2;
  long double const up = logistic(d - h), down = logistic(-d - h);
  long double const by_d = down - up, by_slant = (up + down) / 2;
  return {-softplus(d - h) - softplus(-d - h), by_d / noise, (by_slant - code * by_d) / noise,
          -(d * by_d + slant * by_slant) / noise};
}

}  // namespace detail

/// Σ z_i g_i with z_i ∝ e^((ln A_i + added_i)/τ), and its derivatives for held `added`.
inline noisy_result noisy_mean(std::vector<noisy_level> const& levels, long double step,
                               long double noise, long double temperature, long double x) {
  std::vector<detail::log_share> shares;
  long double largest = -HUGE_VALL;
  for (auto const& level : levels) {
    auto a = detail::log_share_of(step, noise, x, level.code);
    a.value = (a.value + level.added) / temperature;
    largest = std::fmax(largest, a.value);
    shares.push_back(a);
  }
  long double total = 0, code = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    long double const z = std::exp(shares[i].value - largest);
    total += z;
    code += z * levels[i].code;
  }
  code /= total;
  noisy_result r{step * code, 0, code, 0};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    long double const pull =
        std::exp(shares[i].value - largest) / total * (levels[i].code - code) * step / temperature;
    r.by_weight += pull * shares[i].by_weight;
    r.by_step += pull * shares[i].by_step;
    r.by_noise += pull * shares[i].by_noise;
  }
  return r;
}

/// ln π_m of level m among others, and its derivatives: `output` is π_m.
inline noisy_result noisy_probability(std::vector<noisy_level> const& levels, long double step,
                                      long double noise, long double x, int m) {
  std::vector<detail::log_share> shares;
  long double largest = -HUGE_VALL;
  for (auto const& level : levels) {
    auto a = detail::log_share_of(step, noise, x, level.code);
    a.value += level.added;
    largest = std::fmax(largest, a.value);
    shares.push_back(a);
  }
  long double total = 0;
  for (auto const& a : shares)
    total += std::exp(a.value - largest);
  noisy_result r{0, 0, 0, 0};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    bool const is_own = levels[i].code == m;
    long double const p = std::exp(shares[i].value - largest) / total;
    if (is_own) r.output = p;
    r.by_weight += (is_own - p) * shares[i].by_weight;
    r.by_step += (is_own - p) * shares[i].by_step;
    r.by_noise += (is_own - p) * shares[i].by_noise;
  }
  return r;
}

/// The levels of an element of `relaxed`, with -ln E of their draws in float or double.
template <class T, class Relaxed>
std::vector<noisy_level> drawn_levels(Relaxed const& q, detent::philox_draws const& draws,
                                      std::uint64_t element, long double x) {
  auto const& g = q.grid();
  int const first = q.is_local() ? g.code(static_cast<double>(x)) - q.reach() : g.lowest_code();
  int const slots = q.is_local() ? 2 * q.reach() + 1 : g.size();
  std::vector<noisy_level> levels;
  for (int slot = 0; slot < slots; ++slot) {
    int const n = first + slot;
    if (n < g.lowest_code() || n > g.highest_code()) continue;
    auto const block = draws(element, static_cast<std::uint32_t>(slot / 6));
    // The middle of one of 2²¹ parts of the unit interval; in double 2⁻³³ above it.
    long double const middle = ((detent::sixths(block).word[slot % 6] >> 11) + 0.5L) * 0x1p-21L;
    long double const u = sizeof(T) == 4 ? middle : middle + 0x1p-33L;
    levels.push_back({n, -std::log(-std::log(u))});
  }
  return levels;
}

}  // namespace detent_test
