// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <detent/algorithm/channels.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/grid/convention.hpp>
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
std::vector<float> channel_of(std::vector<float> const& w, channel_extents const& e,
                              std::size_t c) {
  std::vector<float> own;
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
