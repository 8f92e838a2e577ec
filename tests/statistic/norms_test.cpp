// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Norms against plain loops; counts, merging, emptiness, NaN.

#include <doctest/doctest.h>

#include <cmath>
#include <detent/algorithm/reduce.hpp>
#include <detent/statistic/norms.hpp>
#include <limits>
#include <support/fast_math.hpp>
#include <support/tensors.hpp>
#include <vector>

using detent::norms;
using detent::reduce;

TEST_CASE("norms: agree with plain loops in long double") {
  for (std::size_t const size : {1u, 50u, 16385u, 50000u}) {
    CAPTURE(size);
    auto const x = tensors::random<float>(size, 3, 0.5);
    long double l1 = 0, square = 0;
    double maximum = 0;
    for (float const one : x) {
      auto const a = std::fabs(static_cast<long double>(one));
      l1 += a;
      square += a * a;
      maximum = std::fmax(maximum, static_cast<double>(a));
    }
    norms const n = reduce(norms{}, x);
    CHECK(std::fabs(n.l1() - static_cast<double>(l1)) <= 1e-13 * n.l1());
    CHECK(std::fabs(n.l2() - static_cast<double>(std::sqrt(square))) <= 1e-13 * n.l2());
    CHECK(n.maximum() == maximum);
  }
}

TEST_CASE("norms: counts what is not 0 and what has the magnitude asked for") {
  std::vector<double> const x{0, -0.0, 2, -2, 1e-300, 3};
  CHECK(reduce(norms{}, x).nonzero() == 4);
  CHECK(reduce(norms{}, x).counted() == 0);
  CHECK(reduce(norms{2.0}, x).counted() == 2);
  CHECK(reduce(norms{0.0}, x).counted() == 2);
}

TEST_CASE("norms: of nothing and of zeros all are 0; merging is observing both") {
  CHECK(norms{}.l1() == 0);
  CHECK(norms{}.l2() == 0);
  CHECK(norms{}.maximum() == 0);
  CHECK(reduce(norms{}, std::vector<float>(9)).maximum() == 0);
  norms a, b;
  a.observe(3.0f);
  b.observe(-4.0f);
  a.merge(b);
  a.merge(norms{});
  CHECK(a.l1() == 7);
  CHECK(a.l2() == 5);
  CHECK(a.maximum() == 4);
}

TEST_CASE("norms: a NaN makes every norm NaN" * doctest::skip(detent_test::fast_math)) {
  std::vector<float> x(1000, 0.5f);
  x[700] = std::numeric_limits<float>::quiet_NaN();
  norms const n = reduce(norms{}, x);
  CHECK(detent_test::is_nan(n.l1()));
  CHECK(detent_test::is_nan(n.l2()));
  CHECK(detent_test::is_nan(n.maximum()));
}
