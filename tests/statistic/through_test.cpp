// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Statistics through a domain: those of the coordinate, with the bits of observing it.

#include <doctest/doctest.h>

#include <detent/algorithm/reduce.hpp>
#include <detent/grid/domain.hpp>
#include <detent/statistic/histogram.hpp>
#include <detent/statistic/magnitude.hpp>
#include <detent/statistic/moments.hpp>
#include <detent/statistic/through.hpp>
#include <support/backwards.hpp>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;

namespace {

using seen_moments = observed_through<tanh_domain, moments>;
using seen_histogram = observed_through<tanh_domain, histogram<8>>;
static_assert(summing_statistic<seen_moments>);
static_assert(statistic<seen_histogram> && !summing_statistic<seen_histogram>);

std::vector<float> coordinates(std::vector<float> const& w) {
  std::vector<float> x;
  for (float const one : w)
    x.push_back(tanh_domain{}(one).value);
  return x;
}

}  // namespace

TEST_CASE("through: a statistic sees the coordinate, with the same bits") {
  auto const w = tensors::random<float>(40000, 5, 2.0);
  auto const x = coordinates(w);
  detent_test::backwards other_order;
  moments const seen = reduce(on(other_order), through(tanh_domain{}, moments{0.1}), w).inner;
  moments const plain = reduce(moments{0.1}, x);
  CHECK(seen.count() == 40000);
  CHECK(tensors::same_bits(seen.mean(), plain.mean()));
  CHECK(tensors::same_bits(seen.fourth(), plain.fourth()));
  magnitude const largest = reduce(through(tanh_domain{}, magnitude{}), w).inner;
  CHECK(largest.maximum() == reduce(magnitude{}, x).maximum());
}

TEST_CASE("through: a statistic that is no sum sees the coordinate too") {
  auto const w = tensors::random<float>(40000, 5, 2.0);
  auto const seen = reduce(through(tanh_domain{}, histogram<8>{-1, 1}), w).inner;
  CHECK(seen.counts() == reduce(histogram<8>{-1, 1}, coordinates(w)).counts());
  CHECK(seen.counts() != reduce(histogram<8>{-1, 1}, w).counts());
  auto one = through(tanh_domain{}, moments{});
  auto other = one;
  one.observe(0.5f);
  other.observe(-0.25f);
  one.merge(other);
  CHECK(one.inner.count() == 2);
  CHECK(one.inner.mean() == reduce(moments{}, coordinates({0.5f, -0.25f})).mean());
}
