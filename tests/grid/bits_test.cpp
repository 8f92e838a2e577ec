// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <detent/grid/bits.hpp>
#include <initializer_list>
#include <limits>
#include <string>
#include <support/message.hpp>
#include <type_traits>

using detent::bits;
using detent::invalid_argument;
using detent::step_size;
using namespace detent_test;

// Neither comes from a bare number or from the other.
static_assert(!std::is_convertible_v<int, bits>);
static_assert(!std::is_convertible_v<double, step_size>);
static_assert(!std::is_constructible_v<bits, step_size>);
static_assert(!std::is_constructible_v<step_size, bits>);

TEST_CASE("bits: 1 to 16, with 2^b codes") {
  for (int b = 1; b <= 16; ++b) {
    CHECK(bits(b).count() == b);
    CHECK(bits(b).codes() == 1 << b);
  }
  static_assert(bits{3}.codes() == 8);
  static_assert(detent::max_bits == 16);
}

TEST_CASE("bits: others are rejected, naming value and range") {
  for (int b : {0, 17, -1, 32, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
    auto const message = message_of<invalid_argument>([b] { return bits(b); });
    CHECK_MESSAGE(mentions(message, "bits", std::to_string(b), "1 to 16"), message);
  }
}

TEST_CASE("step_size: any step from the smallest to the largest") {
  for (double step : {detent::min_step, 1e-20, 0.1, 1.0, 1e10, detent::max_step}) {
    CHECK(step_size(step).value() == step);
  }
  static_assert(step_size(0.25).value() == 0.25);
}

TEST_CASE("step_size: zero, negative, too small and too large steps are rejected") {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  for (double step :
       {0.0, -0.0, -1.0, -1e-300, infinite, -infinite, std::numeric_limits<double>::quiet_NaN(),
        std::numeric_limits<double>::denorm_min(), 9.9e-31, 1.01e19, 1e30, 1e308}) {
    auto const message = message_of<invalid_argument>([step] { return step_size(step); });
    CHECK_MESSAGE(mentions(message, "step"), message);
  }
}

TEST_CASE("step_size: the message shows the value in the digits that it needs") {
  auto const complaint = [](double step) {
    return message_of<invalid_argument>([step] { return step_size(step); });
  };
  CHECK(complaint(-1e-20) == "detent: step: is -1e-20; a finite number above 0 is needed");
  CHECK(complaint(-0.1) == "detent: step: is -0.1; a finite number above 0 is needed");
  CHECK(complaint(0.0) == "detent: step: is 0; a finite number above 0 is needed");
  CHECK(complaint(-1.7976931348623157e308) ==
        "detent: step: is -1.7976931348623157e+308; a finite number above 0 is needed");
  CHECK(detent::detail::text(0.1f) == "0.1");
  CHECK(detent::detail::text(std::numeric_limits<long long>::min()) == "-9223372036854775808");
}
