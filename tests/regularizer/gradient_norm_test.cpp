// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Gradient norms as functors of gradient elements: values add up to the norm, slopes are its
// directions. What moves weights is tested in tests/training/gradient_penalty_test.cpp.

#include <doctest/doctest.h>

#include <cmath>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/regularizer/gradient_norm.hpp>
#include <detent/statistic/norms.hpp>
#include <limits>
#include <support/backwards.hpp>
#include <support/fast_math.hpp>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;
using detent_test::fast_math;

namespace {

/// The statistic with the elements that attain the maximum counted.
template <class T>
norms counted(std::vector<T> const& g) {
  return reduce(norms{reduce(norms{}, g).maximum()}, g);
}

template <norm Norm, class T>
std::vector<T> direction(std::vector<T> const& g) {
  std::vector<T> v;
  gradient_norm<Norm> const n{counted(g)};
  for (T const x : g)
    v.push_back(n(x).slope);
  return v;
}

/// The value as the verbs add it up, and ‖v‖ and v·g by plain loops, for one norm.
template <norm Norm, class T>
void check(std::vector<T> const& g, double exact, double tolerance) {
  gradient_norm<Norm> const n{counted(g)};
  CHECK(std::fabs(n.value() - exact) <= 1e-13 * exact);
  CHECK(std::fabs(penalty(n, g).value - exact) <= tolerance * exact);
  auto const v = direction<Norm>(g);
  double size = 0, along = 0;
  for (std::size_t i = 0; i < g.size(); ++i) {
    size += static_cast<double>(v[i]) * static_cast<double>(v[i]);
    along += static_cast<double>(v[i]) * static_cast<double>(g[i]);
  }
  CHECK(std::fabs(std::sqrt(size) - n.direction()) <= tolerance * n.direction());
  // A norm is homogeneous: v·g = ‖g‖.
  CHECK(std::fabs(along - exact) <= tolerance * exact);
}

template <class T>
void check_all(std::size_t size, double tolerance) {
  auto const g = tensors::random<T>(size, 9, 0.25);
  double l1 = 0, square = 0, maximum = 0;
  for (T const x : g) {
    double const a = std::fabs(static_cast<double>(x));
    l1 += a;
    square += a * a;
    maximum = std::fmax(maximum, a);
  }
  check<norm::l1>(g, l1, tolerance);
  check<norm::l2>(g, std::sqrt(square), tolerance);
  check<norm::maximum>(g, maximum, tolerance);
}

}  // namespace

TEST_CASE("gradient_norm: values add up to the norm, and slopes are its direction") {
  for (std::size_t const size : {1u, 5u, 1000u, 40000u}) {
    CAPTURE(size);
    check_all<double>(size, 1e-12);
    check_all<float>(size, 1e-5);
  }
}

TEST_CASE("gradient_norm: closed forms") {
  std::vector<double> const g{3.0, -4.0, 0.0, -0.0};
  CHECK(direction<norm::l1>(g) == std::vector<double>{1, -1, 0, 0});
  CHECK(direction<norm::maximum>(g) == std::vector<double>{0, -1, 0, 0});
  auto const v = direction<norm::l2>(g);
  CHECK(std::fabs(v[0] - 0.6) < 1e-15);
  CHECK(std::fabs(v[1] + 0.8) < 1e-15);
  CHECK(gradient_norm<norm::l1>{}(-2.5f).slope == -1.0f);
  CHECK(gradient_norm<norm::l1>{}(-2.5f).value == 2.5f);
}

TEST_CASE("gradient_norm: elements that share the maximum share its direction") {
  std::vector<float> const g{0.5f, -0.5f, 0.25f, 0.5f};
  gradient_norm<norm::maximum> const n{counted(g)};
  CHECK(n(-0.5f).slope == -1.0f / 3);
  CHECK(n(0.25f).slope == 0);
  CHECK(std::fabs(penalty(n, g).value - 0.5) < 1e-7);
  CHECK(std::fabs(n.direction() - std::sqrt(1.0 / 3)) < 1e-15);
  // Not counted: each gets all of it.
  CHECK(gradient_norm<norm::maximum>{reduce(norms{}, g)}(-0.5f).slope == -1);
}

TEST_CASE("gradient_norm: of zeros, value and direction are 0") {
  std::vector<float> const g{0.0f, -0.0f, 0.0f};
  CHECK(direction<norm::l1>(g) == std::vector<float>(3));
  CHECK(direction<norm::l2>(g) == std::vector<float>(3));
  CHECK(direction<norm::maximum>(g) == std::vector<float>(3));
  CHECK(gradient_norm<norm::l1>{counted(g)}.direction() == 0);
  CHECK(gradient_norm<norm::l2>{counted(g)}.direction() == 0);
  CHECK(gradient_norm<norm::maximum>{counted(g)}.direction() == 0);
}

TEST_CASE("gradient_norm: small gradients keep their norm in float") {
  // The square of 1e-25 is no float.
  std::vector<float> const g(4, 1e-25f);
  gradient_norm<norm::l2> const n{reduce(norms{}, g)};
  CHECK(std::fabs(penalty(n, g).value / 2e-25 - 1) < 1e-6);
  CHECK(std::fabs(static_cast<double>(n(1e-25f).slope) - 0.5) < 1e-6);
}

TEST_CASE("gradient_norm: a NaN makes every norm NaN" * doctest::skip(fast_math)) {
  std::vector<float> const g{0.5f, std::numeric_limits<float>::quiet_NaN(), 0.25f};
  norms const of = counted(g);
  CHECK(detent_test::is_nan(of.l1()));
  CHECK(detent_test::is_nan(of.l2()));
  CHECK(detent_test::is_nan(of.maximum()));
  CHECK(detent_test::is_nan(penalty(gradient_norm<norm::l1>{of}, g).value));
  CHECK(detent_test::is_nan(penalty(gradient_norm<norm::l2>{of}, g).value));
  CHECK(detent_test::is_nan(penalty(gradient_norm<norm::maximum>{of}, g).value));
}

TEST_CASE("gradient_norm: the same bits in any order of chunks") {
  auto const g = tensors::random<float>(70001, 2, 1.0);
  detent_test::backwards other_order;
  norms const a = reduce(norms{0.5}, g), b = reduce(on(other_order), norms{0.5}, g);
  CHECK(tensors::same_bits(a.l1(), b.l1()));
  CHECK(tensors::same_bits(a.l2(), b.l2()));
  CHECK(a.maximum() == b.maximum());
  CHECK(a.nonzero() == b.nonzero());
  CHECK(a.counted() == b.counted());
  gradient_norm<norm::l2> const n{a};
  CHECK(tensors::same_bits(penalty(n, g).value, penalty(on(other_order), n, g).value));
}

TEST_CASE("gradient_norm: the least l2 norm with a direction is the least normal float") {
  auto const of = [](double g) {
    return gradient_norm<norm::l2>(reduce(norms{}, std::vector<double>{g})).direction();
  };
  CHECK(of(0x1p-126) == 1);
  CHECK(of(0x1p-127) == 0);
}
