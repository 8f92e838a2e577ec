// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// RQ: frequencies, the Concrete mixture by its formula, gradients for held draws, determinism.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/relaxed.hpp>
#include <detent/quantizer/rounding.hpp>
#include <limits>
#include <map>
#include <support/backwards.hpp>
#include <support/noisy_levels.hpp>
#include <support/tensors.hpp>
#include <support/ulp.hpp>
#include <vector>

using namespace detent;

namespace {

using straight = relaxed<relaxed_output::straight_through>;

uniform<double> grid_of(int b, double step) {
  return twos_complement_grid(bits{b}, step_size{step});
}

/// The mixture by its definition, with the library's uniform numbers, in long double.
long double mixture(relaxed<> const& q, double noise, double temperature, philox_draws const& draws,
                    std::uint64_t element, double x, bool largest = false) {
  auto const& g = q.grid();
  long double const a = g.step();
  auto const logistic = [&](long double c) { return 1 / (1 + std::exp(-(c - x) / noise)); };
  int const m = g.code(x), first = q.is_local() ? m - q.reach() : g.lowest_code();
  int const slots = q.is_local() ? 2 * q.reach() + 1 : g.size();
  long double sum = 0, weighted = 0, best = -1, best_level = 0;
  for (int slot = 0; slot < slots; ++slot) {
    int const n = first + slot;
    if (n < g.lowest_code() || n > g.highest_code()) continue;
    auto const block = draws(element, static_cast<std::uint32_t>(slot / 6));
    auto const word = sixths(block).word[slot % 6];
    long double const gumbel =
        -std::log(-std::log(static_cast<long double>(open_unit<double>(word))));
    long double const below = a * n - a / 2, above = a * n + a / 2;
    long double const share = below > x ? logistic(2 * x - below) - logistic(2 * x - above)
                                        : logistic(above) - logistic(below);
    long double const z = std::exp((std::log(share) + gumbel) / temperature);
    sum += z;
    weighted += z * a * n;
    if (z > best) best = z, best_level = a * n;
  }
  return largest ? best_level : weighted / sum;
}

}  // namespace

TEST_CASE("relaxed: the mixture is that of the definition") {
  philox_draws const draws{7, 2, 1};
  for (double const temperature : {0.5, 1.0, 3.0}) {
    for (double const local : {0.0, 3.0}) {
      double const noise = 0.08;
      relaxed<> const q(grid_of(4, 0.2), noise, draws, {temperature, local});
      straight const s(grid_of(4, 0.2), noise, draws, {temperature, local});
      CHECK(q.is_local() == (local > 0));
      for (std::uint64_t i = 0; i < 300; ++i) {
        double const x = -2 + 0.0133 * static_cast<double>(i);
        long double const expected = mixture(q, noise, temperature, draws, i, x);
        CHECK(std::fabs(q.at(i)(x) - static_cast<double>(expected)) < 1e-9);
        CHECK(std::fabs(static_cast<double>(q.at(i)(static_cast<float>(x))) -
                        static_cast<double>(expected)) < 2e-3);
        CHECK(std::fabs(s.at(i)(x) - static_cast<double>(mixture(q, noise, temperature, draws, i, x,
                                                                 true))) < 1e-12);
      }
    }
  }
}

TEST_CASE("relaxed: gradients by weight, step and noise are the derivatives for held draws") {
  philox_draws const draws{3, 0, 5};
  double const step = 0.25, h = 1e-6;
  for (double const temperature : {1.0, 2.0}) {
    for (double const noise : {0.05, 0.2, 1.0}) {
      for (std::uint64_t i = 0; i < 40; ++i) {
        double const x = -1.3 + 0.07 * static_cast<double>(i);
        double const u = x / step;
        if (std::fabs(u - std::floor(u) - 0.5) < 1e-3) continue;  // the local window moves there
        auto const at = [&](double dx, double da, double ds) {
          relaxed<> const q(grid_of(3, step + da), noise + ds, draws, {temperature, 0});
          return mixture(q, noise + ds, temperature, draws, i, x + dx);
        };
        auto const slope = [&](double dx, double da, double ds) {
          return static_cast<double>((at(dx, da, ds) - at(-dx, -da, -ds)) / (2 * h));
        };
        auto const p =
            relaxed<>(grid_of(3, step), noise, draws, {temperature, 0}).at(i).backward(x, 2.0);
        auto const close = [](double a, double b) {
          return std::fabs(a - 2 * b) <= 1e-6 * (1 + std::fabs(a));
        };
        CHECK(close(p.gradient, slope(h, 0, 0)));
        CHECK(close(p.theta[0], slope(0, h, 0)));
        CHECK(close(p.theta[1], slope(0, 0, h)));
      }
    }
  }
}

// At most 13 classes of at least 500 expected draws and the rest: 13 degrees of freedom, by which
// 45 is exceeded with a probability of 2·10⁻⁵.
TEST_CASE("relaxed: levels are drawn as often as their probability says") {
  double const noise = 0.15, x = 0.07;
  auto const g = grid_of(4, 0.1);
  straight const q(g, noise, philox_draws{11, 4, 0}, {1, 0});
  std::map<int, double> counts;
  constexpr int draws = 20000;
  for (std::uint64_t i = 0; i < draws; ++i)
    ++counts[q.at(i).code(x)];
  auto const cumulative = [&](double c) { return 1 / (1 + std::exp(-(c - x) / noise)); };
  double const all = cumulative(0.75) - cumulative(-0.85);
  double statistic = 0, rest = draws, rest_expected = draws;
  for (int n = g.lowest_code(); n < 5; ++n) {
    double const expected = draws * (cumulative(0.1 * n + 0.05) - cumulative(0.1 * n - 0.05)) / all;
    if (expected < 500) continue;
    statistic += std::pow(counts[n] - expected, 2) / expected;
    rest -= counts[n];
    rest_expected -= expected;
  }
  statistic += std::pow(rest - rest_expected, 2) / rest_expected;
  CHECK(statistic < 45);
  CHECK(statistic > 0);
}

TEST_CASE("relaxed: without noise it is rounding") {
  auto const g = grid_of(4, 0.1);
  relaxed<> const q(g, 1e-7, philox_draws{});
  CHECK(q.reach() == 1);
  for (double const x : tensors::random<double>(400, 3, 1.0)) {
    double const u = x / 0.1;
    if (std::fabs(u - std::floor(u) - 0.5) < 1e-3) continue;
    CHECK(std::fabs(q.at(5)(x) - rounding(g)(x)) < 1e-12);
    CHECK(std::fabs(q.at(5).backward(x, 1.0).gradient) < 1e-6);
  }
}

TEST_CASE("relaxed: sound from noise 1e-6 to 100 steps and far outside") {
  for (double const noise : {1e-6, 1e-3, 0.3, 3.0, 100.0}) {
    relaxed<> const q(grid_of(3, 1.0), noise, philox_draws{});
    for (float const x : {-1e30f, -1e6f, -300.0f, -4.5f, -0.5f, 0.5f, 8.0f, 300.0f, 1e6f, 1e30f}) {
      CAPTURE(noise);
      CAPTURE(x);
      float const y = q.at(1)(x);
      CHECK(y >= -4);
      CHECK(y <= 3);
      auto const p = q.at(1).backward(x, 1.0f);
      CHECK(std::isfinite(p.gradient));
      CHECK(std::isfinite(p.theta[0]));
      CHECK(std::isfinite(p.theta[1]));
    }
  }
  CHECK(std::isnan(relaxed<>(grid_of(3, 1.0), 0.3, philox_draws{})
                       .at(1)(std::numeric_limits<double>::quiet_NaN())));
}

namespace {

/// The errors of one element in the units that `relaxed` states.
struct unit_errors {
  detent_test::worst output, by_weight, by_step, by_noise;
  int infinite = 0;

  double largest() const {
    return std::max({output.error(), by_weight.error(), by_step.error(), by_noise.error()});
  }
};

/// Weights within the grid, near and on the thresholds, and beyond the ends up to 1e30.
template <class T>
std::vector<T> weights_around(uniform<double> const& grid) {
  std::vector<T> w;
  double const low = grid.lowest(), high = grid.highest(), step = grid.step();
  for (double part = 0; part < 1; part += 0.043)
    w.push_back(static_cast<T>(low - 1 + part * (high - low + 2)));
  for (double const code : {-1.0, 0.0, 1.0}) {
    for (double const beside : {-0.1, -1e-3, -1e-6, -1e-7, 0.0, 1e-7, 1e-6, 1e-3, 0.1})
      w.push_back(static_cast<T>(step * (code + 0.5 + beside)));
  }
  for (double const beyond : {1.0, 2.5, 4.0, 10.0, 100.0, 1e6, 1e30}) {
    w.push_back(static_cast<T>(low - beyond));
    w.push_back(static_cast<T>(high + beyond));
  }
  return w;
}

/// Compares what an element computes with the definition.
template <class T>
void observe(relaxed<> const& q, double noise, double temperature, philox_draws const& draws,
             std::uint64_t element, T x, unit_errors& errors) {
  auto const& grid = q.grid();
  double const step = grid.step(), slant = step / noise;
  double const near_grid = std::clamp(static_cast<double>(x), grid.lowest() - 1000 * noise - step,
                                      grid.highest() + 1000 * noise + step);
  auto const want =
      detent_test::noisy_mean(detent_test::drawn_levels<T>(q, draws, element, near_grid), step,
                              noise, temperature, near_grid);
  T const y = q.at(element)(x);
  auto const p = q.at(element).backward(x, T(1));
  for (T const number : {y, p.gradient, p.theta[0], p.theta[1]})
    errors.infinite += !std::isfinite(number);
  double const epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  double const levels = grid.size();
  double const others = q.is_local() ? std::min(levels - 1, 2.0 * q.reach()) : levels - 1;
  double const e = epsilon * (1 + (1 + slant) / temperature);
  double const farthest = others + 1 + (sizeof(T) == 4 ? 18 : 40) / slant;
  double const d = e * others * (others + 1) * slant / temperature;
  auto const units = [](T got, long double exact, double unit) {
    return static_cast<double>(std::fabs(static_cast<long double>(got) - exact)) / unit;
  };
  auto const at = static_cast<double>(x);
  errors.output.observe(units(y, want.output, step * (epsilon * levels + e * others)), at);
  errors.by_weight.observe(units(p.gradient, want.by_weight, d), at);
  errors.by_step.observe(units(p.theta[0], want.by_step, epsilon * levels + farthest * d), at);
  errors.by_noise.observe(units(p.theta[1], want.by_noise, slant * farthest * d), at);
}

template <class T>
void check_range(double temperature) {
  philox_draws const draws{3, 7, 1};
  for (int const b : {1, 2, 4, 8}) {
    for (double const local : {0.0, 0.5, 3.0}) {
      for (double const steps :
           {1e-6, 1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0, 100.0, 1e3}) {
        CAPTURE(temperature);
        CAPTURE(b);
        CAPTURE(local);
        CAPTURE(steps);
        double const step = 0.25, noise = steps * step;
        relaxed<> const q(grid_of(b, step), noise, draws, {temperature, local});
        unit_errors errors;
        std::uint64_t element = 0;
        for (T const x : weights_around<T>(q.grid())) {
          double const u = static_cast<double>(x) / step;
          // There the local window moves.
          if (local > 0 && std::fabs(u - std::floor(u) - 0.5) < 1e-7) continue;
          observe(q, noise, temperature, draws, ++element, x, errors);
        }
        CHECK(errors.infinite == 0);
        CHECK(errors.largest() <= relaxed_error_bound);
      }
    }
  }
}

}  // namespace

TEST_CASE("relaxed: over all noise, temperatures and weights within the stated error") {
  for (double const temperature : {0.25, 0.26, 0.5, 1.0, 2.0, 10.0, 100.0}) {
    check_range<float>(temperature);
    if (temperature != 0.26 && temperature != 2) check_range<double>(temperature);
  }
}

TEST_CASE("relaxed: at a low temperature and a small noise no gradient of a tensor is infinite") {
  std::vector<float> w;
  for (int i = -400; i <= 400; ++i)
    w.push_back(static_cast<float>(0.01 * i));
  std::vector<float> const up(w.size(), 1.0f);
  int infinite = 0;
  for (double const temperature : {0.25, 0.28}) {
    for (double const noise : {0.01, 0.003, 0.001, 1e-6}) {
      for (std::uint32_t step = 0; step < 30; ++step) {
        relaxed<> const q(grid_of(4, 0.25), noise * 0.25, {3, step, 0}, {temperature});
        std::vector<float> g(w.size());
        auto const r = backward(q, w, up, g);
        for (float const x : g)
          infinite += !std::isfinite(x);
        infinite += !std::isfinite(r.theta[0]) + !std::isfinite(r.theta[1]);
      }
    }
  }
  CHECK(infinite == 0);
}

TEST_CASE("relaxed: a high temperature brings no level back that the noise does not reach") {
  // ln A of the neighbours is -500 and -1500: at temperature 100 they weigh e^-5 and e^-15 times
  // the draws' power, which is near 1.
  relaxed<> const q(grid_of(2, 1.0), 1e-3, philox_draws{1, 0, 0}, {100, 0});
  for (std::uint64_t i = 0; i < 100; ++i) {
    CHECK(std::fabs(q.at(i)(0.0f)) < 0.01f);
    CHECK(std::fabs(q.at(i)(0.0)) < 0.01);
  }
  // And here -5e5: even a hundredth of it is nothing.
  relaxed<> const none(grid_of(2, 1.0), 1e-6, philox_draws{1, 0, 0}, {100, 0});
  CHECK(none.at(0)(0.0f) == 0.0f);
  CHECK(none.at(0)(0.0) == 0.0);
}

TEST_CASE("relaxed: levels within the local range take part, the neighbours at least") {
  auto const reach = [](int b, double noise, double local) {
    relaxed<> const q(grid_of(b, 1.0), noise, philox_draws{}, {.local = local});
    return q.is_local() ? q.reach() : -q.reach();
  };
  CHECK(reach(8, 1e-6, 3) == 1);
  CHECK(reach(8, 0.3, 3) == 1);
  CHECK(reach(8, 0.34, 3) == 2);
  CHECK(reach(8, 1.0, 3) == 3);
  CHECK(reach(8, 1.01, 3) == 4);
  CHECK(reach(8, 1.0, 2) == 2);
  CHECK(reach(4, 2.0, 3) == 6);
  CHECK(reach(4, 2.4, 3) == -15);  // 17 levels would take part: all do
  CHECK(reach(8, 1.0, 0) == -255);
  CHECK(relaxed<>(grid_of(8, 1.0), 1.0, philox_draws{}).reach() == 3);  // 3 unless said otherwise
  // With a small noise the far end of the reach has no weight; with a large one it has.
  straight const q(grid_of(8, 1.0), 4.0, philox_draws{5, 0, 0}, {.local = 0.5});
  int lowest = 0, highest = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    int const n = q.at(i).code(0.0);
    lowest = std::min(lowest, n);
    highest = std::max(highest, n);
  }
  CHECK(lowest == -2);
  CHECK(highest == 2);
}

TEST_CASE("relaxed: NaN stays NaN and harms no neighbour, and its code is the lowest") {
  double const nan = std::numeric_limits<double>::quiet_NaN();
  relaxed<> const q(grid_of(4, 0.2), 0.07, philox_draws{9, 1, 2}, {2, 0});
  straight const s(grid_of(4, 0.2), 0.07, philox_draws{9, 1, 2});
  CHECK(std::isnan(q.at(3)(nan)));
  CHECK(std::isnan(s.at(3)(nan)));
  CHECK(std::isnan(q.at(3).backward(nan, 1.0).gradient));
  CHECK(q.at(3).code(nan) == -8);
  auto const w = tensors::random<double>(100, 1);
  auto marked = w;
  marked[30] = nan;
  std::vector<double> one(w.size()), two(w.size());
  quantize(s, w, one);
  quantize(s, marked, two);
  CHECK(std::isnan(two[30]));
  two[30] = one[30];
  CHECK(tensors::same_bits(one, two));
}

TEST_CASE("relaxed: the verbs draw by the place of the weight, whatever the order") {
  auto const w = tensors::random<float>(50263, 1), up = tensors::random<float>(50263, 2);
  relaxed<> const q(grid_of(4, 0.2), 0.07, philox_draws{9, 1, 2});
  std::vector<float> one(w.size()), two(w.size()), g(w.size()), h(w.size());
  detent_test::backwards const other_order;
  quantize(q, w, one);
  quantize(on(other_order), q, w, two);
  CHECK(tensors::same_bits(one, two));
  for (std::size_t i = 0; i < w.size(); i += 1009)
    CHECK(one[i] == q.at(i)(w[i]));
  auto const a = backward(q, w, up, g);
  auto const b = backward(on(other_order), q, w, up, h);
  CHECK(tensors::same_bits(g, h));
  CHECK(tensors::same_bits(a.theta[0], b.theta[0]));
  CHECK(tensors::same_bits(a.theta[1], b.theta[1]));
  quantize(relaxed<>(grid_of(4, 0.2), 0.07, philox_draws{9, 2, 2}), w, two);
  CHECK_FALSE(tensors::same_bits(one, two));
}

TEST_CASE("relaxed: options that make no sense are refused") {
  auto const message = [](double noise, relaxed_options const& o) {
    return tensors::message_of([&] { (void)relaxed<>(grid_of(3, 1.0), noise, {}, o); });
  };
  CHECK(message(0.3, {}).empty());
  CHECK(message(0, {}).starts_with("detent: noise: is 0"));
  CHECK(message(0.3, {.temperature = 0.1}) ==
        "detent: temperature: is 0.1; allowed are 0.25 to 100");
  CHECK(message(0.3, {.local = -1}).starts_with("detent: local: is -1"));
  CHECK(tensors::message_of([] { (void)relaxed<>(dorefa_grid(bits{3}), 0.1, {}); }) ==
        "detent: relaxed: has a grid of phase 0.5; 0 is needed");
}

TEST_CASE("relaxed: a window as wide as the grid is the whole grid") {
  // Three levels, and a reach of one to either side: exactly the grid.
  uniform<double> const grid(step_size{1}, 0, -1, 1);
  relaxed<> const q(grid, 1.0 / 3, {.seed = 1, .step = 2, .tensor = 3});
  CHECK_FALSE(q.is_local());
  CHECK(q.reach() == 2);
  uniform<double> const wider(step_size{1}, 0, -1, 2);
  CHECK(relaxed<>(wider, 1.0 / 3, {.seed = 1, .step = 2, .tensor = 3}).is_local());
}

TEST_CASE("relaxed: temperatures from 0.25 to 100, and none beside") {
  uniform<double> const grid(step_size{1}, 0, -1, 1);
  auto const make = [&](double temperature) {
    relaxed<>(grid, 0.5, {.seed = 1, .step = 2, .tensor = 3}, {.temperature = temperature});
  };
  CHECK_NOTHROW(make(0.25));
  CHECK_NOTHROW(make(100));
  CHECK_THROWS_AS(make(0.2499), invalid_argument);
  CHECK_THROWS_AS(make(100.001), invalid_argument);
}
