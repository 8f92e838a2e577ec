// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Bin regularization against its definition and differences of it; layers, channels, domains.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/channels.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/grid/convention.hpp>
#include <detent/grid/domain.hpp>
#include <detent/regularizer/bin.hpp>
#include <detent/regularizer/through.hpp>
#include <detent/statistic/bins.hpp>
#include <detent/statistic/through.hpp>
#include <limits>
#include <support/backwards.hpp>
#include <support/difference.hpp>
#include <support/fast_math.hpp>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;
using detent_test::fast_math;

namespace {

/// Σ (mean - level)² + variance by the definition, in long double and two passes.
template <class T>
double by_definition(uniform<double> const& grid, std::vector<T> const& w) {
  long double total = 0;
  for (int code = grid.lowest_code(); code <= grid.highest_code(); ++code) {
    long double n = 0, mean = 0, variance = 0;
    for (T const x : w)
      n += grid.code(static_cast<double>(x)) == code;
    if (n == 0) continue;
    for (T const x : w) {
      if (grid.code(static_cast<double>(x)) == code) mean += static_cast<long double>(x) / n;
    }
    for (T const x : w) {
      long double const d = static_cast<long double>(x) - mean;
      if (grid.code(static_cast<double>(x)) == code) variance += d * d / n;
    }
    long double const off = mean - static_cast<long double>(grid.level(code));
    total += off * off + variance;
  }
  return static_cast<double>(total);
}

}  // namespace

TEST_CASE("bin: counts, means and variances in closed form, empty bins skipped") {
  uniform<double> const grid = twos_complement_grid(bits{3}, step_size{1.0});
  // Bin 0 holds 0.25 and -0.25 and 0.3, bin 3 (the highest) 3 and 7, bin -4 -9.
  std::vector<double> const w{0.25, -0.25, 0.3, 3.0, 7.0, -9.0};
  auto const b = reduce(bins{grid}, w);
  CHECK(b.size() == 8);
  CHECK(b.count(4) == 3);
  CHECK(b.count(7) == 2);
  CHECK(b.count(0) == 1);
  CHECK(b.count(5) == 0);
  CHECK(std::fabs(b.offset(4) - 0.1) < 1e-15);
  CHECK(std::fabs(b.variance(4) - (0.0625 + 0.0625 + 0.09) / 3 + 0.01) < 1e-15);
  CHECK(b.offset(7) == 2);
  CHECK(b.variance(7) == 4);
  CHECK(b.offset(0) == -5);
  CHECK(b.variance(0) == 0);
  CHECK(b.offset(5) == 0);
  CHECK(b.variance(5) == 0);
  bin const reg{b};
  CHECK(std::fabs(b.offsets() + b.variances() - penalty(reg, w).value) < 1e-13);
  CHECK(reg(7.0).slope == 4);                      // (2/2)·(7 - 3)
  CHECK(std::fabs(reg(0.3).slope - 0.2) < 1e-15);  // (2/3)·0.3
  CHECK(reg(-9.0).slope == -10);                   // alone
  CHECK(reg(1.2).value == 0);                      // a bin that had none
  CHECK(reg(1.2).slope == 0);
}

TEST_CASE("bin: the penalty is the definition's, on grids of 1 to 8 bits") {
  for (int b = 1; b <= 8; ++b) {
    CAPTURE(b);
    for (auto const& grid : {dorefa_grid(bits(b)).scaled(0.7), unit_grid(bits(b)),
                             twos_complement_grid(bits(b), step_size{0.11})}) {
      auto const w = tensors::random<double>(700, 3, 1.0);
      auto const statistic = reduce(bins{grid}, w);
      double const exact = by_definition(grid, w);
      CHECK(std::fabs(penalty(bin{statistic}, w).value - exact) <= 1e-13 * exact);
      CHECK(std::fabs(statistic.offsets() + statistic.variances() - exact) <= 1e-13 * exact);
      auto const narrow = tensors::random<float>(700, 3, 1.0);
      bin const reg{reduce(bins{grid}, narrow)};
      CHECK(std::fabs(penalty(reg, narrow).value - exact) <= 1e-5 * exact);
    }
  }
}

TEST_CASE("bin: the gradient is that of the whole penalty, mean and variance of the bin and all") {
  uniform<double> const grid = dorefa_grid(bits{3}).scaled(0.6);
  auto w = tensors::random<double>(60, 11, 1.0);
  std::vector<double> g(w.size());
  accumulate(bin{reduce(bins{grid}, w)}, w, g, 0.5);
  constexpr double h = 0x1p-16;
  int compared = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    double const x = w[i];
    if (grid.code(x - h) != grid.code(x + h)) continue;
    auto const at = [&](double moved) {
      w[i] = moved;
      return 0.5 * by_definition(grid, w);
    };
    // A quadratic within its bin: the difference has no error but rounding.
    CHECK(std::fabs(detent_test::central_difference(at, x, 0, 0, h).slope - g[i]) < 1e-10);
    w[i] = x;
    ++compared;
  }
  CHECK(compared >= 55);
}

TEST_CASE("bin: descent draws every weight to the level of its bin") {
  uniform<double> const grid = wrpn_grid(bits{3});
  auto w = tensors::random<double>(200, 5, 1.0);
  for (int step = 0; step < 4000; ++step) {
    std::vector<double> g(w.size());
    accumulate(bin{reduce(bins{grid}, w)}, w, g, 1.0);
    for (std::size_t i = 0; i < w.size(); ++i)
      w[i] -= 0.4 * g[i];
  }
  CHECK(by_definition(grid, w) < 1e-12);
}

TEST_CASE("bin: a NaN weight makes the penalty NaN and its own slope, no other's" *
          doctest::skip(fast_math)) {
  uniform<double> const grid = dorefa_grid(bits{2});
  std::vector<float> w{0.1f, std::numeric_limits<float>::quiet_NaN(), 0.9f};
  std::vector<float> g(3);
  auto const statistic = reduce(bins{grid}, w);
  CHECK(detent_test::is_nan(statistic.offsets()));
  CHECK(detent_test::is_nan(accumulate(bin{statistic}, w, g, 1.0).value));
  CHECK(detent_test::is_nan(g[1]));
  CHECK(!detent_test::is_nan(g[0]));
  CHECK(!detent_test::is_nan(g[2]));
}

TEST_CASE("bin: layers and policies give the bits of one tensor at a time") {
  uniform<double> const grid = dorefa_grid(bits{4});
  using layer = regularized_layer<bin<16>, float, float>;
  std::vector<std::vector<float>> const w{tensors::random<float>(50000, 2, 1.0),
                                          tensors::random<float>(17, 3, 1.0)};
  std::vector<std::vector<float>> g{std::vector<float>(50000, 1.0f), std::vector<float>(17, 1.0f)};
  detent_test::backwards other_order;
  std::vector<layer> layers;
  for (std::size_t l = 0; l < 2; ++l)
    layers.push_back({bin{reduce(on(other_order), bins<16>{grid}, w[l])}, w[l], g[l], 0.25});
  std::vector<result<0>> results(2);
  accumulate(on(other_order), layers, results);
  for (std::size_t l = 0; l < 2; ++l) {
    std::vector<float> own(w[l].size(), 1.0f);
    bin const reg{reduce(bins<16>{grid}, w[l])};
    CHECK(tensors::same_bits(accumulate(reg, w[l], own, 0.25).value, results[l].value));
    CHECK(tensors::same_bits(own, g[l]));
  }
}

TEST_CASE("bin: a functor for every channel") {
  uniform<double> const grid = wrpn_grid(bits{3});
  channel_extents const e{2, 2, 30};
  auto const w = tensors::random<double>(e.size(), 4, 1.0);
  std::vector<bin<>> regs;
  std::vector<double> values;
  for (std::size_t c = 0; c < 2; ++c) {
    std::vector<double> own;
    for (std::size_t i = 0; i < w.size(); ++i) {
      if (i / e.inner % e.channel == c) own.push_back(w[i]);
    }
    regs.emplace_back(reduce(bins{grid}, own));
    values.push_back(by_definition(grid, own));
  }
  std::vector<double> g(w.size());
  std::vector<result<0>> results(2);
  accumulate(seq, e, regs, w, g, 1.0, results);
  for (std::size_t c = 0; c < 2; ++c)
    CHECK(std::fabs(results[c].value - values[c]) <= 1e-13 * values[c]);
}

TEST_CASE("bin: through a domain, with the bins of its coordinate") {
  uniform<double> const grid = dorefa_grid(bits{3}).scaled(0.6);
  auto const w = tensors::random<double>(60, 11, 1.0);
  auto const b = reduce(through(tanh_domain{}, bins{grid}), w).inner;
  auto const reg = through(tanh_domain{}, bin{b});
  std::vector<double> x;
  for (double const one : w)
    x.push_back(std::tanh(one));
  CHECK(std::fabs(penalty(reg, w).value - by_definition(grid, x)) < 1e-12);
  double const slope = bin{b}(x[5]).slope * (1 - x[5] * x[5]);
  CHECK(std::fabs(reg(w[5]).slope - slope) < 1e-12);
}
