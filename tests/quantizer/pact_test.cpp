// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/algorithm/backward.hpp>
#include <detent/quantizer/pact.hpp>
#include <limits>
#include <support/tensors.hpp>
#include <vector>

using namespace detent;

TEST_CASE("pact: clips at the learned point and rounds on its 2^b levels") {
  pact const q(bits{2}, 1.5);
  CHECK(q(-0.4) == 0.0);
  CHECK(q(0.6) == 0.5);
  CHECK(q(7.0) == 1.5);
}

TEST_CASE("pact: the gradient goes to the input inside, to the clipping point above") {
  pact const q(bits{3}, 0.75);
  auto const both = [&](double x) {
    auto const p = q.backward(x, 3.0);
    return std::vector<double>{p.gradient, p.theta[0]};
  };
  CHECK(both(-0.1) == std::vector<double>{0, 0});
  CHECK(both(0.0) == std::vector<double>{0, 0});
  CHECK(both(0.5) == std::vector<double>{3, 0});
  CHECK(both(0.75) == std::vector<double>{0, 3});
  CHECK(both(4.0) == std::vector<double>{0, 3});
}

TEST_CASE("pact: above the clipping point the gradient is the exact derivative") {
  double const h = 1e-6;
  double const difference = (pact(bits{4}, 2 + h)(9.0) - pact(bits{4}, 2 - h)(9.0)) / (2 * h);
  CHECK(std::fabs(pact(bits{4}, 2).backward(9.0, 1.0).theta[0] - difference) < 1e-8);
}

TEST_CASE("pact: backward sums the clipping point's gradient over a tensor") {
  auto const x = tensors::random<float>(3000, 1), up = tensors::random<float>(3000, 2);
  pact const q(bits{4}, 1.25);
  std::vector<float> g(x.size());
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += x[i] >= 1.25f ? static_cast<double>(up[i]) : 0.0;
  CHECK(std::fabs(backward(q, x, up, g).theta[0] - sum) < 1e-6 * (1 + std::fabs(sum)));
}

TEST_CASE("pact: a clipping point that is not above zero is refused") {
  CHECK(tensors::message_of([] { (void)pact(bits{4}, 0); }).starts_with("detent: range: is 0"));
  CHECK(tensors::message_of([] {
          (void)pact(bits{4}, std::numeric_limits<double>::quiet_NaN());
        }).starts_with("detent: range"));
}

TEST_CASE("pact: rebuilt, it is one made with the other range") {
  pact const made(bits{2}, 2.0), rebuilt = pact(bits{2}, 1.0).rebuilt(2.0);
  CHECK(rebuilt.range() == made.range());
  for (double const x : {-0.5, 0.4, 1.5, 1.99, 2.0, 2.5}) {
    CHECK(rebuilt(x) == made(x));
    CHECK(rebuilt.backward(x, 1.0).gradient == made.backward(x, 1.0).gradient);
    CHECK(rebuilt.backward(x, 1.0).theta[0] == made.backward(x, 1.0).theta[0]);
  }
}
