// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Moments against two passes in long double; the origin, merging, closed forms, emptiness.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <detent/algorithm/reduce.hpp>
#include <detent/statistic/moments.hpp>
#include <limits>
#include <span>
#include <support/tensors.hpp>

using detent::moments;

namespace {

struct two_pass {
  double mean, variance, third, fourth;
};

template <class T>
two_pass reference(std::span<T const> w) {
  auto const n = static_cast<long double>(w.size());
  long double mean = 0, m2 = 0, m3 = 0, m4 = 0;
  for (T const x : w)
    mean += static_cast<long double>(x) / n;
  for (T const x : w) {
    long double const d = static_cast<long double>(x) - mean;
    m2 += d * d / n;
    m3 += d * d * d / n;
    m4 += d * d * d * d / n;
  }
  return {static_cast<double>(mean), static_cast<double>(m2), static_cast<double>(m3),
          static_cast<double>(m4)};
}

/// A sum of six uniform numbers, shifted and squared a little to make it skew.
template <class T>
std::vector<T> skew(std::size_t size, double centre) {
  std::vector<T> w(size);
  std::uint64_t state = size;
  for (T& x : w) {
    double sum = -3.0;
    for (int i = 0; i < 6; ++i)
      sum += static_cast<double>(tensors::next(state) >> 11) * 0x1p-53;
    x = static_cast<T>(centre + 0.2 * sum + 0.1 * sum * sum);
  }
  return w;
}

template <class T>
void check(std::size_t size, double centre, double origin, double tolerance) {
  auto const w = skew<T>(size, centre);
  auto const m = detent::reduce(moments{origin}, w);
  auto const want = reference(std::span<T const>(w));
  CHECK(m.count() == size);
  double const sigma = std::sqrt(want.variance);
  CHECK(std::abs(m.mean() - want.mean) <= tolerance * (std::abs(want.mean) + sigma));
  CHECK(std::abs(m.variance() - want.variance) <= tolerance * want.variance);
  CHECK(std::abs(m.third() - want.third) <= tolerance * sigma * sigma * sigma);
  CHECK(std::abs(m.fourth() - want.fourth) <= tolerance * want.fourth);
  double const kurtosis = want.fourth / (want.variance * want.variance);
  CHECK(std::abs(m.kurtosis() - kurtosis) <= 4.0 * tolerance * kurtosis);
}

}  // namespace

TEST_CASE("moments: agree with two passes in long double") {
  for (std::size_t const size : {50u, 1000u, 16384u, 16385u, 50000u}) {
    check<float>(size, 0.0, 0.0, 1e-12);
    check<double>(size, 0.0, 0.0, 1e-12);
    check<double>(size, 0.5, 0.0, 1e-11);
  }
}

TEST_CASE("moments: an origin near the mean keeps the digits of weights far from zero") {
  check<double>(20000, 1000.0, 1000.0, 1e-11);
  // What the origin is for: without it the fourth moment has lost everything.
  auto const w = skew<double>(20000, 1000.0);
  auto const want = reference(std::span<double const>(w));
  double const lost = detent::reduce(moments{}, w).fourth();
  CHECK(std::abs(lost - want.fourth) > 1e-5 * want.fourth);
}

TEST_CASE("moments: closed forms of two points and of a ramp") {
  moments two;
  for (int i = 0; i < 10; ++i)
    two.observe(i % 2 == 0 ? 1.0f : -1.0f);
  CHECK(two.mean() == 0.0);
  CHECK(two.variance() == 1.0);
  CHECK(two.third() == 0.0);
  CHECK(two.fourth() == 1.0);
  CHECK(two.kurtosis() == 1.0);
  moments ramp;
  for (int i = 0; i < 20000; ++i)
    ramp.observe((static_cast<double>(i) + 0.5) / 10000.0 - 1.0);
  CHECK(std::abs(ramp.kurtosis() - 1.8) < 1e-6);  // the uniform distribution's
}

TEST_CASE("moments: equal weights have variance 0 exactly, and their value as the mean") {
  for (std::size_t const size : {1u, 7u, 1000u, 100000u}) {
    for (float const x : {0.1f, 0.001f, 123.456f, -0.3f, 1e10f, 1e-30f, 3e38f}) {
      auto const m = detent::reduce(moments{}, std::vector<float>(size, x));
      CHECK(m.mean() == static_cast<double>(x));
      CHECK(m.variance() == 0.0);
      CHECK(m.third() == 0.0);
      CHECK(m.fourth() == 0.0);
    }
    CHECK(!std::signbit(detent::reduce(moments{}, std::vector<double>(size, 1e-200)).variance()));
    auto const m = detent::reduce(moments{}, std::vector<double>(size, 0.1));
    CHECK(m.mean() == 0.1);
    CHECK(m.variance() == 0.0);
  }
}

TEST_CASE("moments: no rounding leads out of the mathematical range") {
  // The range of weights is far below the rounding of their power sums.
  for (double const centre : {0.1, 1.0, 1e3, 1e6, -1e10}) {
    for (double const spread : {0x1p-52, 0x1p-45, 1e-9, 1e-3}) {
      double const far = centre + spread * std::abs(centre);
      for (std::size_t const size : {2u, 3u, 1000u, 20000u}) {
        std::vector<double> w(size, centre);
        w[size / 2] = far;
        auto const m = detent::reduce(moments{}, w);
        double const low = std::min(centre, far), high = std::max(centre, far);
        CHECK(m.mean() >= low);
        CHECK(m.mean() <= high);
        CHECK(m.variance() >= 0.0);
        CHECK(m.variance() <= (high - low) * (high - low) / 4 * (1 + 1e-15));
        CHECK(m.fourth() >= m.variance() * m.variance());
        CHECK(m.fourth() <= (high - low) * (high - low) * m.variance() * (1 + 1e-15));
        CHECK(std::abs(m.third()) <= (high - low) * m.variance() * (1 + 1e-15));
        if (m.variance() > 0) CHECK(m.kurtosis() >= 1.0);
      }
    }
  }
}

TEST_CASE("moments: merging is observing both") {
  auto const w = skew<double>(1000, 0.1);
  moments all, first, second;
  for (std::size_t i = 0; i < w.size(); ++i) {
    all.observe(w[i]);
    (i % 3 == 0 ? first : second).observe(w[i]);
  }
  first.merge(second);
  first.merge(moments{});
  CHECK(first.count() == all.count());
  CHECK(std::abs(first.mean() - all.mean()) < 1e-15);
  CHECK(std::abs(first.fourth() - all.fourth()) < 1e-14 * all.fourth());
}

TEST_CASE("moments: all are 0 of no weights") {
  moments const m;
  CHECK(m.count() == 0);
  CHECK(m.mean() == 0.0);
  CHECK(m.variance() == 0.0);
  CHECK(m.third() == 0.0);
  CHECK(m.fourth() == 0.0);
}

TEST_CASE("moments: kurtosis without variance and moments with a NaN are NaN") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  CHECK(std::isnan(detent::reduce(moments{}, std::vector<float>(100, 0.5f)).kurtosis()));
  std::vector<float> w(1000, 0.25f);
  w[700] = std::numeric_limits<float>::quiet_NaN();
  auto const m = detent::reduce(moments{}, w);
  CHECK(std::isnan(m.mean()));
  CHECK(std::isnan(m.variance()));
  CHECK(std::isnan(m.fourth()));
  CHECK(m.count() == 1000);
#endif
}
