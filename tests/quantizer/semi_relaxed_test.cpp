// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// SRQ: probabilities, both gradients against differences, limits, and inputs far outside.

#include <doctest/doctest.h>

#include <cmath>
#include <detent/algorithm/backward.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/semi_relaxed.hpp>
#include <limits>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;

namespace {

using chosen = semi_relaxed<relaxed_classes::chosen>;
using all = semi_relaxed<relaxed_classes::all>;

uniform<double> grid_of(int b, double step) {
  return twos_complement_grid(bits{b}, step_size{step});
}

/// π by its definition, in long double.
long double probability(uniform<double> const& g, double noise, double x, int code) {
  long double const a = g.step();
  auto const logistic = [&](long double c) { return 1 / (1 + std::exp(-(c - x) / noise)); };
  // The difference is taken on the side where neither term is near 1.
  auto const between = [&](long double low, long double high) {
    if (low > x) return logistic(2 * x - low) - logistic(2 * x - high);
    return logistic(high) - logistic(low);
  };
  return between(a * code - a / 2, a * code + a / 2) /
         between(a * g.lowest_code() - a / 2, a * g.highest_code() + a / 2);
}

/// The relaxed output whose derivative the gradient is: with the class taken held, or of all.
long double output(bool of_all, int b, int taken, double step, double noise, double x) {
  auto const g = grid_of(b, step);
  if (!of_all) return static_cast<long double>(step) * taken * probability(g, noise, x, taken);
  long double sum = 0;
  for (int n = g.lowest_code(); n <= g.highest_code(); ++n)
    sum += static_cast<long double>(step) * n * probability(g, noise, x, n);
  return sum;
}

bool close(double a, long double b, double tolerance) {
  return std::fabs(a - static_cast<double>(b)) <=
         tolerance * (1 + std::fabs(static_cast<double>(b)));
}

}  // namespace

TEST_CASE("semi_relaxed: probabilities are those of the definition and sum to 1") {
  for (int b = 1; b <= 5; ++b) {
    for (double const noise : {0.03, 0.1, 1.0, 20.0}) {
      auto const g = grid_of(b, 0.2);
      chosen const q(g, noise);
      for (double const x : {-1.3, -0.31, 0.0, 0.07, 0.299, 0.9}) {
        double sum = 0;
        for (int n = g.lowest_code(); n <= g.highest_code(); ++n) {
          double const p = q.probability(x, n);
          CHECK(close(p, probability(g, noise, x, n), 1e-12));
          sum += p;
        }
        CHECK(std::fabs(sum - 1) < 1e-12);
        CHECK(q.probability(x) == q.probability(x, q.code(x)));
      }
    }
  }
}

TEST_CASE("semi_relaxed: gradients by weight, step and noise are the derivatives") {
  for (int b = 2; b <= 4; ++b) {
    for (double const noise : {0.02, 0.1, 0.7}) {
      double const step = 0.25, h = 1e-5;
      chosen const one(grid_of(b, step), noise);
      all const every(grid_of(b, step), noise);
      for (double const x : {-1.37, -0.4, -0.26, 0.06, 0.2, 0.61, 1.9}) {
        int const m = one.code(x);
        for (bool const of_all : {false, true}) {
          CAPTURE(b);
          CAPTURE(noise);
          CAPTURE(x);
          CAPTURE(of_all);
          auto const p = of_all ? every.backward(x, 1.5) : one.backward(x, 1.5);
          auto const slope = [&](double dx, double da, double ds) {
            return 1.5L *
                   (output(of_all, b, m, step + da, noise + ds, x + dx) -
                    output(of_all, b, m, step - da, noise - ds, x - dx)) /
                   (2 * static_cast<long double>(h));
          };
          // The straight-through α of the chosen level counts in full, beside what π makes of it.
          long double const straight =
              of_all ? 0 : 1.5L * m * (1 - probability(one.grid(), noise, x, m));
          CHECK(close(p.gradient, slope(h, 0, 0), 1e-6));
          CHECK(close(p.theta[0], slope(0, h, 0) + straight, 1e-6));
          CHECK(close(p.theta[1], slope(0, 0, h), 1e-6));
        }
      }
    }
  }
}

TEST_CASE("semi_relaxed: the zero bin has no gradient") {
  chosen const q(grid_of(3, 0.5), 0.2);
  for (double const x : {-0.2499, -0.1, 0.0, 0.24}) {
    auto const p = q.backward(x, 4.0);
    CHECK(p.gradient == 0);
    CHECK(p.theta[0] == 0);
    CHECK(p.theta[1] == 0);
  }
  CHECK(q.backward(0.26, 4.0).gradient != 0);
}

TEST_CASE("semi_relaxed: without noise it is rounding, forward at any noise") {
  auto const g = grid_of(4, 0.1);
  chosen const still(g, 1e-7), loud(g, 10.0);
  for (double const x : tensors::random<double>(500, 3, 1.0)) {
    double const u = x / 0.1;
    if (std::fabs(u - std::floor(u) - 0.5) < 1e-3) continue;
    CHECK(still(x) == rounding(g)(x));
    CHECK(loud(x) == rounding(g)(x));
    CHECK(std::fabs(still.probability(x) - 1) < 1e-12);
    CHECK(std::fabs(still.backward(x, 1.0).gradient) < 1e-12);
  }
}

TEST_CASE("semi_relaxed: sound from noise 1e-6 to 100 steps and far outside, in float and double") {
  for (double const noise : {1e-6, 1e-3, 0.1, 1.0, 100.0}) {
    for (double const x :
         {-1e30, -1e6, -300.0, -9.0, -4.5, -0.5, 0.5, 3.5, 8.0, 300.0, 1e6, 1e30}) {
      CAPTURE(noise);
      CAPTURE(x);
      auto const check = [&](auto const& q) {
        auto const p = q.backward(static_cast<float>(x), 1.0f);
        auto const d = q.backward(x, 1.0);
        CHECK(std::isfinite(p.gradient));
        CHECK(std::isfinite(p.theta[0]));
        CHECK(std::isfinite(p.theta[1]));
        double const scale = 1 / noise + 1;
        CHECK(std::fabs(p.gradient - d.gradient) < 1e-4 * scale);
        CHECK(std::fabs(p.theta[0] - d.theta[0]) < 1e-4 * scale);
        CHECK(std::fabs(p.theta[1] - d.theta[1]) < 1e-4 * scale);
        CHECK(q.probability(x) > 0.49 * std::min(1.0, 0.1 / noise));
        CHECK(q.probability(x) <= 1 + 1e-12);
      };
      check(chosen(grid_of(3, 1.0), noise));
      check(all(grid_of(3, 1.0), noise));
    }
  }
  // Beyond the grid nothing depends on how far.
  chosen const q(grid_of(3, 1.0), 0.3);
  CHECK(std::fabs(q.backward(1e3, 1.0).gradient) < 1e-15);
  CHECK(std::fabs(q.backward(1e3, 1.0).theta[0] - q.backward(1e9, 1.0).theta[0]) < 1e-12);
}

TEST_CASE("semi_relaxed: backward sums both parameters over a tensor") {
  auto const x = tensors::random<float>(3000, 1), up = tensors::random<float>(3000, 2);
  chosen const q(grid_of(4, 0.2), 0.07);
  std::vector<float> g(x.size());
  auto const r = backward(q, x, up, g);
  double by_step = 0, by_noise = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    auto const p = q.backward(x[i], up[i]);
    CHECK(std::fabs(g[i] - p.gradient) < 1e-5f * (1 + std::fabs(p.gradient)));
    by_step += static_cast<double>(p.theta[0]);
    by_noise += static_cast<double>(p.theta[1]);
  }
  CHECK(std::fabs(r.theta[0] - by_step) < 1e-3 * (1 + std::fabs(by_step)));
  CHECK(std::fabs(r.theta[1] - by_noise) < 1e-3 * (1 + std::fabs(by_noise)));
}

TEST_CASE("semi_relaxed: NaN stays NaN; a noise or grid that makes no sense is refused") {
  chosen const q(grid_of(3, 1.0), 0.3);
  CHECK(std::isnan(q.backward(std::numeric_limits<double>::quiet_NaN(), 1.0).gradient));
  for (double const noise : {0.0, -1.0, 1e-7, 2000.0, std::numeric_limits<double>::quiet_NaN()})
    CHECK(tensors::message_of([&] {
            (void)chosen(grid_of(3, 1.0), noise);
          }).starts_with("detent: noise"));
  CHECK(tensors::message_of([] { (void)chosen(dorefa_grid(bits{3}), 0.1); }) ==
        "detent: semi_relaxed: has a grid of phase 0.5; 0 is needed");
}
