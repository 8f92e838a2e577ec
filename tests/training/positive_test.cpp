// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/training/positive.hpp>
#include <limits>
#include <support/tensors.hpp>

using detent::positive;
using tensors::message_of;

TEST_CASE("positive: descends to the minimum of a loss") {
  positive s(3.0);
  for (int i = 0; i < 2000; ++i)
    s.descend(2 * (s.value() - 0.25), 0.1);  // of (s - ¼)²
  CHECK(std::fabs(s.value() - 0.25) < 1e-6);
}

TEST_CASE("positive: stays positive and finite whatever the slopes") {
  for (double const slope : {1e300, -1e300, 5.0, -5.0}) {
    positive s(1.0);
    for (int i = 0; i < 500; ++i) {
      double const before = s.value();
      s.descend(slope, 1e5);
      CHECK(s.value() > 0);
      CHECK(s.value() <= before * 2.0000001);
      CHECK(s.value() >= before / 2.0000001);
    }
    CHECK(std::isfinite(static_cast<float>(s.value())));
    CHECK(static_cast<float>(s.value()) > 0);
  }
}

TEST_CASE("positive: refuses nonsense and keeps its value") {
  constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
  positive s(2.0);
  double const before = s.value();
  CHECK(message_of([&] { s.descend(not_a_number, 1); }).starts_with("detent: slope"));
  CHECK(message_of([&] {
          s.descend(1, std::numeric_limits<double>::infinity());
        }).starts_with("detent: rate"));
  CHECK(message_of([&] { s.descend(1, -1); }) ==
        "detent: rate of a positive parameter: is -1, below 0");
  CHECK(s.value() == before);
  for (double const value : {0.0, -1.0, not_a_number, 1e31, 1e-31})
    CHECK(message_of([&] { (void)positive(value); }).starts_with("detent: value of a positive"));
}

TEST_CASE("positive: the step is of the logarithm, by the chain rule") {
  positive p(2.0);
  p.descend(0.1, 1.0);
  CHECK(std::fabs(p.value() - 2 * std::exp(-0.2)) < 1e-14);
}

TEST_CASE("positive: restored from its logarithm it goes on with the same bits") {
  positive one(0.3);
  for (int i = 0; i < 100; ++i) {
    one.descend(0.01 * i, 0.1);
    positive other = positive::restored(one.logarithm());
    CHECK(other.value() == one.value());
    other.descend(0.7, 0.1);
    positive next = one;
    next.descend(0.7, 0.1);
    CHECK(other.logarithm() == next.logarithm());
  }
  double const limit = 69.077552789821370521;
  CHECK(positive::restored(limit).logarithm() == limit);
  for (double const wrong : {std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity(), 69.08, -69.08})
    CHECK(message_of([&] {
            (void)positive::restored(wrong);
          }).starts_with("detent: logarithm of a positive"));
}
