// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <detent/algorithm/accumulate.hpp>
#include <detent/regularizer/waveq.hpp>
#include <limits>
#include <numbers>
#include <support/difference.hpp>
#include <support/fast_math.hpp>
#include <support/random.hpp>
#include <support/ulp.hpp>
#include <vector>

using namespace detent;
using namespace detent_test;

namespace {

constexpr double pi = std::numbers::pi;
constexpr double ln2 = std::numbers::ln2;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// How far the derivatives are from central differences of the value, over their bounds.
///
/// With U = |w| 2^β/c, V = (|w| - c) 2^β/c beyond the range and A = 2^(-kβ), the third derivatives
/// are at most A l³ [4π³U³ + 6π²U² + πU + 3k (2π²U² + πU) + 3k²πU + k³ + π²V² (2 + k)³] by β,
/// l = ln 2, and A 4π³ (f/c)³ by w.
template <bit_convention C, int Order, extent Extent>
struct derivatives {
  using functor = waveq<C, Order, Extent, learns::bit_width_and_range>;
  double beta, range;

  double value(double b, double c, double w) const { return functor(period<C>(b, c))(w).value; }

  double value_error(double w) const {
    double const turns = std::fabs(w) * period<C>(beta, range).frequency();
    double const height = std::exp2(-Order * beta);
    return epsilon * (height * (16 + 12 * pi * (turns + 1)) + 16 * value(beta, range, w));
  }

  double by_weight(double w) const {
    double const f = period<C>(beta, range).frequency();
    double const third = 4 * pi * pi * pi * f * f * f * std::exp2(-Order * beta);
    double const error = value_error(w);
    double const h = std::fmin(difference_distance(third, error), 0.01 / f);
    auto const q =
        central_difference([&](double x) { return value(beta, range, x); }, w, third, error, h);
    return std::fabs(functor(period<C>(beta, range))(w).slope - q.slope) / q.bound;
  }

  double by_bit_width(double w) const {
    double const u = std::fabs(w) * std::exp2(beta + 0.1) / range;
    double const v = Extent == extent::bounded ? u : 0.0;
    double const k = Order;
    double const third = std::exp2(-Order * (beta - 0.1)) * ln2 * ln2 * ln2 *
                         (4 * pi * pi * pi * u * u * u + 6 * pi * pi * u * u + pi * u +
                          3 * k * (2 * pi * pi * u * u + pi * u) + 3 * k * k * pi * u + k * k * k +
                          pi * pi * v * v * (2 + k) * (2 + k) * (2 + k));
    double const error = value_error(w);
    double const h = std::fmin(difference_distance(third + 1e-300, error), 0.05);
    auto const q =
        central_difference([&](double b) { return value(b, range, w); }, beta, third, error, h);
    return std::fabs(functor(period<C>(beta, range))(w).theta[0] - q.slope) / q.bound;
  }

  /// The value depends on w/c alone: ∂/∂c = -(w/c) ∂/∂w.
  double by_range(double w) const {
    auto const t = functor(period<C>(beta, range))(w);
    double const exact = -w / range * t.slope;
    return std::fabs(t.theta[1] - exact) / (4 * epsilon * std::fabs(exact) + 1e-300);
  }
};

template <bit_convention C, int Order, extent Extent>
void check_derivatives() {
  random_numbers r(31);
  worst weight, bit_width, range;
  for (int i = 0; i < 3000; ++i) {
    derivatives<C, Order, Extent> const d{
        r.between(period<C>::min_bit_width + 0.2, period<C>::max_bit_width - 6),
        std::exp(r.between(-2, 2))};
    double const w = d.range * r.between(-1.6, 1.6);
    // At the end of the range the slope jumps where no level is there.
    double const end = std::min(std::fabs(std::fabs(w) - d.range), std::fabs(w)) / d.range;
    if (end > 0.02) weight.observe(d.by_weight(w), w);
    bit_width.observe(d.by_bit_width(w), w);
    range.observe(d.by_range(w), w);
  }
  CHECK(weight.error() <= 1);
  CHECK(bit_width.error() <= 1);
  CHECK(range.error() <= 1);
}

template <bit_convention C>
void check_all_orders() {
  check_derivatives<C, 0, extent::bounded>();
  check_derivatives<C, 1, extent::bounded>();
  check_derivatives<C, 2, extent::bounded>();
  check_derivatives<C, 1, extent::periodic>();
}

/// Mean |∂R/∂β| over weights from N(0, 0.2).
template <int Order>
double mean_pull(double beta) {
  random_numbers r(8);
  waveq<bit_convention::waveq, Order, extent::periodic> const reg{period<>(beta)};
  double sum = 0;
  int const count = 100000;
  for (int i = 0; i < count; ++i) {
    double const radius = 0.2 * std::sqrt(-2 * std::log(1 - r.unit()));
    sum += std::fabs(reg(radius * std::cos(2 * pi * r.unit())).theta[0]);
  }
  return sum / count;
}

}  // namespace

TEST_CASE("waveq: slopes by weight, bit-width and range are differences of the value") {
  check_all_orders<bit_convention::waveq>();
  check_all_orders<bit_convention::wrpn>();
  check_all_orders<bit_convention::dorefa>();
  check_all_orders<bit_convention::unsigned_unit>();
}

TEST_CASE("waveq: a slope by the bit-width that is wrong in the seventh digit would be found") {
  derivatives<bit_convention::dorefa, 1, extent::bounded> const d{4.3, 1.0};
  double const w = 0.37,
               right = decltype(d)::functor(period<bit_convention::dorefa>(4.3))(w).theta[0];
  double const h = 1e-5;
  double const quotient = (d.value(4.3 + h, 1, w) - d.value(4.3 - h, 1, w)) / (2 * h);
  CHECK(std::fabs(quotient - right) < 1e-7 * std::fabs(right));
  CHECK(std::fabs(quotient - right * (1 + 3e-7)) > 1e-7 * std::fabs(right));
}

TEST_CASE("waveq: the pull on the bit-width explodes with order 0, and vanishes with order 2") {
  // The figures by which the method chooses order 1.
  CHECK(std::fabs(mean_pull<0>(2) - 0.9) < 0.05);
  CHECK(std::fabs(mean_pull<0>(8) - 56) < 1);
  CHECK(std::fabs(mean_pull<1>(2) - 0.22) < 0.005);
  CHECK(std::fabs(mean_pull<1>(8) - 0.22) < 0.005);
  CHECK(std::fabs(mean_pull<2>(2) - 0.063) < 0.001);
  CHECK(std::fabs(mean_pull<2>(8) - 0.0009) < 0.0001);
}

TEST_CASE("waveq: at integer bit-widths it is the sinusoid on the grid of that width") {
  random_numbers r(4);
  for (int beta = 1; beta <= 8; ++beta) {
    period<bit_convention::dorefa> const p(beta, 1.3);
    waveq<bit_convention::dorefa, 0> const reg{p};
    sinusoidal<> const fixed{p.grid(), amplitude::unit};
    double const steepest = 2 * pi * pi * p.frequency() * p.frequency() * 3;
    for (int i = 0; i < 500; ++i) {
      double const w = r.between(-2.5, 2.5);
      auto const a = reg(w);
      auto const b = fixed(w);
      double const tolerance = 16 * epsilon * steepest;
      CHECK(std::fabs(a.value - b.value) <= tolerance + 1e-13 * b.value);
      CHECK(std::fabs(a.slope - b.slope) <= tolerance * p.frequency() + 1e-13 * std::fabs(b.slope));
    }
  }
}

TEST_CASE("waveq: float agrees with double, and accumulate sums both parameters") {
  random_numbers r(6);
  using functor = waveq<bit_convention::waveq, 1, extent::bounded, learns::bit_width_and_range>;
  functor const reg{period<>(3.4, 0.8)};
  std::vector<float> w(5000), g(w.size());
  double value = 0, by_width = 0, by_range = 0, size = 0;
  for (float& x : w) {
    x = static_cast<float>(r.between(-1, 1));
    auto const t = reg(static_cast<double>(x));
    value += t.value;
    by_width += t.theta[0];
    by_range += t.theta[1];
    size += std::fabs(t.theta[0]) + std::fabs(t.theta[1]) + t.value;
  }
  auto const result = accumulate(reg, w, g, 0.5);
  CHECK(std::fabs(result.value - 0.5 * value) <= 1e-6 * size);
  CHECK(std::fabs(result.theta[0] - 0.5 * by_width) <= 1e-6 * size);
  CHECK(std::fabs(result.theta[1] - 0.5 * by_range) <= 1e-6 * size);
  for (std::size_t i = 0; i < w.size(); i += 97) {
    double const slope = 0.5 * reg(static_cast<double>(w[i])).slope;
    CHECK(std::fabs(static_cast<double>(g[i]) - slope) <= 2e-6 * (1 + std::fabs(slope)));
  }
}

TEST_CASE("waveq: NaN gives NaN") {
  if (fast_math) return;
  auto const t = waveq<>{period<>(3.0)}(std::numeric_limits<float>::quiet_NaN());
  CHECK(std::isnan(t.value));
  CHECK(std::isnan(t.slope));
  CHECK(std::isnan(t.theta[0]));
}

TEST_CASE("waveq: rebuilt, it is one made with the other bit-width and range") {
  using functor = waveq<bit_convention::waveq, 2, extent::bounded, learns::bit_width_and_range>;
  functor const made{period<>(3.25, 0.75)}, rebuilt = functor{period<>(5.5)}.rebuilt(3.25, 0.75);
  auto const a = made.factors(), b = rebuilt.factors();
  CHECK(std::fabs(a.value - b.value) <= 1e-14 * std::fabs(a.value));
  CHECK(std::fabs(a.slope - b.slope) <= 1e-14 * std::fabs(a.slope));
  for (double const w : {-0.9, -0.3, 0.11, 0.7, 1.1}) {
    auto const x = made(w), y = rebuilt(w);
    CHECK(std::fabs(x.value - y.value) <= 1e-12);
    CHECK(std::fabs(x.slope - y.slope) <= 1e-12);
    for (int p = 0; p < 2; ++p)
      CHECK(std::fabs(x.theta[p] - y.theta[p]) <= 1e-12);
  }
}
