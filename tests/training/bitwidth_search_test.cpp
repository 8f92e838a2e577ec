// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <detent/interop/nlohmann_json.hpp>
#include <detent/training/bitwidth_search.hpp>
#include <limits>
#include <string>
#include <support/random.hpp>
#include <support/tensors.hpp>
#include <utility>
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

namespace {

/// A search after some steps, as its state.
bitwidth_state stepped() {
  bitwidth_search search({1000, 3000}, {.target_bits = 4});
  for (int i = 0; i < 5; ++i)
    search.step(std::vector{-1.0, 1.0}, 6.0);
  return search.state();
}

bool names(std::string const& message, char const* field) {
  return message.starts_with("detent: ") && message.find(field) != std::string::npos;
}

/// What `restored` says to a state that was changed.
template <class Change>
std::string refusal(Change change) {
  bitwidth_state state = stepped();
  change(state);
  return message_of([&] { (void)bitwidth_search::restored(state); });
}

/// Bit-widths after 3,000 steps of the pulls {-5, -1, -2}, a few of which are replaced.
std::vector<double> after(std::vector<std::pair<int, double>> const& wild,
                          bitwidth_options options = {.target_bits = 4.5}) {
  bitwidth_search search({1000, 3000, 2000}, options);
  for (int t = 0; t < 3000; ++t) {
    // Pulls that fall with the bits, so that the layers rest within the limits.
    std::vector<double> pulls;
    for (std::size_t l = 0; l < 3; ++l)
      pulls.push_back(-(5.0 + static_cast<double>(l)) * std::exp2(-search.bit_widths()[l]));
    for (auto const& [step, pull] : wild) {
      if (t == step) pulls[1] = pull;
    }
    search.step(pulls, search.towards_target(t / 100.0));
  }
  return {search.bit_widths().begin(), search.bit_widths().end()};
}

}  // namespace

TEST_CASE("bitwidth_search: a restored state has every number checked, and the error names it") {
  constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(refusal([](bitwidth_state&) {}).empty());
  for (double const bad : {not_a_number, infinity, -infinity}) {
    auto const set = [&](auto field) {
      return refusal([&](bitwidth_state& s) { field(s) = bad; });
    };
    using state = bitwidth_state;
    CHECK(names(set([](state& s) -> double& { return s.options.target_bits; }), "target_bits"));
    CHECK(names(set([](state& s) -> double& { return s.options.min_bits; }), "min_bits"));
    CHECK(names(set([](state& s) -> double& { return s.options.max_bits; }), "max_bits"));
    CHECK(names(set([](state& s) -> double& { return s.options.start_bits; }), "start_bits"));
    CHECK(names(set([](state& s) -> double& { return s.options.rate; }), "rate"));
    CHECK(names(set([](state& s) -> double& { return s.options.momentum; }), "momentum"));
    CHECK(names(set([](state& s) -> double& { return s.costs[1]; }), "costs"));
    CHECK(names(set([](state& s) -> double& { return s.bit_widths[1]; }), "bit_widths"));
    CHECK(names(set([](state& s) -> double& { return s.smoothed[0]; }), "smoothed"));
    CHECK(names(set([](state& s) -> double& { return s.size; }), "size"));
    CHECK(names(set([](state& s) -> double& { return s.weight; }), "weight"));
    CHECK(names(set([](state& s) -> double& { return s.history[2].strength; }), "strength"));
    CHECK(names(set([](state& s) -> double& { return s.history[2].bit_widths[0]; }),
                "bit_widths of the history"));
    CHECK(names(set([](state& s) -> double& { return s.history[4].data_pulls[1]; }), "data_pulls"));
  }
}

TEST_CASE("bitwidth_search: a restored state has every field compared with the others") {
  using state = bitwidth_state;
  CHECK(names(refusal([](state& s) { s.costs[0] = 0; }), "costs"));
  CHECK(names(refusal([](state& s) { s.costs.clear(); }), "costs"));
  CHECK(names(refusal([](state& s) { s.costs.pop_back(); }), "bit_widths of the state: has 2"));
  CHECK(names(refusal([](state& s) { s.bit_widths.pop_back(); }), "bit_widths"));
  CHECK(names(refusal([](state& s) { s.smoothed.push_back(0); }), "smoothed"));
  CHECK(names(refusal([](state& s) { s.clamped.clear(); }), "clamped"));
  CHECK(names(refusal([](state& s) { s.clamped[0] = -1; }), "clamped"));
  CHECK(names(refusal([](state& s) { s.clamped[1] = 6; }), "clamped"));
  CHECK(names(refusal([](state& s) { s.steps = -5; }), "steps"));
  CHECK(names(refusal([](state& s) { s.size = -1; }), "size"));
  CHECK(names(refusal([](state& s) { s.weight = -1; }), "weight"));
  CHECK(names(refusal([](state& s) { s.weight = 0; }), "weight"));
  CHECK(names(refusal([](state& s) { s.weight = 1.5; }), "weight"));
  CHECK(names(refusal([](state& s) { s.smoothed[1] = 1e9; }), "smoothed"));
  CHECK(names(refusal([](state& s) { s.bit_widths[0] = 8.5; }), "bit_widths"));
  CHECK(names(refusal([](state& s) { s.bit_widths[0] += 0.5; }), "bit_widths"));
  CHECK(names(refusal([](state& s) { s.steps = 6; }), "history"));
  CHECK(names(refusal([](state& s) { s.history.pop_back(); }), "history"));
  CHECK(names(refusal([](state& s) { s.history.clear(); }), "history"));
  CHECK(names(refusal([](state& s) { s.history[1].step = 7; }), "step of the history"));
  CHECK(names(refusal([](state& s) { s.history[1].step = -2; }), "step of the history"));
  CHECK(names(refusal([](state& s) { s.history[1].bit_widths.clear(); }), "history"));
  CHECK(names(refusal([](state& s) { s.history[1].data_pulls.push_back(0); }), "history"));
  CHECK(names(refusal([](state& s) { s.history[1].bit_widths[0] = 1; }), "history"));
  CHECK(names(refusal([](state& s) { s.frozen = true; }), "bit_widths"));
  CHECK(names(refusal([](state& s) {
                s.frozen = true;
                s.bit_widths = {3.7, 4.2};
              }),
              "bit_widths"));
  CHECK(names(refusal([](state& s) {
                s.frozen = true;
                s.bit_widths = {2, 2};
              }),
              "bit_widths"));
  // No step was made, but means and counts say so.
  auto const unused = [](auto change) {
    state s = bitwidth_search({1, 2}).state();
    change(s);
    return message_of([&] { (void)bitwidth_search::restored(s); });
  };
  CHECK(unused([](state&) {}).empty());
  CHECK(names(unused([](state& s) { s.size = 1; }), "size"));
  CHECK(names(unused([](state& s) { s.weight = 0.1; }), "weight"));
  CHECK(names(unused([](state& s) { s.smoothed[0] = 0.1; }), "smoothed"));
  CHECK(names(unused([](state& s) { s.clamped[0] = 1; }), "clamped"));
}

TEST_CASE("bitwidth_search: a count in JSON is a whole number within 64 bits") {
  auto const with = [](std::string const& from, std::string const& to) {
    std::string text = save(bitwidth_search::restored(stepped()));
    text.replace(text.find(from), from.size(), to);
    return message_of([&] { (void)restore_bitwidth_search(text); });
  };
  CHECK(with("\"steps\":5", "\"steps\":5").empty());
  CHECK(names(with("\"steps\":5", "\"steps\":5.5"), "steps"));
  CHECK(names(with("\"steps\":5", "\"steps\":1e300"), "steps"));
  CHECK(names(with("\"steps\":5", "\"steps\":18446744073709551615"), "steps"));
  CHECK(names(with("\"step\":1", "\"step\":1.0"), "step of the history"));
  CHECK(names(with("\"clamped\":[", "\"clamped\":[0.5,"), "clamped"));
  CHECK(names(with("\"frozen\":false", "\"frozen\":3"), "state of a bit-width search"));
  CHECK(names(with("\"size\":", "\"size\":null,\"s\":"), "state of a bit-width search"));
  CHECK(names(with("\"size\":", "\"s\":"), "state of a bit-width search"));
}

TEST_CASE("bitwidth_search: frozen between whole limits, it is saved and restored") {
  bitwidth_search search({1, 1},
                         {.target_bits = 7.4, .min_bits = 2.5, .max_bits = 7.5, .start_bits = 7.3});
  search.freeze();
  CHECK(restore_bitwidth_search(save(search)).state() == search.state());
}

TEST_CASE("bitwidth_search: one wild pull is forgotten") {
  std::vector<double> const calm = after({});
  for (double const wild : {1e3, 1e6, 1e150, 1e160, 1e200, 1.7e308, -1e160, -1.7e308, 1e-320}) {
    CAPTURE(wild);
    for (int const step : {0, 1, 10, 2000}) {
      CAPTURE(step);
      std::vector<double> const b = after({{step, wild}});
      for (std::size_t l = 0; l < 3; ++l)
        CHECK(std::fabs(b[l] - calm[l]) < 0.01);
    }
  }
  std::vector<double> const many = after({{0, 1e300}, {1, -1e300}, {2, 1e3}, {50, 1e308}});
  for (std::size_t l = 0; l < 3; ++l)
    CHECK(std::fabs(many[l] - calm[l]) < 0.01);
}

TEST_CASE("bitwidth_search: after a wild pull all that is reported is finite") {
  bitwidth_search search({1e-300, 1e300, 1}, {.target_bits = 4});
  for (double const wild : {1e308, -1e308, 1e-320, 0.0, 1.0}) {
    search.step(std::vector{wild, -1.0, 1e308}, 5.0);
    auto const& last = search.history().back();
    CHECK(std::isfinite(last.strength));
    for (std::size_t l = 0; l < 3; ++l) {
      CHECK(std::isfinite(last.data_pulls[l]));
      CHECK(std::isfinite(last.bit_widths[l]));
    }
    CHECK(std::fabs(search.average() - 5.0) < 1e-9);
    CHECK(bitwidth_search::restored(search.state()).state() == search.state());
  }
}

TEST_CASE("bitwidth_search: costs near the largest and the least number have an average") {
  for (double const scale : {1e308, 5e-324, 1e-310}) {
    CAPTURE(scale);
    bitwidth_search search({scale, scale, scale}, {.target_bits = 4}, {3, 4, 8});
    CHECK(search.average() == 5);
    for (int i = 0; i < 20; ++i)
      search.step(std::vector{-3.0, -1.0, -1.0}, 4.5);
    CHECK(std::fabs(search.average() - 4.5) < 1e-9);
    search.freeze();
    CHECK(search.average() <= 4);
  }
  // A power of two in all costs changes no bit.
  bitwidth_search small({1, 3, 5}), large({0x1p900, 3 * 0x1p900, 5 * 0x1p900});
  for (int i = 0; i < 50; ++i) {
    small.step(std::vector{-3.0, -1.0, 0.5}, 5.0);
    large.step(std::vector{-3.0, -1.0, 0.5}, 5.0);
  }
  CHECK(
      std::equal(small.bit_widths().begin(), small.bit_widths().end(), large.bit_widths().begin()));
}

TEST_CASE("bitwidth_search: freezing uses up a target that whole numbers meet exactly") {
  auto const frozen = [](std::vector<double> of_layers, double target, std::vector<double> start) {
    bitwidth_search search(std::move(of_layers), {.target_bits = target}, std::move(start));
    search.freeze();
    return std::vector<double>(search.bit_widths().begin(), search.bit_widths().end());
  };
  CHECK(frozen({1, 1}, 4, {3.5, 3.5}) == std::vector{4.0, 4.0});
  CHECK(frozen({1, 1}, 4, {4.5, 3.4}) == std::vector{5.0, 3.0});
  CHECK(frozen({1, 1}, 3.9, {3.5, 3.5}) == std::vector{4.0, 3.0});
  // Sums of these costs round, the difference from the target does not.
  CHECK(frozen({0.1, 0.2, 0.7}, 3, {2.5, 2.5, 2.5}) == std::vector{3.0, 3.0, 3.0});
  CHECK(frozen({0.3, 0.6, 0.7}, 5, {4.5, 4.6, 4.7}) == std::vector{5.0, 5.0, 5.0});
}

TEST_CASE("bitwidth_search: a rate that moves nothing is refused") {
  CHECK(message_of([] {
          (void)bitwidth_search({1, 2}, {.rate = 1e-310});
        }).starts_with("detent: rate"));
  bitwidth_search slow({1, 2}, {.rate = 1e-290});
  slow.step(std::vector{1.0, 2.0}, 5.0);
  CHECK(std::fabs(slow.average() - 5) < 1e-9);
}

TEST_CASE("bitwidth_search: a layer that does not exist has no alpha") {
  bitwidth_search const search({1, 2});
  CHECK(message_of([&] { (void)search.alpha(2); }) == "detent: layer: is 2 of 2");
}

TEST_CASE("bitwidth_search: freezing raises no layer that has whole bits") {
  bitwidth_search search({1, 1}, {.target_bits = 5}, {4, 3.5});
  search.freeze();
  CHECK(search.bit_widths()[0] == 4);
  CHECK(search.bit_widths()[1] == 4);
}

TEST_CASE("bitwidth_search: the first pulls count in full, and move a layer by the rate") {
  CHECK(bitwidth_options{}.rate == 0.02);
  bitwidth_search search({1, 1}, {}, {6, 6});
  search.step(std::vector<double>{3, -3}, 6);
  CHECK(std::fabs(search.history()[0].data_pulls[0] - 1) < 1e-12);
  CHECK(std::fabs(search.history()[0].data_pulls[1] + 1) < 1e-12);
  CHECK(std::fabs(search.bit_widths()[0] - 5.98) < 1e-9);
  CHECK(std::fabs(search.bit_widths()[1] - 6.02) < 1e-9);
}

TEST_CASE("bitwidth_search: a pull counts with at most 2^20 of those before") {
  bitwidth_search wild({1, 1}, {}, {6, 6}), limited = wild;
  wild.step(std::vector<double>{1, -1}, 6);
  limited.step(std::vector<double>{1, -1}, 6);
  wild.step(std::vector<double>{0x1p40, 0}, 6);
  limited.step(std::vector<double>{0x1p20, 0}, 6);
  CHECK(std::fabs(wild.state().size / limited.state().size - 1) < 1e-12);
  CHECK(std::fabs(wild.state().smoothed[0] / limited.state().smoothed[0] - 1) < 1e-12);
}
