// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// backward against plain loops: sizes, types, learnable parameters, layers, errors.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <limits>
#include <span>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::result;
using detent::seq;
using detent::straight_through_layer;

namespace {

detent::wrpn_weights const wrpn{bits{3}, 0.9};

/// s·sign(w) with a learnable s.
struct scaled_sign {
  static constexpr int parameters = 1;
  float s = 0.5f;
  template <class T>
  DETENT_HD T operator()(T w) const noexcept {
    return detent::with_sign(static_cast<T>(s), w);
  }
  std::int32_t code(float w) const { return w < 0 ? -1 : 0; }
  template <class T>
  DETENT_HD detent::pullback<T, 1> backward(T w, T upstream) const noexcept {
    return {static_cast<T>(s) * upstream, {detent::with_sign(T(1), w) * upstream}};
  }
};

template <class W, class U, class G>
void check_against_loop(std::size_t size, std::size_t offset) {
  auto const w_memory = tensors::random<W>(size + offset, size);
  auto const u_memory = tensors::random<U>(size + offset, size + 1);
  auto g_memory = tensors::random<G>(size + offset, size + 2);
  auto const w = std::span(w_memory).subspan(offset);
  auto const upstream = std::span(u_memory).subspan(offset);
  auto const g = std::span(g_memory).subspan(offset);
  std::vector<G> const before(g.begin(), g.end());
  CHECK(detent::backward(wrpn, w, upstream, g).value == 0.0);
  std::size_t different = 0;
  for (std::size_t i = 0; i < size; ++i) {
    bool const inside = w[i] >= static_cast<W>(-0.9) && w[i] <= static_cast<W>(0.9);
    double const want = static_cast<double>(before[i]) +
                        (inside ? static_cast<double>(static_cast<W>(upstream[i])) : 0.0);
    different += std::abs(static_cast<double>(g[i]) - want) > 3e-7 * (std::abs(want) + 1e-3);
  }
  CHECK(different == 0);
}

}  // namespace

TEST_CASE("backward: agrees with plain loops at every size, type and alignment") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    for (std::size_t const offset : {0u, 1u}) {
      check_against_loop<float, float, float>(size, offset);
      check_against_loop<float, double, double>(size, offset);
      check_against_loop<float, float, double>(size, offset);
      check_against_loop<double, float, float>(size, offset);
      check_against_loop<double, double, double>(size, offset);
    }
  }
}

TEST_CASE("backward: through DoReFa's tanh, once for each weight") {
  auto const w = tensors::random<float>(20001, 1, 1.5);
  auto const upstream = tensors::random<float>(20001, 2);
  detent::dorefa_weights const q{bits{3}, detent::reduce(detent::magnitude{}, w), 0.4};
  std::vector<float> g(w.size());
  detent::backward(q, w, upstream, g);
  double const largest = std::tanh(detent::reduce(detent::magnitude{}, w).maximum());
  double worst = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    double const t = std::tanh(static_cast<double>(w[i]));
    double const want = 0.4 * (1.0 - t * t) / largest * static_cast<double>(upstream[i]);
    worst = std::max(worst, std::abs(static_cast<double>(g[i]) - want));
  }
  CHECK(worst < 1e-6);
}

TEST_CASE("backward: sums the gradients of learnable parameters") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    auto const w = tensors::random<double>(size, 1);
    auto const upstream = tensors::random<double>(size, 2);
    std::vector<double> g(size);
    double want = 0;
    for (std::size_t i = 0; i < size; ++i)
      want += std::signbit(w[i]) ? -upstream[i] : upstream[i];
    result<1> const r = detent::backward(scaled_sign{}, w, upstream, g);
    CHECK(std::abs(r.theta[0] - want) <= 1e-13 * static_cast<double>(size));
    CHECK(r.value == 0.0);
    if (size > 0) CHECK(g[size - 1] == 0.5 * upstream[size - 1]);
  }
}

TEST_CASE("backward: rejects differing sizes and null data before anything is written") {
  std::vector<float> const w(10, 0.3f), upstream(10, 1.0f), longer(11, 1.0f);
  std::vector<float> g(10, 7.0f), shorter(9, 7.0f);
  std::span<float> const null(static_cast<float*>(nullptr), 10);
  auto const message = [](auto const& weights, auto const& above, auto&& gradient) {
    return tensors::message_of([&] { detent::backward(wrpn, weights, above, gradient); });
  };
  CHECK(message(w, longer, g) == "detent: upstream: has 11 elements where w has 10");
  CHECK(message(w, upstream, shorter) == "detent: g: has 9 elements where w has 10");
  CHECK(message(null, upstream, g) == "detent: w: has null data and size 10");
  CHECK(message(w, null, g) == "detent: upstream: has null data and size 10");
  CHECK(message(w, upstream, null) == "detent: g: has null data and size 10");
  CHECK(g == std::vector<float>(10, 7.0f));
  CHECK(shorter == std::vector<float>(9, 7.0f));
}

TEST_CASE("backward: a NaN weight or gradient harms no neighbour") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> w(200, 0.3f), upstream(200, 1.0f), g(200);
  w[70] = nan;
  upstream[130] = nan;
  detent::backward(wrpn, w, upstream, g);
  CHECK(g[70] == 0.0f);
  CHECK(std::isnan(g[130]));
  g[70] = g[130] = 1.0f;
  CHECK(g == std::vector<float>(200, 1.0f));
#endif
}

TEST_CASE("backward: hundreds of layers give what single calls give, bit for bit") {
  std::vector<std::vector<float>> w, upstream, single, layered;
  for (std::size_t t = 0; t < 300; ++t) {
    std::size_t const size = t % 4 == 0 ? 0 : t % 60 == 1 ? 33000 : t * 131 % 401;
    w.push_back(tensors::random<float>(size, t));
    upstream.push_back(tensors::random<float>(size, t + 500));
    single.push_back(tensors::random<float>(size, t + 900));
    layered.push_back(single.back());
  }
  std::vector<straight_through_layer<scaled_sign, float, float, float>> layers;
  std::vector<result<1>> wanted, results(300);
  for (std::size_t t = 0; t < 300; ++t) {
    scaled_sign const q{0.001f * static_cast<float>(t)};
    wanted.push_back(detent::backward(q, w[t], upstream[t], single[t]));
    layers.push_back({q, w[t], upstream[t], layered[t]});
  }
  detent::backward(seq, layers, results);
  std::size_t different = 0;
  for (std::size_t t = 0; t < 300; ++t) {
    different += !tensors::same_bits(layered[t], single[t]);
    different += !tensors::same_bits(results[t].theta, wanted[t].theta);
  }
  CHECK(different == 0);
}

TEST_CASE("backward: a bad layer is rejected before any gradient is touched") {
  std::vector<float> w(10, 0.3f), upstream(10, 1.0f), g(10, 7.0f), shorter(9, 7.0f);
  std::vector<result<>> results(2);
  std::vector const layers{straight_through_layer{wrpn, w, upstream, g},
                           straight_through_layer{wrpn, w, upstream, shorter}};
  CHECK(tensors::message_of([&] { detent::backward(seq, layers, results); }) ==
        "detent: g of layer 1: has 9 elements where its w has 10");
  std::vector const above{straight_through_layer{wrpn, w, upstream, g},
                          straight_through_layer{wrpn, w, shorter, g}};
  CHECK(tensors::message_of([&] { detent::backward(seq, above, results); }) ==
        "detent: upstream of layer 1: has 9 elements where its w has 10");
  results.resize(1);
  CHECK(tensors::message_of([&] { detent::backward(seq, layers, results); }) ==
        "detent: results: has 1 elements where layers has 2");
  CHECK(g == std::vector<float>(10, 7.0f));
}
