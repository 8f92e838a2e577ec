// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// KURE against closed forms and differences of the whole penalty; layers, channels, domains.

#include <doctest/doctest.h>

#include <cmath>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/channels.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/grid/domain.hpp>
#include <detent/regularizer/kurtosis.hpp>
#include <detent/regularizer/through.hpp>
#include <detent/statistic/moments.hpp>
#include <detent/statistic/through.hpp>
#include <limits>
#include <span>
#include <support/backwards.hpp>
#include <support/difference.hpp>
#include <support/fast_math.hpp>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;
using detent_test::fast_math;

namespace {

/// A skew tensor away from zero: every moment matters.
template <class T>
std::vector<T> skew(std::size_t size, double centre = 0.1) {
  auto w = tensors::random<T>(size, 7, 1.0);
  for (T& x : w) {
    double const u = static_cast<double>(x);
    x = static_cast<T>(centre + 0.2 * u + 0.15 * u * u * u * u);
  }
  return w;
}

/// (Kurt - target)² by its definition, in long double.
template <class T>
double by_definition(std::vector<T> const& w, double target) {
  long double mean = 0, m2 = 0, m4 = 0;
  auto const n = static_cast<long double>(w.size());
  for (T const x : w)
    mean += static_cast<long double>(x) / n;
  for (T const x : w) {
    long double const d = static_cast<long double>(x) - mean;
    m2 += d * d / n;
    m4 += d * d * d * d / n;
  }
  long double const excess = m4 / (m2 * m2) - static_cast<long double>(target);
  return static_cast<double>(excess * excess);
}

/// The largest |g - slope by differences of `value`| over all weights, relative to the largest
/// slope. The third derivatives are of the order of the slope over σ².
template <class F>
double worst_slope(std::vector<double> w, std::vector<double> const& g, F const& value) {
  double largest = 0, worst = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    double const x = w[i];
    auto const at = [&](double moved) {
      w[i] = moved;
      return value(w);
    };
    double const slope = detent_test::central_difference(at, x, 0, 0, 0x1p-14).slope;
    w[i] = x;
    largest = std::fmax(largest, std::fabs(slope));
    worst = std::fmax(worst, std::fabs(slope - g[i]));
  }
  return worst / largest;
}

}  // namespace

TEST_CASE("kurtosis: two points have kurtosis 1, a ramp 1.8, and the values add up") {
  std::vector<double> const two{-1, 1, -1, 1};
  kurtosis const reg{reduce(moments{}, two)};
  CHECK(reg.of_weights() == 1);
  CHECK(std::fabs(reg.value() - 0.64) < 1e-15);
  CHECK(std::fabs(penalty(reg, two).value - 0.64) < 1e-15);
  // 1 is the least there is: a minimum has no slope.
  CHECK(std::fabs(reg(1.0).slope) < 1e-15);
  std::vector<double> ramp;
  for (int i = 0; i < 2000; ++i)
    ramp.push_back((i + 0.5) / 1000 - 1);
  kurtosis const at_target{reduce(moments{}, ramp)};
  CHECK(at_target.value() < 1e-10);
  CHECK(std::fabs(at_target(0.9).slope) < 1e-7);
  // -1, 0, 0, 1: kurtosis 2, by hand: ∂Kurt/∂w at 1 is (4/(4·½²))·(1 - 1) = 0, at 0 it is 0.
  std::vector<double> const four{-1, 0, 0, 1};
  kurtosis const of_four{reduce(moments{}, four), 1.0};
  CHECK(std::fabs(of_four.value() - 1) < 1e-14);
  CHECK(std::fabs(of_four(1.0).slope) < 1e-14);
  std::vector<double> const five{-2, -1, 0, 1, 2};
  // m₂ = 2, m₄ = 34/5, Kurt = 1.7; at 2: 4/(5·4)·(8 - 3.4·2) = 0.24, times 2 (1.7 - 1.8).
  kurtosis const of_five{reduce(moments{}, five)};
  CHECK(std::fabs(of_five(2.0).slope + 0.048) < 1e-14);
  CHECK(std::fabs(of_five(-1.0).slope - 0.2 * (1 - 3.4) * 0.2) < 1e-14);
}

TEST_CASE("kurtosis: the gradient is that of the whole penalty, moments and all") {
  for (double const target : {1.8, 3.0, 1.0}) {
    CAPTURE(target);
    for (double const centre : {0.0, 0.1, -3.0}) {
      CAPTURE(centre);
      auto const w = skew<double>(40, centre);
      std::vector<double> g(w.size());
      auto const r = accumulate(kurtosis{reduce(moments{centre}, w), target}, w, g, 0.5);
      CHECK(std::fabs(r.value - 0.5 * by_definition(w, target)) <= 1e-11 * r.value + 1e-13);
      auto const value = [&](auto const& v) { return 0.5 * by_definition(v, target); };
      CHECK(worst_slope(w, g, value) < 1e-6);
    }
  }
}

TEST_CASE("kurtosis: in float the slopes are those in double to rounding") {
  auto const w = skew<float>(5000);
  std::vector<double> const wide(w.begin(), w.end());
  kurtosis const reg{reduce(moments{}, w)};
  std::vector<float> g(w.size());
  std::vector<double> exact(w.size());
  auto const r = accumulate(reg, w, g, 100.0);
  auto const of_double = accumulate(reg, wide, exact, 100.0);
  CHECK(std::fabs(r.value - of_double.value) <= 1e-6 * r.value);
  double largest = 0, worst = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    largest = std::fmax(largest, std::fabs(exact[i]));
    worst = std::fmax(worst, std::fabs(static_cast<double>(g[i]) - exact[i]));
  }
  CHECK(worst < 2e-6 * largest);
}

TEST_CASE("kurtosis: descent reaches the target") {
  auto w = skew<double>(300);
  double const before = kurtosis{reduce(moments{}, w)}.value();
  for (int step = 0; step < 400; ++step) {
    std::vector<double> g(w.size());
    accumulate(kurtosis{reduce(moments{}, w)}, w, g, 1.0);
    for (std::size_t i = 0; i < w.size(); ++i)
      w[i] -= 0.02 * g[i];
  }
  CHECK(before > 0.5);
  CHECK(kurtosis{reduce(moments{}, w)}.value() < 1e-3 * before);
}

TEST_CASE("kurtosis: without variance there is neither penalty nor slope") {
  for (double const constant : {0.0, 0.5, -1e4, 1e-20, 0.1, -0.3, 0.7, 1.0 / 3, 1234.567}) {
    CAPTURE(constant);
    for (std::size_t const size : {1u, 2u, 1000u, 4097u}) {
      std::vector<float> const w(size, static_cast<float>(constant));
      std::vector<float> g(size, 0.25f);
      kurtosis const reg{reduce(moments{}, w)};
      CHECK(reg.is_degenerate());
      CHECK(accumulate(reg, w, g, 3.0).value == 0);
      CHECK(tensors::same_bits(g, std::vector<float>(size, 0.25f)));
    }
  }
  CHECK(kurtosis{moments{}}.is_degenerate());
  CHECK(kurtosis{moments{}}.value() == 0);
  CHECK(kurtosis{reduce(moments{}, std::vector<float>{1e-38f, 3e-38f})}.is_degenerate());
  // Small weights are no constant weights.
  CHECK(!kurtosis{reduce(moments{}, std::vector<double>{1e-20, 2e-20, 4e-20})}.is_degenerate());
}

TEST_CASE("kurtosis: a NaN weight makes penalty and slopes NaN" * doctest::skip(fast_math)) {
  auto w = skew<float>(100);
  w[3] = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> g(w.size());
  kurtosis const reg{reduce(moments{}, w)};
  CHECK(!reg.is_degenerate());
  CHECK(detent_test::is_nan(accumulate(reg, w, g, 1.0).value));
  CHECK(detent_test::is_nan(g[50]));
  // A NaN that the statistic has not seen.
  kurtosis const clean{reduce(moments{}, skew<float>(100))};
  CHECK(detent_test::is_nan(penalty(clean, w).value));
}

TEST_CASE("kurtosis: a bad target is named") {
  moments const m = reduce(moments{}, std::vector<double>{1, 2, 4});
  for (double const target : {0.9, -1.8, std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()}) {
    auto const message = tensors::message_of([&] { kurtosis{m, target}; });
    CHECK(message.find("target kurtosis") != std::string::npos);
  }
}

TEST_CASE("kurtosis: layers and policies give the bits of one tensor at a time") {
  std::vector<std::vector<float>> const w{skew<float>(50000), skew<float>(3), skew<float>(20000)};
  std::vector<observed_layer<moments, float>> observed;
  for (auto const& one : w)
    observed.push_back({moments{}, one});
  std::vector<moments> m(w.size());
  detent_test::backwards other_order;
  reduce(on(other_order), observed, m);
  std::vector<std::vector<float>> g;
  std::vector<regularized_layer<kurtosis, float, float>> layers;
  for (auto const& one : w)
    g.emplace_back(one.size(), 0.5f);
  for (std::size_t l = 0; l < w.size(); ++l)
    layers.push_back({kurtosis{m[l]}, w[l], g[l], 0.25});
  std::vector<result<0>> results(w.size());
  accumulate(on(other_order), layers, results);
  for (std::size_t l = 0; l < w.size(); ++l) {
    std::vector<float> own(w[l].size(), 0.5f);
    kurtosis const reg{reduce(moments{}, w[l])};
    CHECK(tensors::same_bits(accumulate(reg, w[l], own, 0.25).value, results[l].value));
    CHECK(tensors::same_bits(own, g[l]));
  }
}

TEST_CASE("kurtosis: a functor for every channel") {
  channel_extents const e{3, 2, 40};
  auto const w = skew<double>(e.size());
  std::vector<kurtosis> regs;
  std::vector<double> values;
  for (std::size_t c = 0; c < 2; ++c) {
    std::vector<double> own;
    for (std::size_t i = 0; i < w.size(); ++i) {
      if (i / e.inner % e.channel == c) own.push_back(w[i]);
    }
    regs.emplace_back(reduce(moments{}, own));
    values.push_back(by_definition(own, 1.8));
  }
  std::vector<double> g(w.size());
  std::vector<result<0>> results(2);
  accumulate(seq, e, regs, w, g, 1.0, results);
  for (std::size_t c = 0; c < 2; ++c)
    CHECK(std::fabs(results[c].value - values[c]) <= 1e-12 * values[c]);
}

TEST_CASE("kurtosis: through a domain, with the moments of its coordinate") {
  auto const w = skew<double>(40);
  auto const seen = [](std::vector<double> const& v) {
    std::vector<double> x;
    for (double const one : v)
      x.push_back(std::tanh(one));
    return x;
  };
  moments const m = reduce(through(tanh_domain{}, moments{}), w).inner;
  auto const reg = through(tanh_domain{}, kurtosis{m});
  std::vector<double> g(w.size());
  double const value = accumulate(reg, w, g, 1.0).value;
  CHECK(std::fabs(value - by_definition(seen(w), 1.8)) <= 1e-11 * value + 1e-13);
  CHECK(worst_slope(w, g, [&](auto const& v) { return by_definition(seen(v), 1.8); }) < 1e-6);
}

TEST_CASE("kurtosis: the least variance that counts, beside a mean and alone") {
  auto const of = [](double mean, double d) {
    return kurtosis{reduce(moments{mean}, std::vector<double>{mean - d, mean + d})};
  };
  // The variance is d²: 2^-46 of the squared mean, and 2^-200, are the limits.
  CHECK(of(1, 0x1p-23).is_degenerate());
  CHECK_FALSE(of(1, 0x1p-22).is_degenerate());
  CHECK(of(0, 0x1p-101).is_degenerate());
  CHECK_FALSE(of(0, 0x1p-100).is_degenerate());
}

TEST_CASE("kurtosis: a weight that is not finite spoils the penalty of all" *
          doctest::skip(fast_math)) {
  std::vector<double> w{1, 2, 4, std::numeric_limits<double>::infinity()};
  kurtosis const reg{reduce(moments{}, w)};
  w.pop_back();
  std::vector<double> g(w.size());
  CHECK(detent_test::is_nan(penalty(reg, w).value));
  CHECK(detent_test::is_nan(accumulate(reg, w, g, 1.0).value));
}
