// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/training/schedule.hpp>
#include <limits>
#include <string>
#include <support/tensors.hpp>

using namespace detent;
using tensors::message_of;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("schedule: a rise is half done where it says, symmetric, and monotone") {
  rise_schedule const s(0.2, 0.05);
  CHECK(s(0.2) == 0.5);
  CHECK(std::fabs(s(0.25) - 0.5 * (1 + std::tanh(1.0))) < 1e-15);
  double before = -1;
  for (double t = -0.5; t <= 1.5; t += 0.01) {
    CHECK(s(t) >= before);
    CHECK(std::fabs(s(t) + s(0.4 - t) - 1) < 1e-12);
    before = s(t);
  }
  CHECK(s(-1) < 1e-15);
  CHECK(s(2) > 1 - 1e-15);
}

TEST_CASE("schedule: a window rises and falls") {
  window_schedule const s(0.2, 0.6);
  CHECK(s(0) < 1e-3);
  CHECK(std::fabs(s(0.2) - 0.5) < 1e-6);
  CHECK(s(0.4) > 0.999);
  CHECK(std::fabs(s(0.6) - 0.5) < 1e-6);
  CHECK(s(1) < 1e-6);
}

TEST_CASE("schedule: exponential, constant and phases are what they say") {
  CHECK(exponential_schedule(0.5, 2)(0) == 0.5);
  CHECK(std::fabs(exponential_schedule(0.5, 2)(1) - 0.5 * std::exp(2.0)) < 1e-14);
  CHECK(constant_schedule(0.3)(0.9) == 0.3);
  three_phase_schedule const p(0.2, 0.7, 0, 1, 5);
  CHECK(p(0.19) == 0);
  CHECK(p(0.2) == 1);
  CHECK(p(0.69) == 1);
  CHECK(p(0.7) == 5);
  CHECK(p(1.0) == 5);
}

TEST_CASE("schedule: products compose, steps become shares, and all print themselves") {
  auto const s = 3.0 * rise_schedule(0.25) * constant_schedule(2);
  CHECK(s(0.25) == 3.0);
  CHECK(at_step(s, 25, 100) == 3.0);
  CHECK(s.text() == "3 * rise(0.25, 0.05) * 2");
  CHECK(window_schedule(0.2, 0.8).text() == "window(0.2, 0.8, 0.05)");
  CHECK(exponential_schedule(0.5, 2).text() == "exponential(0.5, 2)");
  CHECK(three_phase_schedule(0.2, 0.7, 0, 1, 5).text() == "phases(0 until 0.2, 1 until 0.7, 5)");
}

TEST_CASE("schedule: rejects what is not finite, empty or out of order") {
  CHECK(message_of([] {
          (void)constant_schedule{not_a_number};
        }).starts_with("detent: value of a schedule"));
  CHECK(message_of([] {
          (void)rise_schedule{not_a_number};
        }).starts_with("detent: at of a schedule"));
  CHECK(message_of([] { (void)rise_schedule{0.2, 0}; }).starts_with("detent: width of a schedule"));
  CHECK(message_of([] {
          (void)window_schedule{0.6, 0.2};
        }) == "detent: end of a schedule: is 0.2, not after its begin 0.6");
  CHECK(message_of([] {
          (void)exponential_schedule{1, not_a_number};
        }).starts_with("detent: rate of a schedule"));
  CHECK(message_of([] {
          three_phase_schedule(0.5, 0.4, 0, 1, 1);
        }).starts_with("detent: third phase of a schedule"));
  CHECK(message_of([] { at_step(constant_schedule(1), 0, 0); }) ==
        "detent: steps: is 0; a run has at least 1");
}

TEST_CASE("schedule: an exponential without a finite end is refused, one from 0 stays 0") {
  CHECK(message_of([] {
          exponential_schedule(1, 1000);
        }).starts_with("detent: rate of a schedule: is 1000"));
  CHECK(message_of([] { exponential_schedule(1e-300, 1000); }).empty());
  CHECK(exponential_schedule(0, 1e300)(1) == 0);
  CHECK(std::fabs(exponential_schedule(0.5, 2)(0.75) / (0.5 * std::exp(1.5)) - 1) < 1e-15);
  CHECK(exponential_schedule(3, -1e300)(1) == 0);
}

TEST_CASE("schedule: a second phase may be empty, a window may not") {
  three_phase_schedule const s(0.5, 0.5, 1, 2, 3);
  CHECK(s(0.49) == 1);
  CHECK(s(0.5) == 3);
  CHECK_THROWS_AS(window_schedule(0.5, 0.5), invalid_argument);
}
