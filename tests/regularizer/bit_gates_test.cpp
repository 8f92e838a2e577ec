// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Gates: masks and their gradients, frequencies, the order in which bits are dropped.

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <detent/regularizer/bit_gates.hpp>
#include <limits>
#include <support/tensors.hpp>
#include <vector>

using detent::bit_gates;
using detent::bits;
using tensors::message_of;

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

TEST_CASE("bit_gates: the penalty shuts the gates where nothing speaks for them") {
  bit_gates gates(bits{4}, bits{2}, 0.9);
  for (int i = 0; i < 400; ++i) {
    std::vector<double> slopes;
    for (std::size_t k = 0; k < gates.size(); ++k)
      slopes.push_back(gates.open_slope(k));
    gates.descend(slopes, 1);
  }
  CHECK(gates.length().count() == 2);
  CHECK(gates.expected_bits() < 2.1);
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
  CHECK(message_of([&] { (void)gates.sample(0, 0); }).starts_with("detent: uniform number: is 0"));
  CHECK(message_of([&] { gates.descend(std::vector<double>{1}, 1); }) ==
        "detent: slopes: has 1 elements where gates has 2");
  CHECK(message_of([&] {
          gates.descend(std::vector<double>{1, not_a_number}, 1);
        }).starts_with("detent: slope by a logit"));
  CHECK(gates.logits()[0] == bit_gates(bits{4}).logits()[0]);
  CHECK(bit_gates(bits{2}).length().count() == 2);
}
