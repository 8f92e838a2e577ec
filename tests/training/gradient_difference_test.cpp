// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The step of a difference of gradients, and what its report says of the error.

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/training/hessian_vector_product.hpp>
#include <limits>
#include <support/oracle_problem.hpp>
#include <support/small_network.hpp>
#include <support/tensors.hpp>

using namespace detent;
using namespace detent_test;

TEST_CASE("gradient_difference: in float a difference is within 1 % of dual numbers, and says so") {
  for (std::size_t const width : {16u, 128u}) {
    CAPTURE(width);
    small_network const net(bend::tanh, width);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CAPTURE(seed);
      problem<double> exact(net.weights<double>(seed));
      exact.by_dual(net);
      problem<float> p(net.weights<float>(seed));
      p.by_dual(net);
      CHECK(relative_distance(p.product, exact.product) < 1e-5);
      p.differentiate(net);
      for (auto const& options : all_options) {
        auto const report = p.by_difference(net, options);
        double const error = relative_distance(p.product, exact.product);
        CHECK(error < (options.form == difference::central ? 1e-3 : 1e-2));
        CHECK(report.rounding_error > 0);
        if (!options.check) continue;
        // The estimate is no bound, and yet of the size.
        CHECK(report.relative_error() > 0.5 * error);
        CHECK(report.relative_error() < 20 * error);
      }
    }
  }
}

TEST_CASE("gradient_difference: the rounding error is estimated where the step is small") {
  small_network const net;
  problem<double> exact(net.weights<double>(1));
  exact.by_dual(net);
  problem<float> p(net.weights<float>(1));
  p.differentiate(net);
  for (auto const form : {difference::one_sided, difference::central}) {
    for (double const step : {0x1p-18, 0x1p-20, 0x1p-22}) {
      auto const report = p.by_difference(net, {form, step, false});
      CHECK(report.step == step);
      double const error = relative_distance(p.product, exact.product);
      CHECK(report.rounding_error > 0.5 * error);
      CHECK(report.rounding_error < 20 * error);
    }
  }
}

TEST_CASE("gradient_difference: the truncation error in closed form") {
  // E = Σ w⁴/12: g = w³/3, H v = w² v. One-sided misses by h w v² + h² v³/3, central by h² v³/3.
  problem<double> p({{0.5, -1, 2}, {0.25, 3}});
  auto const oracle = [](auto layers) {
    for (auto const& layer : layers) {
      for (std::size_t i = 0; i < layer.w.size(); ++i)
        layer.g[i] = layer.w[i] * layer.w[i] * layer.w[i] / 3;
    }
  };
  p.differentiate(oracle);
  constexpr double h = 0x1p-4;
  for (bool const central : {false, true}) {
    auto const form = central ? difference::central : difference::one_sided;
    auto const report = p.by_difference(oracle, {form, h, true});
    double miss = 0, size = 0;
    for (std::size_t l = 0; l < 2; ++l) {
      for (std::size_t i = 0; i < p.w[l].size(); ++i) {
        double const w = p.w[l][i], v = p.v[l][i], third = h * h * v * v * v / 3;
        double const first = central ? 0 : h * w * v * v;
        CHECK(std::fabs(p.product[l][i] - (w * w * v + first + third)) < 1e-13);
        // What a check can see of one-sided is its distance from central.
        double const seen = central ? third : first;
        miss += seen * seen;
        size += p.product[l][i] * p.product[l][i];
      }
    }
    CHECK(std::fabs(report.truncation_error.value() / std::sqrt(miss / size) - 1) < 1e-10);
  }
}

TEST_CASE("gradient_difference: on ReLU the check tells of the kinks a step has crossed") {
  // Dual numbers see one linear piece; a difference sees what lies between its ends. So the two may
  // differ by far more than a per cent, and where they do the truncation error says so.
  int crossed = 0, agreed = 0;
  for (std::size_t const width : {16u, 256u}) {
    small_network const net(bend::relu, width);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      problem<double> exact(net.weights<double>(seed));
      exact.by_dual(net);
      problem<float> p(net.weights<float>(seed));
      p.differentiate(net);
      auto const report = p.by_difference(net, {difference::one_sided, 0, true});
      double const error = relative_distance(p.product, exact.product);
      if (error > 0.01) CHECK(report.relative_error() > 0.01);
      (error > 0.01 ? crossed : agreed) += 1;
    }
  }
  CHECK(crossed > 0);
  CHECK(agreed > 0);
}

TEST_CASE(
    "gradient_difference: on ReLU a longer step finds the curvature that a short one misses") {
  small_network const net(bend::relu, 64, 256);
  double short_worst = 0, long_worst = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    problem<double> exact(net.weights<double>(seed));
    exact.differentiate(net);
    problem<float> p(net.weights<float>(seed));
    for (std::size_t l = 0; l < p.w.size(); ++l) {
      for (std::size_t i = 0; i < p.w[l].size(); ++i) {
        exact.v[l][i] = exact.g[l][i] > 0 ? 1 : -1;
        p.v[l][i] = static_cast<float>(exact.v[l][i]);
      }
    }
    exact.by_dual(net);
    p.differentiate(net);
    p.by_difference(net);
    short_worst = std::fmax(short_worst, relative_distance(p.product, exact.product));
    p.by_difference(net, {difference::one_sided, 0, false, kinked_share});
    long_worst = std::fmax(long_worst, relative_distance(p.product, exact.product));
  }
  CHECK(short_worst > 1);
  CHECK(long_worst < 0.5);
}

TEST_CASE("gradient_difference: the step is a power of two by the rule, whatever the scale") {
  auto const step = [](auto zero, difference form, double ratio) {
    return difference_step(difference_share<decltype(zero)>(form), ratio);
  };
  CHECK(step(0.0f, difference::one_sided, 1.1) == 0x1p-11);  // √2^-23 is 2^-11.5
  CHECK(step(0.0f, difference::one_sided, 1.1 * 1024) == 0x1p-1);
  CHECK(step(0.0f, difference::central, 1.0) == 0x1p-8);
  CHECK(step(0.0, difference::one_sided, 1.0) == 0x1p-26);
  CHECK(step(0.0, difference::central, 1.0) == 0x1p-17);
  for (double const bad : {0.0, -1.0, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(tensors::message_of([&] { difference_step(0.5, bad); }).find("‖w‖/‖v‖: is") !=
          std::string::npos);
    CHECK(tensors::message_of([&] {
            difference_step(bad, 0.5);
          }).find("share of a difference: is") != std::string::npos);
  }
  small_network const net;
  problem<float> p(net.weights<float>(2));
  p.differentiate(net);
  double const before = p.by_difference(net).step;
  auto const product = p.product;
  for (auto& v : p.v) {
    for (float& x : v)
      x *= 0x1p-20f;
  }
  // v small: the step is large, the weights move as they did, and the product is 2^-20 of it.
  CHECK(p.by_difference(net).step == 0x1p20 * before);
  CHECK(p.product[0][3] == 0x1p-20f * product[0][3]);
  double const share = difference_share<float>(difference::one_sided);
  CHECK(p.by_difference(net, {difference::one_sided, 0, false, 8 * share}).step == 0x1p23 * before);
}

TEST_CASE("gradient_difference: the step is the nearest power of two, for kinks of 2^-7") {
  CHECK(difference_step(0.72, 1.0) == 1);
  CHECK(difference_step(0.70, 1.0) == 0.5);
  CHECK(difference_step(kinked_share, 1.0) == 0x1p-7);
}

TEST_CASE("gradient_difference: the rounding error in closed form") {
  // E = Σ w²/2: g = w, and the change of g is h v to the last bits.
  problem<double> p({{0.5, -1, 2}, {0.25, 3}});
  auto const oracle = [](auto layers) {
    for (auto const& layer : layers) {
      for (std::size_t i = 0; i < layer.w.size(); ++i)
        layer.g[i] = layer.w[i];
    }
  };
  p.differentiate(oracle);
  constexpr double h = 0x1p-4, epsilon = std::numeric_limits<double>::epsilon();
  double w = 0, v = 0;
  for (std::size_t l = 0; l < 2; ++l) {
    for (std::size_t i = 0; i < p.w[l].size(); ++i) {
      w += p.w[l][i] * p.w[l][i];
      v += p.v[l][i] * p.v[l][i];
    }
  }
  double const share = std::sqrt(w) / (h * std::sqrt(v));
  auto const report = p.by_difference(oracle, {difference::one_sided, h});
  CHECK(std::fabs(report.rounding_error / (2.5 * epsilon * share) - 1) < 1e-9);
}
