// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Histogram counts: bins, ends, outsiders, merging, degenerate ranges.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <detent/algorithm/reduce.hpp>
#include <detent/statistic/histogram.hpp>
#include <limits>
#include <numeric>
#include <support/tensors.hpp>

using detent::histogram;

namespace {

template <std::size_t Bins>
std::uint64_t total(histogram<Bins> const& h) {
  return std::accumulate(h.counts().begin(), h.counts().end(),
                         h.below() + h.above() + h.not_a_number());
}

}  // namespace

TEST_CASE("histogram: the ends belong to the outermost bins, an inner edge to the upper bin") {
  histogram<4> h{-1.0, 1.0};
  for (double const w : {-1.0, -0.5, 0.0, 0.5, 1.0})
    h.observe(w);
  CHECK(h.counts() == std::array<std::uint64_t, 4>{1, 1, 1, 2});
  h.observe(std::nextafter(1.0, 2.0));
  h.observe(std::nextafter(-1.0, -2.0));
  CHECK(h.above() == 1);
  CHECK(h.below() == 1);
  CHECK(h.lowest() == -1.0);
  CHECK(h.highest() == 1.0);
}

TEST_CASE("histogram: agrees with plain loops at every size") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    auto const w = tensors::random<float>(size, size + 2);
    auto const h = detent::reduce(histogram<16>{-1.0, 1.0}, w);
    std::array<std::uint64_t, 16> want{};
    std::uint64_t below = 0, above = 0;
    for (float const x : w) {
      if (x < -1.0f) {
        ++below;
      } else if (x > 1.0f) {
        ++above;
      } else {
        ++want[std::min<std::size_t>(static_cast<std::size_t>((x + 1.0f) * 8.0f), 15)];
      }
    }
    CHECK(h.counts() == want);
    CHECK(h.below() == below);
    CHECK(h.above() == above);
    CHECK(total(h) == size);
  }
}

TEST_CASE("histogram: one bin, and merging") {
  histogram<1> a{0.0, 1.0}, b{0.0, 1.0};
  a.observe(0.5f);
  b.observe(1.0f);
  b.observe(2.0f);
  b.observe(-2.0f);
  a.merge(b);
  a.merge(histogram<1>{0.0, 1.0});
  CHECK(a.counts()[0] == 2);
  CHECK(a.above() == 1);
  CHECK(a.below() == 1);
}

TEST_CASE("histogram: counts NaN apart, infinities below and above") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  histogram<2> h{-1.0, 1.0};
  h.observe(std::numeric_limits<float>::quiet_NaN());
  h.observe(std::numeric_limits<float>::infinity());
  h.observe(-std::numeric_limits<double>::infinity());
  CHECK(h.not_a_number() == 1);
  CHECK(h.above() == 1);
  CHECK(h.below() == 1);
  CHECK(total(h) == 3);
#endif
}

TEST_CASE("histogram: a narrow range far from zero keeps its counts in range") {
  double const low = 1e15, high = 1e15 + 1.0;
  histogram<64> h{low, high};
  for (double x = low; x <= high; x = std::nextafter(x, 2e15))
    h.observe(x);
  CHECK(total(h) == 9);
  CHECK(h.counts()[0] == 1);
  CHECK(h.counts()[63] == 1);
}

TEST_CASE("histogram: rejects a range that is empty, not finite, too narrow or too wide") {
  auto const message = [](double low, double high) {
    return tensors::message_of([&] { histogram<8>(low, high); });
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(message(-infinity, 0.0) == "detent: lowest: is not finite; a finite number is needed");
  CHECK(message(0.0, infinity) == "detent: highest: is not finite; a finite number is needed");
  CHECK(message(1.0, 1.0) == "detent: highest: is not above lowest");
  CHECK(message(2.0, 1.0) == "detent: highest: is not above lowest");
#if !defined(DETENT_TEST_FAST_MATH)
  std::string const extreme = "detent: highest: is too near to lowest or too far from it";
  CHECK(message(0.0, 5e-324) == extreme);
  CHECK(message(-1.7e308, 1.7e308) == extreme);
#endif
}
