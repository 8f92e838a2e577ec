// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Bins of a grid in closed form; merging, order, refusals.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <detent/algorithm/reduce.hpp>
#include <detent/grid/convention.hpp>
#include <detent/statistic/bins.hpp>
#include <support/backwards.hpp>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;

TEST_CASE("bins: count, offset and variance in closed form") {
  uniform<double> const grid = twos_complement_grid(bits{3}, step_size{1.0});
  auto const b = reduce(bins{grid}, std::vector<float>{0.25f, -0.25f, 0.5f, 3.0f, 7.0f, -9.0f});
  CHECK(b.size() == 8);
  CHECK(b.count(4) == 3);  // 0.5 is nearest to 0, the even code
  CHECK(b.offset(4) == 0.5 / 3);
  CHECK(std::fabs(b.variance(4) - (0.375 / 3 - 0.25 / 9)) < 1e-16);
  CHECK(b.count(7) == 2);
  CHECK(b.offset(7) == 2);
  CHECK(b.variance(7) == 4);
  CHECK(b.count(0) == 1);
  CHECK(b.offset(0) == -5);
  CHECK(b.variance(0) == 0);
  CHECK(b.count(5) == 0);
  CHECK(b.offset(5) == 0);
  CHECK(b.variance(5) == 0);
  CHECK(std::fabs(b.offsets() - (0.25 / 9 + 4 + 25)) < 1e-14);
  CHECK(std::fabs(b.variances() - (4 + b.variance(4))) < 1e-14);
}

TEST_CASE("bins: the same bits in any order of chunks, and every weight counted") {
  uniform<double> const grid = dorefa_grid(bits{8}).scaled(0.8);
  auto const w = tensors::random<float>(100001, 6, 1.0);
  detent_test::backwards other_order;
  auto const a = reduce(bins{grid}, w), b = reduce(on(other_order), bins{grid}, w);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    count += a.count(i);
    CHECK(tensors::same_bits(a.offset(i), b.offset(i)));
    CHECK(tensors::same_bits(a.variance(i), b.variance(i)));
  }
  CHECK(count == w.size());
}

TEST_CASE("bins: more levels than the statistic holds are refused by name") {
  auto const message = tensors::message_of([] { bins<16>{dorefa_grid(bits{5})}; });
  CHECK(message.find("levels of the bins: is 32; allowed are 1 to 16") != std::string::npos);
  CHECK(bins<16>{dorefa_grid(bits{4})}.size() == 16);
  CHECK(bins{dorefa_grid(bits{8})}.size() == 256);
}

TEST_CASE("bins: merging is observing both, and of nothing all is 0") {
  uniform<double> const grid = dorefa_grid(bits{4});
  auto const w = tensors::random<float>(999, 1, 1.0);
  bins<> all{grid}, first{grid}, second{grid};
  for (std::size_t i = 0; i < w.size(); ++i) {
    all.observe(w[i]);
    (i % 3 == 0 ? first : second).observe(w[i]);
  }
  first.merge(second);
  first.merge(bins{grid});
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(first.count(i) == all.count(i));
    CHECK(std::fabs(first.offset(i) - all.offset(i)) < 1e-15);
    CHECK(std::fabs(first.variance(i) - all.variance(i)) < 1e-15);
  }
  CHECK(bins{grid}.offsets() == 0);
}
