// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/interop/nlohmann_json.hpp>
#include <detent/training/bitwidth_search.hpp>
#include <limits>
#include <string>
#include <support/random.hpp>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;
using tensors::message_of;
using namespace detent_test;

namespace {

constexpr double ln2 = 0.69314718055994530942;

/// Pulls of the loss Σ E_l 4^(-β_l): what rounding to β bits costs layers of sensitivity E.
std::vector<double> pulls_of(bitwidth_search const& search,
                             std::vector<double> const& sensitivity) {
  std::vector<double> pulls;
  for (std::size_t l = 0; l < search.size(); ++l)
    pulls.push_back(-2 * ln2 * sensitivity[l] * std::exp2(-2 * search.bit_widths()[l]));
  return pulls;
}

void run(bitwidth_search& search, std::vector<double> const& sensitivity, int steps) {
  for (int i = 0; i < steps; ++i)
    search.step(pulls_of(search, sensitivity), search.towards_target((i + 1.0) / steps * 2));
}

std::vector<double> const costs{100, 3000, 50000, 8000, 400};
std::vector<double> const sensitivity{40, 90, 300, 4000, 600};

}  // namespace

TEST_CASE("bitwidth_search: every step has the average that it was asked for") {
  bitwidth_search search(costs);
  random_numbers r(1);
  for (int i = 0; i < 300; ++i) {
    std::vector<double> pulls(5);
    for (double& p : pulls)
      p = r.between(-3, 1) * std::exp(r.between(-5, 5));
    double const wanted = search.towards_target(i / 150.0);
    search.step(pulls, wanted);
    CHECK(std::fabs(search.average() - wanted) < 1e-9);
  }
  CHECK(search.towards_target(0) == 8);
  CHECK(search.towards_target(1) == 4);
  CHECK(search.towards_target(7) == 4);
}

TEST_CASE("bitwidth_search: arrives where no exchange of bits between layers would gain") {
  // At the optimum E 4^(-β) is the same for every unit of cost: β = ½ log₂(E/c) + constant.
  bitwidth_search search(costs, {.target_bits = 4.5, .max_bits = 12, .start_bits = 8});
  run(search, sensitivity, 6000);
  for (std::size_t l = 1; l < costs.size(); ++l) {
    double const difference =
        0.5 * std::log2(sensitivity[l] / costs[l] / sensitivity[0] * costs[0]);
    CHECK(std::fabs(search.bit_widths()[l] - search.bit_widths()[0] - difference) < 0.15);
  }
  CHECK(std::fabs(search.average() - 4.5) < 1e-9);
}

TEST_CASE("bitwidth_search: arrives at the same bits from other starts") {
  bitwidth_options const options{.target_bits = 4.5, .max_bits = 12};
  bitwidth_search level(costs, options);
  bitwidth_search other(costs, options, {3, 12, 7, 2, 9});
  CHECK(other.bit_widths()[3] == 2);
  CHECK(std::fabs(other.towards_target(0) - other.average()) < 1e-12);
  run(level, sensitivity, 6000);
  run(other, sensitivity, 6000);
  for (std::size_t l = 0; l < costs.size(); ++l)
    CHECK(std::fabs(level.bit_widths()[l] - other.bit_widths()[l]) < 0.15);
}

TEST_CASE("bitwidth_search: layers that are alike keep alike bit-widths") {
  bitwidth_search search({10, 10, 10}, {.target_bits = 3});
  run(search, {2, 2, 2}, 500);
  CHECK(search.bit_widths()[0] == search.bit_widths()[1]);
  CHECK(search.bit_widths()[0] == search.bit_widths()[2]);
}

TEST_CASE("bitwidth_search: reports both pulls, which balance where a layer rests") {
  bitwidth_search search(costs, {.target_bits = 4.5, .max_bits = 12});
  run(search, sensitivity, 6000);
  auto const& last = search.history().back();
  CHECK(last.step == 6000);
  CHECK(search.history().size() == 6000);
  CHECK(last.strength > 0);
  for (std::size_t l = 0; l < costs.size(); ++l)
    CHECK(std::fabs(last.data_pulls[l] + last.strength) < 0.05 * last.strength);
}

TEST_CASE("bitwidth_search: a limit holds a layer and is counted") {
  bitwidth_search search({1, 1}, {.target_bits = 5, .min_bits = 2, .max_bits = 8, .rate = 0.5});
  for (int i = 0; i < 50; ++i)
    search.step(std::vector<double>{-1, 1}, 5.5);
  CHECK(search.bit_widths()[0] == 8);
  CHECK(std::fabs(search.bit_widths()[1] - 3) < 1e-9);
  CHECK(search.clamped()[0] > 30);
  CHECK(search.clamped()[1] == 0);
}

TEST_CASE("bitwidth_search: freezes to integers whose average is at most the target") {
  for (double const target : {3.0, 4.0, 4.7}) {
    bitwidth_search search(costs, {.target_bits = target, .max_bits = 12});
    run(search, sensitivity, 2000);
    CHECK_FALSE(search.frozen());
    std::vector<double> const before(search.bit_widths().begin(), search.bit_widths().end());
    search.freeze();
    CHECK(search.frozen());
    CHECK(search.average() <= target);
    CHECK(search.average() > target - 1);
    for (std::size_t l = 0; l < costs.size(); ++l) {
      double const b = search.bit_widths()[l];
      CHECK(b == std::floor(b));
      CHECK(b <= std::ceil(before[l]));
      CHECK(search.bits(l).count() == static_cast<int>(b));
      CHECK(search.alpha(l) == 1);
    }
    std::vector<double> const frozen(search.bit_widths().begin(), search.bit_widths().end());
    search.step(std::vector<double>(5, -1.0), target);
    CHECK(frozen == std::vector<double>(search.bit_widths().begin(), search.bit_widths().end()));
  }
}

TEST_CASE("bitwidth_search: bits round up, alpha is what that adds") {
  bitwidth_search search({1, 1}, {.target_bits = 4, .start_bits = 2.5});
  CHECK(search.bits(0).count() == 3);
  CHECK(search.alpha(0) == 3 / 2.5);
}

TEST_CASE("bitwidth_search: saved in mid-run and restored, it goes on bit for bit") {
  bitwidth_search whole(costs), first(costs);
  run(whole, sensitivity, 400);
  for (int i = 0; i < 173; ++i)
    first.step(pulls_of(first, sensitivity), first.towards_target((i + 1.0) / 400 * 2));
  bitwidth_search second = restore_bitwidth_search(save(first));
  CHECK(second.state() == first.state());
  for (int i = 173; i < 400; ++i)
    second.step(pulls_of(second, sensitivity), second.towards_target((i + 1.0) / 400 * 2));
  CHECK(second.state() == whole.state());
}

TEST_CASE("bitwidth_search: rejects nonsense") {
  constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
  auto const with = [](bitwidth_options const& o) {
    return message_of([&] { (void)bitwidth_search({1, 2}, o); });
  };
  CHECK(message_of([] { (void)bitwidth_search(std::vector<double>{}); }) ==
        "detent: costs: are empty; a search has at least one layer");
  CHECK(message_of([] {
          (void)bitwidth_search({1, -2});
        }).starts_with("detent: cost of a layer: is -2"));
  CHECK(with({.target_bits = 9}) == "detent: target_bits: is 9; allowed are 2 to 8");
  CHECK(with({.target_bits = not_a_number}).starts_with("detent: target_bits"));
  CHECK(with({.min_bits = 0}).starts_with("detent: min_bits"));
  CHECK(with({.min_bits = 5, .max_bits = 3}).starts_with("detent: min_bits"));
  CHECK(with({.max_bits = 17}).starts_with("detent: min_bits"));
  CHECK(with({.start_bits = 9}).starts_with("detent: start_bits"));
  CHECK(with({.rate = -1}).starts_with("detent: rate: is -1"));
  CHECK(with({.momentum = 1}).starts_with("detent: momentum: is 1"));

  auto const from = [](std::vector<double> const& start) {
    return message_of([&] { (void)bitwidth_search({1, 2}, {}, start); });
  };
  CHECK(from({8, 8}).empty());
  CHECK(from({8}) == "detent: start: has 1 elements where costs has 2");
  CHECK(from({8, 1}) == "detent: start of a layer: is 1; allowed are 2 to 8");

  bitwidth_search search({1, 2});
  bitwidth_state const before = search.state();
  CHECK(message_of([&] { search.step(std::vector<double>{1}, 4); }) ==
        "detent: pulls: has 1 elements where costs has 2");
  CHECK(message_of([&] {
          search.step(std::vector<double>{1, not_a_number}, 4);
        }).starts_with("detent: a pull: is not finite"));
  CHECK(message_of([&] {
          search.step(std::vector<double>{1, 1}, 1);
        }).starts_with("detent: wanted average: is 1"));
  CHECK(message_of([&] { (void)search.bits(2); }) == "detent: layer: is 2 of 2");
  CHECK(search.state() == before);

  CHECK(message_of([] {
          restore_bitwidth_search("{\"steps\": 1");
        }).starts_with("detent: state of a bit-width search"));
  CHECK(message_of([] {
          restore_bitwidth_search("[]");
        }).starts_with("detent: state of a bit-width search"));
  bitwidth_state broken = before;
  broken.smoothed.pop_back();
  CHECK(message_of([&] {
          (void)bitwidth_search::restored(broken);
        }).starts_with("detent: smoothed of the state"));
  broken = before;
  broken.bit_widths[0] = 99;
  CHECK(message_of([&] {
          (void)bitwidth_search::restored(broken);
        }).starts_with("detent: bit_widths of the state: is 99"));
}
