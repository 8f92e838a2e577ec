// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/channels.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/drop_bits.hpp>
#include <detent/quantizer/relaxed.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/quantizer/semi_relaxed.hpp>
#include <detent/regularizer/bit_gates.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <detent/regularizer/waveq.hpp>
#include <detent/training/bitwidth_search.hpp>
#include <limits>
#include <support/backwards.hpp>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;

namespace {

using reg_type = waveq<bit_convention::wrpn>;

std::vector<reg_type> regularizers(std::vector<double> const& bit_widths) {
  std::vector<reg_type> all;
  for (double const b : bit_widths)
    all.emplace_back(period<bit_convention::wrpn>(b, 1.0));
  return all;
}

/// The weights of a channel, copied together.
template <class T>
std::vector<T> channel_of(std::vector<T> const& w, channel_extents const& e, std::size_t c) {
  std::vector<T> own;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (i / e.inner % e.channel == c) own.push_back(w[i]);
  }
  return own;
}

}  // namespace

TEST_CASE("channels: every channel has its own regularizer, wherever its weights lie") {
  for (channel_extents const e :
       {channel_extents{1, 3, 50}, {5, 3, 7}, {40, 3, 1}, {2, 3, 0}, {0, 3, 9}}) {
    CAPTURE(e.outer);
    CAPTURE(e.inner);
    auto const w = tensors::random<float>(e.size(), 3, 1.0);
    auto const regs = regularizers({2.5, 4, 3.25});
    std::vector<float> g(w.size(), 0.5f), expected(w.size(), 0.5f);
    std::vector<result<1>> sums(3), penalties(3);
    accumulate(seq, e, regs, w, g, 0.25, sums);
    penalty(seq, e, regs, w, penalties);
    for (std::size_t c = 0; c < 3; ++c) {
      std::vector<float> const own = channel_of(w, e, c);
      std::vector<float> slope(own.size(), 0.5f);
      auto const whole = accumulate(seq, regs[c], own, slope, 0.25);
      CHECK(std::fabs(sums[c].value - whole.value) <= 1e-6 * std::fabs(whole.value));
      CHECK(std::fabs(sums[c].theta[0] - whole.theta[0]) <= 1e-5 * (1 + std::fabs(whole.theta[0])));
      CHECK(std::fabs(penalties[c].value - 4 * sums[c].value) <= 1e-9 * penalties[c].value);
      CHECK(tensors::same_bits(channel_of(g, e, c), slope));
    }
  }
}

TEST_CASE("channels: contiguous ones have the bits of a tensor each, under every policy") {
  channel_extents const e{1, 4, 1500};
  auto const w = tensors::random<float>(e.size(), 8, 1.0);
  auto const regs = regularizers({2, 3, 4, 5});
  std::vector<float> g(w.size()), parallel(w.size());
  std::vector<result<1>> sums(4), others(4);
  detent_test::backwards const other_order;
  accumulate(seq, e, regs, w, g, 1.0, sums);
  accumulate(on(other_order), e, regs, w, parallel, 1.0, others);
  CHECK(tensors::same_bits(g, parallel));
  for (std::size_t c = 0; c < 4; ++c) {
    std::vector<float> own(channel_of(w, e, c)), slope(own.size());
    auto const whole = accumulate(seq, regs[c], own, slope, 1.0);
    CHECK(tensors::same_bits(sums[c].value, whole.value));
    CHECK(tensors::same_bits(sums[c].theta[0], whole.theta[0]));
    CHECK(tensors::same_bits(sums[c].value, others[c].value));
  }
}

TEST_CASE("channels: every channel has its own quantizer, wherever its weights lie") {
  std::vector<semi_relaxed<>> quantizers;
  for (double const step : {0.2, 0.35, 0.5})
    quantizers.emplace_back(twos_complement_grid(bits{3}, step_size{step}), step / 4);
  for (channel_extents const e :
       {channel_extents{1, 3, 50}, {5, 3, 7}, {40, 3, 1}, {2, 3, 0}, {0, 3, 9}}) {
    CAPTURE(e.outer);
    CAPTURE(e.inner);
    auto const w = tensors::random<float>(e.size(), 3, 2.0);
    auto const up = tensors::random<float>(e.size(), 4, 1.0);
    std::vector<float> out(w.size()), g(w.size(), 0.5f);
    std::vector<result<2>> sums(3, {9, {9, 9}});
    quantize(seq, e, quantizers, w, out);
    backward(seq, e, quantizers, w, up, g, sums);
    for (std::size_t c = 0; c < 3; ++c) {
      auto const own = channel_of(w, e, c), own_up = channel_of(up, e, c);
      std::vector<float> levels(own.size()), slope(own.size(), 0.5f);
      quantize(quantizers[c], own, levels);
      auto const whole = backward(quantizers[c], own, own_up, slope);
      CHECK(tensors::same_bits(channel_of(out, e, c), levels));
      CHECK(tensors::same_bits(channel_of(g, e, c), slope));
      CHECK(sums[c].value == 0);
      for (std::size_t p = 0; p < 2; ++p)
        CHECK(std::fabs(sums[c].theta[p] - whole.theta[p]) <=
              1e-5 * (1 + std::fabs(whole.theta[p])));
    }
  }
}

TEST_CASE("channels: quantizers have the bits of a tensor each where contiguous, in any order") {
  channel_extents const e{1, 3, 20000};
  auto const w = tensors::random<float>(e.size(), 8, 1.0), up = tensors::random<float>(e.size(), 9);
  std::vector<semi_relaxed<>> quantizers;
  for (double const step : {0.2, 0.35, 0.5})
    quantizers.emplace_back(twos_complement_grid(bits{3}, step_size{step}), step / 4);
  std::vector<float> out(w.size()), other_out(w.size()), g(w.size()), other(w.size());
  std::vector<result<2>> sums(3), others(3);
  detent_test::backwards const other_order;
  quantize(seq, e, quantizers, w, out);
  quantize(on(other_order), e, quantizers, w, other_out);
  backward(seq, e, quantizers, w, up, g, sums);
  backward(on(other_order), e, quantizers, w, up, other, others);
  CHECK(tensors::same_bits(out, other_out));
  CHECK(tensors::same_bits(g, other));
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<float> slope(e.inner);
    auto const whole = backward(quantizers[c], channel_of(w, e, c), channel_of(up, e, c), slope);
    for (std::size_t p = 0; p < 2; ++p) {
      CHECK(tensors::same_bits(sums[c].theta[p], whole.theta[p]));
      CHECK(tensors::same_bits(sums[c].theta[p], others[c].theta[p]));
    }
  }
}

TEST_CASE("channels: a quantizer that draws draws for the place in the whole tensor") {
  channel_extents const e{4, 3, 11};
  auto const w = tensors::random<double>(e.size(), 8, 1.0),
             up = tensors::random<double>(e.size(), 9);
  relaxed<> const q(twos_complement_grid(bits{3}, step_size{0.25}), 0.1, philox_draws{1, 2, 3});
  std::vector<relaxed<>> const quantizers(3, q);
  std::vector<double> out(w.size()), whole(w.size()), g(w.size()), slope(w.size());
  std::vector<result<2>> sums(3);
  quantize(seq, e, quantizers, w, out);
  quantize(q, w, whole);
  CHECK(tensors::same_bits(out, whole));
  backward(seq, e, quantizers, w, up, g, sums);
  auto const all = backward(q, w, up, slope);
  CHECK(tensors::same_bits(g, slope));
  for (std::size_t p = 0; p < 2; ++p) {
    double const sum = sums[0].theta[p] + sums[1].theta[p] + sums[2].theta[p];
    CHECK(std::fabs(sum - all.theta[p]) <= 1e-12 * (1 + std::fabs(sum)));
  }
}

TEST_CASE("channels: each has gates of its own, and their gradients are theirs") {
  constexpr auto endpoints = mask_sharing::endpoints;
  constexpr int masks = mask_count(endpoints, bits{2}, bits{4});
  using quantizer_type = drop_bits<masks, endpoints>;
  channel_extents const e{2, 3, 40};
  auto const w = tensors::random<double>(e.size(), 6, 2.0),
             up = tensors::random<double>(e.size(), 7);
  std::vector<bit_gates> const gates(3, bit_gates(bits{4}, bits{2}, 0.6, endpoints));
  std::vector<quantizer_type> quantizers;
  for (std::size_t c = 0; c < 3; ++c) {
    std::array<double, masks> z{};
    auto const draws = gates[c].sample(philox_draws{1, 2, 3}, c);
    for (std::size_t k = 0; k < z.size(); ++k)
      z[k] = draws[k].mask;
    quantizers.emplace_back(bits{4}, step_size{0.25}, 0.08, z);
  }
  std::vector<double> out(w.size()), g(w.size());
  std::vector<result<2 + masks>> sums(3);
  quantize(seq, e, quantizers, w, out);
  backward(seq, e, quantizers, w, up, g, sums);
  for (std::size_t p = 0; p < sums[0].theta.size(); ++p) {
    double expected[3] = {};
    for (std::size_t i = 0; i < w.size(); ++i) {
      std::size_t const c = i / e.inner % e.channel;
      expected[c] += quantizers[c].backward(w[i], up[i]).theta[p];
    }
    for (std::size_t c = 0; c < 3; ++c)
      CHECK(std::fabs(sums[c].theta[p] - expected[c]) <= 1e-9 * (1 + std::fabs(expected[c])));
  }
  for (std::size_t i = 0; i < w.size(); ++i)
    CHECK(out[i] == quantizers[i / e.inner % e.channel](w[i]));
}

TEST_CASE("channels: results without learnable parameters") {
  std::vector<float> const w{0.1f, 0.2f, 0.3f, 0.4f};
  std::vector<sinusoidal<>> const regs{sinusoidal<>{wrpn_grid(bits{2})},
                                       sinusoidal<>{wrpn_grid(bits{3})}};
  std::vector<result<>> sums(2);
  penalty(seq, channel_extents{2, 2, 1}, regs, w, sums);
  CHECK(sums[0].value == penalty(regs[0], std::vector<float>{0.1f}).value +
                             penalty(regs[0], std::vector<float>{0.3f}).value);
}

TEST_CASE("channels: what does not fit is refused before the gradient is touched") {
  auto const regs = regularizers({2, 3});
  std::vector<float> const w(12, 0.3f);
  std::vector<float> g(12, 7.0f);
  std::vector<result<1>> sums(2), few(1);
  auto const message = [&](channel_extents e, auto const& some, auto& results) {
    return tensors::message_of([&] { accumulate(seq, e, some, w, g, 1.0, results); });
  };
  CHECK(message({1, 2, 6}, regs, sums).empty());
  g.assign(12, 7.0f);
  CHECK(message({1, 2, 5}, regs, sums) == "detent: w: has 12 elements where extents has 10");
  CHECK(message({1, 3, 4}, regs, sums) ==
        "detent: regularizers: has 2 elements where channels has 3");
  CHECK(message({1, 2, 6}, regs, few) == "detent: results: has 1 elements where channels has 2");
  constexpr std::size_t huge = std::numeric_limits<std::size_t>::max() / 2;
  CHECK(message({huge, 2, 3}, regs, sums).starts_with("detent: channel_extents"));
  CHECK(g == std::vector<float>(12, 7.0f));
}

TEST_CASE("channels: quantizers that do not fit are refused before anything is written") {
  std::vector<rounding> const quantizers(2, rounding(wrpn_grid(bits{3})));
  std::vector<float> const w(12, 0.3f), few(11);
  std::vector<float> out(12, 7.0f), g(12, 7.0f);
  std::vector<result<>> sums(2), one(1);
  auto const quantized = [&](channel_extents e, auto const& in) {
    return tensors::message_of([&] { quantize(seq, e, quantizers, in, out); });
  };
  auto const led_back = [&](channel_extents e, auto const& upstream, auto& results) {
    return tensors::message_of([&] { backward(seq, e, quantizers, w, upstream, g, results); });
  };
  CHECK(quantized({1, 2, 5}, w) == "detent: w: has 12 elements where extents has 10");
  CHECK(quantized({1, 3, 4}, w) == "detent: quantizers: has 2 elements where channels has 3");
  CHECK(quantized({1, 2, 6}, few) == "detent: out: has 12 elements where w has 11");
  CHECK(led_back({1, 2, 5}, w, sums) == "detent: w: has 12 elements where extents has 10");
  CHECK(led_back({1, 3, 4}, w, sums) == "detent: quantizers: has 2 elements where channels has 3");
  CHECK(led_back({1, 2, 6}, few, sums) == "detent: upstream: has 11 elements where w has 12");
  CHECK(led_back({1, 2, 6}, w, one) == "detent: results: has 1 elements where channels has 2");
  CHECK(out == std::vector<float>(12, 7.0f));
  CHECK(g == std::vector<float>(12, 7.0f));
  CHECK(quantized({1, 2, 6}, w).empty());
  CHECK(led_back({1, 2, 6}, w, sums).empty());
  CHECK(out != std::vector<float>(12, 7.0f));
}

TEST_CASE("channels: a bit-width search gives the bits to the channels that need them") {
  // Channel c is on the levels of its own bits; only there the penalty's derivative is 0.
  channel_extents const e{1, 3, 400};
  std::vector<double> const costs(3, 400.0);
  bitwidth_search search(costs, {.target_bits = 4, .rate = 0.05});
  auto const w = tensors::random<float>(e.size(), 5, 1.0);
  std::vector<double> const need{1, 16, 256};
  for (int i = 0; i < 800; ++i) {
    std::vector<result<1>> sums(3);
    auto const regs = regularizers({search.bit_widths().begin(), search.bit_widths().end()});
    penalty(seq, e, regs, w, sums);
    std::vector<double> pulls;
    for (std::size_t c = 0; c < 3; ++c)
      pulls.push_back(-need[c] * sums[c].value * std::exp2(-search.bit_widths()[c]));
    search.step(pulls, search.towards_target(i / 400.0));
  }
  CHECK(search.bit_widths()[0] + 1 < search.bit_widths()[1]);
  CHECK(search.bit_widths()[1] + 1 < search.bit_widths()[2]);
  search.freeze();
  CHECK(search.average() <= 4);
}
