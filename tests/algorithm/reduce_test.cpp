// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// reduce: every weight is observed once in a fixed order, layers equal single calls, errors.

#include <doctest/doctest.h>

#include <cstdint>
#include <detent/algorithm/reduce.hpp>
#include <detent/statistic/histogram.hpp>
#include <detent/statistic/magnitude.hpp>
#include <detent/statistic/moments.hpp>
#include <span>
#include <support/tensors.hpp>
#include <vector>

using detent::magnitude;
using detent::moments;
using detent::observed_layer;
using detent::reduce;
using detent::seq;

namespace {

/// A sum that no order can change, and one that every order would.
struct order_probe {
  std::uint64_t sum = 0;
  std::uint64_t order = 0;
  void observe(float w) {
    sum += static_cast<std::uint64_t>(w);
    order = order * 31 + static_cast<std::uint64_t>(w);
  }
  void merge(order_probe const& other) {
    sum += other.sum;
    order = order * 37 + other.order;
  }
};

/// Larger than what is kept in several lanes.
struct large_probe : order_probe {
  std::uint64_t padding[64] = {};
  void merge(large_probe const& other) { order_probe::merge(other); }
};

template <class Probe>
void check_order() {
  for (std::size_t const size : tensors::awkward_sizes()) {
    std::vector<float> w(size + 1);
    for (std::size_t i = 0; i <= size; ++i)
      w[i] = static_cast<float>(i + 1);
    auto const p = reduce(Probe{}, std::span(w).first(size));
    CHECK(p.sum == size * (size + 1) / 2);
    std::vector<float> const shifted(w.begin(), w.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(reduce(seq, Probe{}, shifted).order == p.order);
  }
}

}  // namespace

TEST_CASE("reduce: observes every weight once, in an order that the size decides") {
  check_order<order_probe>();
  check_order<large_probe>();
}

TEST_CASE("reduce: hundreds of layers give what single calls give, bit for bit") {
  std::vector<std::vector<float>> w;
  std::vector<observed_layer<moments, float>> layers;
  for (std::size_t t = 0; t < 300; ++t)
    w.push_back(tensors::random<float>(t % 4 == 0 ? 0 : t % 70 == 1 ? 40000 : t * 17, t));
  for (std::size_t t = 0; t < 300; ++t)
    layers.push_back(observed_layer{moments{0.001 * static_cast<double>(t)}, w[t]});
  std::vector<moments> results(300);
  reduce(seq, layers, results);
  for (std::size_t t = 0; t < 300; ++t) {
    auto const want = reduce(layers[t].fresh, w[t]);
    CHECK(results[t].count() == w[t].size());
    CHECK(tensors::same_bits(results[t].mean(), want.mean()));
    CHECK(tensors::same_bits(results[t].fourth(), want.fourth()));
  }
}

TEST_CASE("reduce: rejects null data and differing numbers before any result is written") {
  std::span<float> const null(static_cast<float*>(nullptr), 10);
  CHECK(tensors::message_of([&] { reduce(magnitude{}, null); }) ==
        "detent: w: has null data and size 10");
  std::vector<float> w(10, 0.5f);
  std::vector<observed_layer<magnitude, float>> const layers{{magnitude{}, w}, {magnitude{}, null}};
  std::vector<magnitude> results(2);
  CHECK(tensors::message_of([&] { reduce(seq, layers, results); }) ==
        "detent: w of layer 1: has null data and size 10");
  CHECK(results[0].count() == 0);
  results.resize(3);
  CHECK(tensors::message_of([&] { reduce(seq, layers, results); }) ==
        "detent: results: has 3 elements where layers has 2");
}

TEST_CASE("reduce: every layer goes on with the statistic that it was given") {
  std::vector<float> const w{-0.5f, 0.5f, 1.5f};
  using counts = detent::histogram<2>;
  std::vector<detent::observed_layer<counts, float>> layers{{counts{0, 1}, w}, {counts{-1, 2}, w}};
  std::vector<counts> results(2, counts{0, 1});
  detent::reduce(detent::seq, layers, results);
  CHECK(results[0].below() == 1);
  CHECK(results[0].above() == 1);
  CHECK(results[1].below() == 0);
  CHECK(results[1].above() == 0);
  CHECK(results[1].highest() == 2);
}
