// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Gates: masks and their gradients, frequencies, the order in which bits are dropped.

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/grid/convention.hpp>
#include <detent/math/philox.hpp>
#include <detent/regularizer/bit_gates.hpp>
#include <limits>
#include <set>
#include <support/fast_math.hpp>
#include <support/tensors.hpp>
#include <vector>

using detent::bit_gates;
using detent::bits;
using detent::mask_sharing;
using tensors::message_of;

namespace {

bit_gates by_endpoints(int most, int fewest = 2, double keep = 0.9) {
  return bit_gates(bits{most}, bits{fewest}, keep, mask_sharing::endpoints);
}

/// Shuts the gates from `first` on.
void shut(bit_gates& gates, std::size_t first) {
  std::vector<double> slopes(gates.size(), 0.0);
  for (std::size_t k = first; k < slopes.size(); ++k)
    slopes[k] = 50;
  gates.descend(slopes, 1);
}

}  // namespace

TEST_CASE("bit_gates: a gate covers the levels that its bit adds") {
  bit_gates const gates(bits{5});
  CHECK(gates.size() == 3);
  for (int const code : {-2, -1, 0, 1})
    CHECK(gates.gate_of(code) == -1);
  for (int const code : {-4, -3, 2, 3})
    CHECK(gates.gate_of(code) == 0);
  for (int const code : {-8, -5, 4, 7})
    CHECK(gates.gate_of(code) == 1);
  for (int const code : {-16, -9, 8, 15})
    CHECK(gates.gate_of(code) == 2);
}

TEST_CASE("bit_gates: by endpoints a gate covers the pair -m - 1 and m") {
  bit_gates const three = by_endpoints(3);
  CHECK(three.size() == 2);
  CHECK(three.gate_of(2) == 0);
  CHECK(three.gate_of(-3) == 0);
  CHECK(three.gate_of(3) == 1);
  CHECK(three.gate_of(-4) == 1);
  for (int fewest = 1; fewest <= 6; ++fewest) {
    for (int most = fewest; most <= 9; ++most) {
      CAPTURE(fewest);
      CAPTURE(most);
      bit_gates const gates = by_endpoints(most, fewest);
      CHECK(gates.size() == static_cast<std::size_t>((1 << (most - 1)) - (1 << (fewest - 1))));
      CHECK(gates.sharing() == mask_sharing::endpoints);
      int next = 0, wrong = 0;
      for (int m = 0; m < 1 << (most - 1); ++m) {
        int const expected = m < 1 << (fewest - 1) ? -1 : next++;
        wrong += gates.gate_of(m) != expected || gates.gate_of(-m - 1) != expected ? 1 : 0;
      }
      CHECK(wrong == 0);
      CHECK(static_cast<std::size_t>(next) == gates.size());
    }
  }
}

TEST_CASE("bit_gates: masks can be counted and found in a constant expression") {
  constexpr auto endpoints = mask_sharing::endpoints;
  static_assert(detent::mask_count(endpoints, bits{2}, bits{6}) == 30);
  static_assert(detent::mask_count(mask_sharing::bitwise, bits{2}, bits{6}) == 4);
  static_assert(detent::mask_count(endpoints, bits{3}, bits{2}) == 0);
  static_assert(detent::mask_of(endpoints, 2, -32) == 29);
  static_assert(detent::mask_of(mask_sharing::bitwise, 2, -32) == 3);
  constexpr int lowest = std::numeric_limits<int>::min();
  CHECK(detent::mask_of(endpoints, 2, lowest) == std::numeric_limits<int>::max() - 2);
}

TEST_CASE("bit_gates: the gradient of a mask is its derivative by the logit") {
  double const h = 1e-6;
  for (double const keep : {0.1, 0.5, 0.9}) {
    bit_gates up(bits{3}, bits{2}, keep), down(bits{3}, bits{2}, keep);
    bit_gates const gates(bits{3}, bits{2}, keep);
    up.descend(std::vector<double>{-h}, 1);
    down.descend(std::vector<double>{h}, 1);
    int inside = 0;
    for (double u = 0.01; u < 1; u += 0.02) {
      auto const draw = gates.sample(0, u);
      double const difference = (up.sample(0, u).mask - down.sample(0, u).mask) / (2 * h);
      CHECK(std::fabs(draw.slope - difference) < 1e-6);
      inside += draw.slope > 0 ? 1 : 0;
    }
    CHECK(inside > 5);
    CHECK(std::fabs(gates.open_slope(0) - (up.open(0) - down.open(0)) / (2 * h)) < 1e-8);
  }
}

// 100,000 draws: five standard deviations of a frequency are at most 0.0079, exceeded by chance
// with a probability of 6·10⁻⁷.
TEST_CASE("bit_gates: a gate is open as often as it says") {
  for (double const keep : {0.2, 0.5, 0.95}) {
    bit_gates const gates(bits{4}, bits{2}, keep);
    double open = 0, full = 0;
    for (std::uint32_t step = 0; step < 50000; ++step) {
      for (auto const& draw : gates.sample(detent::philox_draws{3, step, 1})) {
        open += draw.mask > 0 ? 1 : 0;
        full += draw.mask == 1 ? 1 : 0;
      }
    }
    CHECK(std::fabs(open / 100000 - gates.open(0)) < 0.0079);
    CHECK(full > 100);
    CHECK(full < open);
  }
}

TEST_CASE("bit_gates: bits are dropped from the top, never one below a bit that stays") {
  bit_gates gates(bits{6}, bits{2}, 0.9);
  CHECK(gates.length().count() == 6);
  CHECK(gates.expected_bits() > 5.5);
  gates.descend(std::vector<double>{50, 0, 0, 0}, 1);  // the lowest gate alone is shut
  CHECK(gates.open(0) < 0.5);
  CHECK(gates.length().count() == 6);
  gates.descend(std::vector<double>{0, 0, 0, 50}, 1);
  CHECK(gates.length().count() == 5);
  gates.descend(std::vector<double>{0, 50, 50, 0}, 1);
  CHECK(gates.length().count() == 2);
}

TEST_CASE("bit_gates: by endpoints levels go from the ends, a bit with the last pair it added") {
  bit_gates gates = by_endpoints(4);  // pairs 2 and 3, of bit 3; 4 to 7, of bit 4
  CHECK(gates.length().count() == 4);
  CHECK(gates.highest_code() == 7);
  bit_gates inner = gates;
  inner.descend(std::vector<double>{50, 50, 50, 50, 50, 0}, 1);
  CHECK(inner.highest_code() == 7);
  int const lengths[] = {2, 3, 3, 4, 4, 4};
  for (std::size_t left = 6; left-- > 0;) {
    CAPTURE(left);
    bit_gates some = gates;
    shut(some, left);
    CHECK(some.highest_code() == 1 + static_cast<int>(left));
    CHECK(some.length().count() == lengths[left]);
    auto const grid = some.grid(detent::step_size{0.5});
    CHECK(grid.highest_code() == some.highest_code());
    CHECK(grid.lowest_code() == -some.highest_code() - 1);
    CHECK(grid.step() == 0.5);
  }
  bit_gates one = by_endpoints(3, 1);
  shut(one, 0);
  CHECK(one.length().count() == 1);
}

TEST_CASE("bit_gates: bitwise, the levels left are those of the bits left") {
  for (int left = 0; left <= 4; ++left) {
    bit_gates gates(bits{6});
    shut(gates, static_cast<std::size_t>(left));
    CHECK(gates.length().count() == 2 + left);
    CHECK(gates.highest_code() == (1 << (1 + left)) - 1);
  }
}

TEST_CASE("bit_gates: a whole bit costs 1, whatever shares its gates") {
  for (int fewest = 1; fewest <= 4; ++fewest) {
    bit_gates const gates = by_endpoints(6, fewest);
    for (int b = fewest + 1; b <= 6; ++b) {
      CAPTURE(b);
      double cost = 0;
      for (int m = 1 << (b - 2); m < 1 << (b - 1); ++m)
        cost += gates.cost(static_cast<std::size_t>(gates.gate_of(m)));
      CHECK(cost == 1);
    }
  }
  CHECK(bit_gates(bits{6}).cost(3) == 1);
  // Logits of 30: every gate is open but for 1e-13.
  bit_gates all = by_endpoints(6);
  all.descend(std::vector<double>(30, -100.0), 1);
  CHECK(std::fabs(all.penalty().value - 4) < 1e-9);
  CHECK(std::fabs(all.expected_bits() - 6) < 1e-9);
}

TEST_CASE("bit_gates: the slopes of the penalty are its derivatives by the logits") {
  double const h = 1e-5;
  for (bit_gates const& start : {bit_gates(bits{5}, bits{2}, 0.6), by_endpoints(4, 2, 0.6)}) {
    bit_gates gates = start;
    for (std::size_t k = 0; k < gates.size(); ++k) {  // each gate its own logit
      std::vector<double> slopes(gates.size(), 0.0);
      slopes[k] = 0.3 * static_cast<double>(k);
      gates.descend(slopes, 1);
    }
    auto const p = gates.penalty();
    CHECK(p.slopes.size() == gates.size());
    double sum = 0;
    for (std::size_t k = 0; k < gates.size(); ++k) {
      CAPTURE(k);
      std::vector<double> one(gates.size(), 0.0);
      bit_gates up = gates, down = gates;
      one[k] = -h;
      up.descend(one, 1);
      one[k] = h;
      down.descend(one, 1);
      sum += gates.cost(k) * gates.open(k);
      double const difference = (up.penalty().value - down.penalty().value) / (2 * h);
      CHECK(std::fabs(p.slopes[k] - difference) < 1e-9);
    }
    CHECK(std::fabs(p.value - sum) < 1e-12);
    CHECK(std::fabs(gates.expected_bits() - 2 - sum) < 1e-12);
  }
}

TEST_CASE("bit_gates: the penalty shuts the gates where nothing speaks for them") {
  for (bit_gates gates : {bit_gates(bits{4}, bits{2}, 0.9), by_endpoints(4)}) {
    for (int i = 0; i < 2000; ++i)
      gates.descend(gates.penalty().slopes, 1);
    CHECK(gates.length().count() == 2);
    CHECK(gates.expected_bits() < 2.1);
  }
}

TEST_CASE("bit_gates: no two channels share draws, nor does a tensor's element") {
  bit_gates const gates = by_endpoints(4, 2, 0.5);
  detent::philox_draws const draws{7, 11, 13};
  std::set<double> seen;
  std::size_t inside = 0;
  auto const take = [&](double mask) {
    if (mask <= 0 || mask >= 1) return;
    seen.insert(mask);
    ++inside;
  };
  for (std::size_t channel = 0; channel < 600; ++channel) {
    for (auto const& draw : gates.sample(draws, channel))
      take(draw.mask);
  }
  for (std::uint64_t element = 0; element < 1000; ++element)
    take(gates.sample(0, detent::open_unit<double>(draws(element).word[0])).mask);
  CHECK(inside > 1500);
  CHECK(seen.size() == inside);
}

TEST_CASE("bit_gates: a draw is addressed by channel and gate") {
  bit_gates const gates = by_endpoints(4, 2, 0.5);
  detent::philox_draws const draws{7, 11, 13};
  for (std::uint64_t const channel : {0u, 1u, 65536u, 0x7fffffffu}) {
    auto const all = gates.sample(draws, channel);
    for (std::size_t k = 0; k < all.size(); ++k) {
      std::uint64_t const address = 0x800000000000u + channel * 65536 + k;
      CHECK(address < std::uint64_t{1} << 48);
      CHECK(all[k].mask == gates.sample(k, detent::open_unit<double>(draws(address).word[0])).mask);
    }
  }
  CHECK(gates.sample(draws)[2].mask == gates.sample(draws, 0)[2].mask);
  CHECK(message_of([&] { (void)gates.sample(draws, std::size_t{1} << 31); }) ==
        "detent: channel: is 2147483648; it lies below 2^31");
}

TEST_CASE("bit_gates: nonsense is refused") {
  constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
  CHECK(message_of([] { (void)bit_gates(bits{2}, bits{3}); }) ==
        "detent: most bits of gates: are 2, below the fewest, 3");
  for (double const keep : {0.0, 1.0, not_a_number})
    CHECK(message_of([&] {
            (void)bit_gates(bits{4}, bits{2}, keep);
          }).starts_with("detent: keep probability"));
  bit_gates gates(bits{4});
  CHECK(message_of([&] { (void)gates.sample(2, 0.5); }) == "detent: gate: is 2 of 2");
  CHECK(message_of([&] { (void)gates.cost(2); }) == "detent: gate: is 2 of 2");
  CHECK(message_of([&] { (void)gates.sample(0, 0); }).starts_with("detent: uniform number: is 0"));
  CHECK(message_of([&] { gates.descend(std::vector<double>{1}, 1); }) ==
        "detent: slopes: has 1 elements where gates has 2");
  CHECK(message_of([&] {
          gates.descend(std::vector<double>{1, not_a_number}, 1);
        }).starts_with("detent: slope by a logit"));
  CHECK(gates.logits()[0] == bit_gates(bits{4}).logits()[0]);
  CHECK(bit_gates(bits{2}).length().count() == 2);
}

// Closed forms: with a logit of ln 9 and a draw u, the logistic argument is 1.5 ln(9u/(1 - u)).
TEST_CASE("bit_gates: temperature and stretch are those of the papers") {
  bit_gates const gates(bits{3}, bits{2}, 0.9);
  CHECK(std::fabs(gates.logits()[0] - std::log(9.0)) < 1e-14);
  for (double const u : {0.03, 0.05, 0.1, 0.2, 0.3, 0.5}) {
    CAPTURE(u);
    double const s = 1 / (1 + std::pow((1 - u) / (9 * u), 1.5));
    double const stretched = 1.2 * s - 0.1;
    bool const inside = stretched > 0 && stretched < 1;
    auto const draw = gates.sample(0, u);
    CHECK(std::fabs(draw.mask - (inside ? stretched : stretched < 0 ? 0 : 1)) < 1e-13);
    CHECK(std::fabs(draw.slope - (inside ? 1.2 * s * (1 - s) * 1.5 : 0)) < 1e-13);
  }
  CHECK(std::fabs(gates.sample(0, 0.1).mask - 0.5) < 1e-13);
  CHECK(std::fabs(gates.sample(0, 0.1).slope - 0.45) < 1e-13);
  // P(Z ≠ 0) = s(ln 9 - 2/3 ln(1/11))
  double const odds = 9 * std::pow(11.0, 2.0 / 3.0);
  CHECK(std::fabs(gates.open(0) - odds / (1 + odds)) < 1e-13);
  CHECK(std::fabs(gates.open_slope(0) - odds / ((1 + odds) * (1 + odds))) < 1e-13);
  // A mask is 0 exactly where s ≤ 1/12, and 1 where s ≥ 11/12.
  auto const draw_of = [](double s) { return 1 / (1 + 9 * std::pow((1 - s) / s, 2.0 / 3.0)); };
  CHECK(gates.sample(0, draw_of(1.0 / 12) * (1 - 1e-9)).mask == 0);
  CHECK(gates.sample(0, draw_of(1.0 / 12) * (1 + 1e-6)).mask > 0);
  CHECK(gates.sample(0, draw_of(11.0 / 12) * (1 - 1e-6)).mask < 1);
  CHECK(gates.sample(0, draw_of(11.0 / 12) * (1 + 1e-9)).mask == 1);
}

TEST_CASE("bit_gates: a gate is dropped below a probability of a half") {
  double const shift = -2.0 / 3.0 * std::log(11.0);
  for (bit_gates const& start : {bit_gates(bits{3}), by_endpoints(3, 2)}) {
    for (double const beside : {-0.1, -1e-6, 1e-6, 0.1}) {
      CAPTURE(beside);
      bit_gates gates = start;
      std::vector<double> slopes(gates.size(), gates.logits()[0] - (shift + beside));
      gates.descend(slopes, 1);
      CHECK((gates.open(0) > 0.5) == (beside > 0));
      CHECK(gates.length().count() == (beside > 0 ? 3 : 2));
      CHECK(gates.highest_code() == (beside > 0 ? 3 : 1));
    }
  }
}

TEST_CASE("bit_gates: the least and the largest draw give a number") {
  bit_gates const gates(bits{3});
  for (double const u : {5e-324, 1e-310, 1e-300, 1 - 0x1p-53}) {
    if (detent_test::fast_math && u < 1e-307) continue;  // counts as 0
    auto const draw = gates.sample(0, u);
    CHECK(draw.mask == (u < 0.5 ? 0 : 1));
    CHECK(draw.slope == 0);
  }
}

TEST_CASE("bit_gates: a step of any finite size leaves finite logits") {
  bit_gates gates(bits{4});
  gates.descend(std::vector<double>{1e300, -1e300}, 1e300);
  CHECK(gates.logits()[0] == -30);
  CHECK(gates.logits()[1] == 30);
}

TEST_CASE("bit_gates: open at exactly a half, a gate stays") {
  bit_gates gates(bits{4});
  double const shift = -2.0 / 3.0 * std::log(11.0);
  std::vector<double> const slopes(gates.size(), gates.logits()[0] - shift);
  gates.descend(slopes, 1);
  // The logistic function of less than the spacing of 1/2 is 1/2.
  REQUIRE(std::fabs(gates.logits()[0] - shift) < 1e-15);
  for (int tries = 0; gates.open(0) != 0.5 && tries < 64; ++tries) {
    std::vector<double> const nudge(gates.size(), gates.open(0) < 0.5 ? -0x1p-53 : 0x1p-53);
    gates.descend(nudge, 1);
  }
  REQUIRE(gates.open(0) == 0.5);
  CHECK(gates.length().count() == 4);
  CHECK(gates.highest_code() == 7);
}

TEST_CASE("bit_gates: by default a gate keeps nine draws of ten") {
  CHECK(std::fabs(bit_gates(bits{4}).logits()[0] - std::log(9.0)) < 1e-14);
  CHECK(bit_gates(bits{4}).size() == 2);
}

TEST_CASE(
    "bit_gates: logits that were saved are taken bit for bit, others refused before anything "
    "changes") {
  bit_gates trained(bits{4});
  double const slopes[] = {0.3, -0.7};
  trained.descend(slopes, 0.1);
  bit_gates other(bits{4});
  other.restore(trained.logits());
  for (std::size_t k = 0; k < trained.size(); ++k)
    CHECK(other.logits()[k] == trained.logits()[k]);
  double const nan = std::numeric_limits<double>::quiet_NaN();
  for (double const wrong : {nan, std::numeric_limits<double>::infinity(), 30.5, -30.5}) {
    double const logits[] = {1.0, wrong};
    CHECK(message_of([&] { other.restore(logits); }).starts_with("detent: logit of a gate"));
    CHECK(other.logits()[0] == trained.logits()[0]);
  }
  double const one[] = {1.0};
  CHECK(message_of([&] { other.restore(one); }).starts_with("detent: logits"));
}
