// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// penalty and accumulate against plain double loops: sizes, types, scales, NaN, layers.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <detent/algorithm/accumulate.hpp>
#include <detent/grid/convention.hpp>
#include <detent/regularizer/differentiate.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <limits>
#include <span>
#include <support/fast_math.hpp>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::regularized_layer;
using detent::result;
using detent::seq;
using detent::sinusoidal;
using detent::term;

namespace {

sinusoidal<> const reg{detent::dorefa_grid(bits{3}).scaled(1.2)};

/// Two learnable parameters: a (w - b)², by a and by b.
struct parabola {
  static constexpr int parameters = 2;
  double a, b;
  template <class T>
  DETENT_HD term<T, 2> operator()(T w) const noexcept {
    T const slant = static_cast<T>(a), distance = w - static_cast<T>(b);
    T const square = distance * distance;
    return {slant * square, T(2) * slant * distance, {square, T(-2) * slant * distance}};
  }
};

struct sums {
  double value = 0, magnitude = 0;
};

/// g += scale·r′ and Σ r by the textbook formula, in double.
template <class W>
sums reference(std::vector<W> const& w, std::vector<double>& g, double scale) {
  double const pi = std::acos(-1.0), step = reg.grid().step();
  double const highest = reg.grid().highest();
  sums total;
  for (std::size_t i = 0; i < w.size(); ++i) {
    double const x = static_cast<double>(w[i]);
    double const beyond = std::abs(x) > highest ? std::abs(x) - highest : 0.0;
    double const u = x / step - 0.5, height = step * step / (pi * pi);
    double const value =
        beyond > 0 ? beyond * beyond : height * std::sin(pi * u) * std::sin(pi * u);
    double const slope =
        beyond > 0 ? std::copysign(2.0 * beyond, x) : step / pi * std::sin(2.0 * pi * u);
    g[i] += scale * slope;
    total.value += scale * value;
    total.magnitude += std::abs(scale * value);
  }
  return total;
}

/// The largest difference of a gradient from the reference.
template <class G>
double difference(std::span<G const> g, std::vector<double> const& want) {
  double largest = 0;
  for (std::size_t i = 0; i < want.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(g[i]) - want[i]));
  return largest;
}

template <class W, class G>
void check_against_loops(std::size_t size, double scale, std::size_t offset) {
  auto w_memory = tensors::random<W>(size + offset, size + 3);
  auto g_memory = tensors::random<G>(size + offset, size + 4, 0.5);
  auto const w = std::span(w_memory).subspan(offset);
  auto const g = std::span(g_memory).subspan(offset);
  std::vector<W> const kept(w.begin(), w.end());
  std::vector<double> want(g.begin(), g.end());
  sums const total = reference(kept, want, scale);
  double const value = detent::accumulate(reg, w, g, scale).value;
  bool const coarse = sizeof(W) == 4 || sizeof(G) == 4;
  CHECK(std::abs(value - total.value) <= (sizeof(W) == 4 ? 3e-6 : 1e-13) * total.magnitude);
  CHECK(difference(std::span<G const>(g), want) <= (coarse ? 3e-7 : 1e-14) * (1 + std::abs(scale)));
  CHECK(tensors::same_bits(w, kept));
  double const alone = detent::penalty(reg, w).value;
  CHECK(std::abs(scale * alone - value) <= 1e-15 * std::abs(value));
}

}  // namespace

TEST_CASE("accumulate: agrees with plain loops at every size, type and alignment") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    for (std::size_t const offset : {0u, 1u, 3u}) {
      check_against_loops<float, float>(size, 0.25, offset);
      check_against_loops<float, double>(size, -0.3, offset);
      check_against_loops<double, float>(size, 1.7, offset);
      check_against_loops<double, double>(size, 0.1, offset);
    }
  }
}

TEST_CASE("accumulate: scale 0 leaves the gradient alone, a negative one turns it round") {
  auto const w = tensors::random<float>(5000, 1);
  auto const before = tensors::random<float>(5000, 2);
  auto g = before;
  CHECK(detent::accumulate(reg, w, g, 0.0).value == 0.0);
  CHECK(g == before);
  std::vector<float> up(5000), down(5000);
  double const value = detent::accumulate(reg, w, up, 2.0).value;
  CHECK(detent::accumulate(reg, w, down, -2.0).value == -value);
  for (std::size_t i = 0; i < w.size(); ++i)
    CHECK(up[i] == -down[i]);
}

TEST_CASE("accumulate: adds to what is there") {
  std::vector<double> const w{0.3, -0.7, 1.9};
  std::vector<double> once(3), twice(3);
  detent::accumulate(reg, w, once, 0.5);
  detent::accumulate(reg, w, twice, 0.5);
  detent::accumulate(reg, w, twice, 0.5);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(twice[i] == 2.0 * once[i]);
}

TEST_CASE("accumulate: sums the learnable parameters, scaled") {
  parabola const p{0.5, 0.25};
  for (std::size_t const size : {0u, 1u, 1000u, 20000u}) {
    auto const w = tensors::random<double>(size, 5);
    std::vector<double> g(size);
    double squares = 0, by_centre = 0;
    for (double const x : w) {
      squares += (x - 0.25) * (x - 0.25);
      by_centre += -1.0 * (x - 0.25);
    }
    result<2> const r = detent::accumulate(p, w, g, 3.0);
    CHECK(std::abs(r.value - 1.5 * squares) <= 1e-12 * squares);
    CHECK(std::abs(r.theta[0] - 3.0 * squares) <= 1e-12 * squares);
    CHECK(std::abs(r.theta[1] - 3.0 * by_centre) <= 1e-12 * squares);
    result<2> const alone = detent::penalty(p, w);
    CHECK(std::abs(alone.theta[0] - squares) <= 1e-12 * squares);
  }
}

namespace {

/// `parabola` with its constant factors apart.
struct factored_parabola {
  static constexpr int parameters = 2;
  double a, b;
  template <class T>
  DETENT_HD term<T, 2> operator()(T w) const noexcept {
    return parabola{a, b}(w);
  }
  template <class T>
  DETENT_HD term<T, 2> unscaled(T w) const noexcept {
    T const distance = w - static_cast<T>(b);
    return {distance * distance, distance, {distance * distance, distance}};
  }
  DETENT_HD term<double, 2> factors() const noexcept { return {a, 2 * a, {1.0, -2.0 * a}}; }
};

}  // namespace

TEST_CASE("accumulate: applies the factors of a functor to sums and gradient alike") {
  static_assert(detent::factored_regularizer<factored_parabola>);
  static_assert(!detent::factored_regularizer<parabola>);
  auto const w = tensors::random<double>(3000, 8);
  std::vector<double> g(w.size()), want(w.size());
  auto const plain = detent::accumulate(parabola{0.7, 0.25}, w, want, 1.5);
  auto const apart = detent::accumulate(factored_parabola{0.7, 0.25}, w, g, 1.5);
  CHECK(std::abs(apart.value - plain.value) <= 1e-13 * plain.value);
  for (std::size_t p = 0; p < 2; ++p)
    CHECK(std::abs(apart.theta[p] - plain.theta[p]) <= 1e-11 * std::abs(plain.theta[p]));
  for (std::size_t i = 0; i < w.size(); ++i)
    CHECK(std::abs(g[i] - want[i]) <= 1e-14);
}

TEST_CASE("accumulate: a one-line lambda") {
  double const strength = 0.75;
  auto const quartic =
      detent::differentiate([strength](auto x) { return strength * x * x * x * x; });
  auto const w = tensors::random<float>(2500, 6);
  std::vector<double> g(w.size());
  double value = 0;
  double const got = detent::accumulate(quartic, w, g, 2.0).value;
  for (std::size_t i = 0; i < w.size(); ++i) {
    double const x = static_cast<double>(w[i]);
    value += 2.0 * strength * x * x * x * x;
    CHECK(std::abs(g[i] - 8.0 * strength * x * x * x) <= 1e-6 * std::abs(8.0 * x * x * x));
  }
  CHECK(std::abs(got - value) <= 1e-6 * value);
}

TEST_CASE("accumulate: gradient and weights of other types may be mixed across extremes") {
  // A scale that float cannot hold is fine where the gradient is double.
  std::vector<float> const w{0.3f};
  std::vector<double> g(1);
  double const value = detent::accumulate(reg, w, g, 1e200).value;
  double const want = 1e200 * detent::penalty(reg, w).value;
  // With -ffast-math the factors of a value may be multiplied in any order. A difference does for
  // nothing else: a compiler that contracts takes it before it has rounded the product.
  if (detent_test::fast_math) {
    CHECK(std::abs(value - want) <= 1e-15 * want);
  } else {
    CHECK(value == want);
  }
  CHECK(std::abs(g[0]) > 1e198);
}

TEST_CASE("accumulate: rejects sizes, null data and scales, before anything is written") {
  auto const w = tensors::random<float>(100, 1);
  auto const before = tensors::random<float>(100, 2);
  auto g = before;
  auto const message = [&](auto const& weights, auto&& gradient, double scale) {
    return tensors::message_of([&] { detent::accumulate(reg, weights, gradient, scale); });
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::string const not_finite = "detent: scale: is not finite; a finite number is needed";
  CHECK(message(w, g, infinity) == not_finite);
  CHECK(message(w, g, -infinity) == not_finite);
  CHECK(message(w, g, std::numeric_limits<double>::quiet_NaN()) == not_finite);
  CHECK(message(w, g, 1e41) == not_finite);  // infinite in float, the type that multiplies
  CHECK(message(w, std::span(g).first(99), 1.0) == "detent: g: has 99 elements where w has 100");
  CHECK(message(std::span(w).first(7), g, 1.0) == "detent: g: has 100 elements where w has 7");
  std::span<float> const null(static_cast<float*>(nullptr), 100);
  CHECK(message(null, g, 1.0) == "detent: w: has null data and size 100");
  CHECK(message(w, null, 1.0) == "detent: g: has null data and size 100");
  CHECK(tensors::message_of([&] { detent::penalty(reg, null); }) ==
        "detent: w: has null data and size 100");
  CHECK(tensors::same_bits(g, before));
  CHECK(message(w, g, 1.0).empty());
  CHECK(message(std::span<float>(), std::span<float>(), 1.0).empty());
}

TEST_CASE("accumulate: a NaN weight gives a NaN penalty, and a NaN in its own gradient alone") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  for (std::size_t const size : {1u, 65u, 1025u, 20000u}) {
    auto w = tensors::random<float>(size, 12);
    std::vector<float> clean(size), g(size);
    detent::accumulate(reg, w, clean, 1.0);
    std::size_t const where = size * 3 / 4;
    w[where] = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(detent::accumulate(reg, w, g, 1.0).value));
    CHECK(std::isnan(detent::penalty(reg, w).value));
    CHECK(std::isnan(g[where]));
    g[where] = clean[where];
    CHECK(tensors::same_bits(g, clean));
  }
#endif
}

TEST_CASE(
    "accumulate: an infinite weight makes the penalty infinite or NaN, and harms no neighbour") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  sinusoidal<detent::extent::periodic> const periodic{reg.grid()};
  for (float const sign : {1.0f, -1.0f}) {
    auto w = tensors::random<float>(3000, 13);
    std::vector<float> clean(w.size()), g(w.size());
    detent::accumulate(reg, w, clean, 1.0);
    w[1234] = sign * std::numeric_limits<float>::infinity();
    CHECK_FALSE(std::isfinite(detent::accumulate(reg, w, g, 1.0).value));
    CHECK_FALSE(std::isfinite(detent::penalty(periodic, w).value));
    CHECK_FALSE(std::isfinite(g[1234]));
    g[1234] = clean[1234];
    CHECK(tensors::same_bits(g, clean));
  }
#endif
}

namespace {

struct many_tensors {
  std::vector<std::vector<float>> w, g;
  std::vector<double> scale;

  explicit many_tensors(std::size_t count) {
    std::uint64_t state = 99;
    for (std::size_t t = 0; t < count; ++t) {
      std::size_t const large = t % 50 == 7 ? 40000 : 300;
      std::size_t const size = t % 5 == 0 ? 0 : tensors::next(state) % large;
      w.push_back(tensors::random<float>(size, t));
      g.push_back(tensors::random<float>(size, t + 1000));
      scale.push_back(0.01 * static_cast<double>(t) - 1.0);
    }
  }
};

}  // namespace

TEST_CASE("accumulate: hundreds of layers give what single calls give, bit for bit") {
  many_tensors single(300), layered(300);
  std::vector<regularized_layer<parabola, float, float>> layers;
  std::vector<result<2>> wanted, results(300, result<2>{7.0, {7.0, 7.0}});
  for (std::size_t t = 0; t < 300; ++t) {
    parabola const functor{0.1 + static_cast<double>(t), 0.3};
    wanted.push_back(detent::accumulate(functor, single.w[t], single.g[t], single.scale[t]));
    layers.push_back({functor, layered.w[t], layered.g[t], layered.scale[t]});
  }
  detent::accumulate(seq, layers, results);
  std::size_t different = 0;
  for (std::size_t t = 0; t < 300; ++t) {
    different += !tensors::same_bits(layered.g[t], single.g[t]);
    different += !tensors::same_bits(results[t].value, wanted[t].value);
    different += !tensors::same_bits(results[t].theta, wanted[t].theta);
  }
  CHECK(different == 0);
}

/// Whether x is a·b, rounded once; -ffast-math may reorder the product of which b is one.
bool product_of(double x, double a, double b) {
#if defined(DETENT_TEST_FAST_MATH)
  return std::fabs(x - a * b) <= 1e-15 * std::fabs(x);
#else
  return x == a * b;
#endif
}

TEST_CASE("penalty: of layers is scaled, and does not look at their gradients") {
  many_tensors tensor(300);
  std::vector<regularized_layer<sinusoidal<>, float, float>> layers;
  std::vector<result<0>> results(300);
  for (std::size_t t = 0; t < 300; ++t)
    layers.push_back({reg, tensor.w[t], {}, tensor.scale[t]});
  detent::penalty(seq, layers, results);
  for (std::size_t t = 0; t < 300; ++t)
    CHECK(product_of(results[t].value, tensor.scale[t], detent::penalty(reg, tensor.w[t]).value));
}

TEST_CASE("accumulate: no layers, empty layers, one layer") {
  std::vector<regularized_layer<sinusoidal<>, float, float>> layers;
  std::vector<result<>> results;
  detent::accumulate(seq, layers, results);
  layers.resize(2, {reg, {}, {}, 1.0});
  results.resize(2, result<>{5.0, {}});
  detent::accumulate(seq, layers, results);
  CHECK(results[0].value == 0.0);
  CHECK(results[1].value == 0.0);
  std::vector<float> w{0.5f}, g(1);
  std::array<result<>, 1> one;
  detent::accumulate(seq, std::array{regularized_layer{reg, w, g, 1.0}}, one);
  CHECK(one[0].value == detent::penalty(reg, w).value);
}

TEST_CASE("accumulate: a bad layer is rejected before any gradient is touched") {
  std::vector<float> w(10, 0.3f), g(10, 0.5f), w2(20, 0.3f), g2(20, 0.5f);
  std::vector<result<>> results(2, result<>{5.0, {}});
  using layer = regularized_layer<sinusoidal<>, float, float>;
  auto const message = [&](layer const& second) {
    std::vector<layer> const layers{{reg, w, g, 1.0}, second};
    return tensors::message_of([&] { detent::accumulate(seq, layers, results); });
  };
  CHECK(message({reg, w2, g, 1.0}) == "detent: g of layer 1: has 10 elements where its w has 20");
  CHECK(message({reg, w2, g2, std::numeric_limits<double>::infinity()}) ==
        "detent: scale of layer 1: is not finite; a finite number is needed");
  CHECK(message({reg, w2, g2, -1e300}) ==
        "detent: scale of layer 1: is not finite; a finite number is needed");
  float* const null = nullptr;
  CHECK(message({reg, {null, 20}, g2, 1.0}) == "detent: w of layer 1: has null data and size 20");
  CHECK(message({reg, w2, {null, 20}, 1.0}) == "detent: g of layer 1: has null data and size 20");
  std::vector<layer> const layers{{reg, w, g, 1.0}};
  CHECK(tensors::message_of([&] { detent::accumulate(seq, layers, results); }) ==
        "detent: results: has 2 elements where layers has 1");
  CHECK(tensors::message_of([&] { detent::penalty(seq, layers, results); }) ==
        "detent: results: has 2 elements where layers has 1");
  CHECK(g == std::vector<float>(10, 0.5f));
  CHECK(g2 == std::vector<float>(20, 0.5f));
  CHECK(results[0].value == 5.0);
  CHECK(message({reg, w2, g2, 1.0}).empty());
}
