// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <stdexcept>
#include <support/message.hpp>

using namespace detent_test;

TEST_CASE("message: of the exception that was asked for") {
  auto const fail = []() -> int { throw std::invalid_argument("bits: is 0"); };
  CHECK(message_of<std::invalid_argument>(fail) == "bits: is 0");
  CHECK(message_of<std::logic_error>(fail) == "bits: is 0");
  CHECK(message_of<std::runtime_error>(fail) == "(another type was thrown)");
  CHECK(message_of<std::logic_error>([] { return 1; }) == "(nothing was thrown)");
}

TEST_CASE("message: mentions every part or fails") {
  CHECK(mentions("bits: is 0", "bits", "0"));
  CHECK_FALSE(mentions("bits: is 0", "bits", "17"));
}
