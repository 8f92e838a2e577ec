// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Extrema and mean magnitude against plain loops; merging, emptiness, NaN and infinity.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <detent/algorithm/reduce.hpp>
#include <detent/statistic/magnitude.hpp>
#include <limits>
#include <support/tensors.hpp>

using detent::magnitude;

namespace {

template <class T>
void check_against_loops(std::size_t size) {
  auto const w = tensors::random<T>(size, size + 1);
  auto const m = detent::reduce(magnitude{}, w);
  long double sum = 0;
  double smallest = 2, largest = -2, maximum = 0;
  for (T const value : w) {
    double const x = static_cast<double>(value);
    sum += std::abs(x);
    smallest = std::min(smallest, x);
    largest = std::max(largest, x);
    maximum = std::max(maximum, std::abs(x));
  }
  CHECK(m.count() == size);
  CHECK(m.maximum() == maximum);
  if (size == 0) return;
  CHECK(m.smallest() == smallest);
  CHECK(m.largest() == largest);
  double const mean = static_cast<double>(sum / static_cast<long double>(size));
  CHECK(std::abs(m.mean() - mean) <= 1e-12 * mean);
}

}  // namespace

TEST_CASE("magnitude: agrees with plain loops at every size") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    check_against_loops<float>(size);
    check_against_loops<double>(size);
  }
}

TEST_CASE("magnitude: extrema of one sign") {
  magnitude m;
  for (double const w : {-3.0, -0.5, -7.0})
    m.observe(w);
  CHECK(m.smallest() == -7.0);
  CHECK(m.largest() == -0.5);
  CHECK(m.maximum() == 7.0);
  CHECK(m.mean() == 3.5);
}

TEST_CASE("magnitude: merging is observing both, and a fresh one is neutral") {
  auto const w = tensors::random<double>(100, 3);
  magnitude all, first, second;
  for (std::size_t i = 0; i < w.size(); ++i) {
    all.observe(w[i]);
    (i < 37 ? first : second).observe(w[i]);
  }
  first.merge(second);
  CHECK(first.maximum() == all.maximum());
  CHECK(first.smallest() == all.smallest());
  CHECK(first.largest() == all.largest());
  CHECK(std::abs(first.mean() - all.mean()) < 1e-15);
  magnitude neutral;
  neutral.merge(all);
  all.merge(magnitude{});
  for (magnitude const& m : {neutral, all}) {
    CHECK(m.count() == 100);
    CHECK(m.maximum() == first.maximum());
    CHECK(m.smallest() == first.smallest());
    CHECK(m.largest() == first.largest());
  }
}

TEST_CASE("magnitude: of no weights") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  auto const m = detent::reduce(magnitude{}, std::vector<float>{});
  CHECK(m.count() == 0);
  CHECK(m.mean() == 0.0);
  CHECK(m.maximum() == 0.0);
  CHECK(m.smallest() == std::numeric_limits<double>::infinity());
  CHECK(m.largest() == -std::numeric_limits<double>::infinity());
#endif
}

TEST_CASE("magnitude: a NaN anywhere makes maximum and mean NaN") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  for (std::size_t const size : {1u, 8u, 9u, 1000u, 40000u}) {
    for (std::size_t const where : {std::size_t{0}, size / 2, size - 1}) {
      auto w = tensors::random<float>(size, 9);
      w[where] = std::numeric_limits<float>::quiet_NaN();
      auto const m = detent::reduce(magnitude{}, w);
      CHECK(std::isnan(m.maximum()));
      CHECK(std::isnan(m.mean()));
      w[where] = -w[where];
      CHECK(std::isnan(detent::reduce(magnitude{}, w).maximum()));
    }
  }
#endif
}

TEST_CASE("magnitude: an infinite weight, and a sum that overflows") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(detent::reduce(magnitude{}, std::vector<double>{1.0, -infinity}).maximum() == infinity);
  auto const m = detent::reduce(magnitude{}, std::vector<double>(4, -1e308));
  CHECK(m.maximum() == 1e308);
  CHECK(m.mean() == infinity);
#endif
}
