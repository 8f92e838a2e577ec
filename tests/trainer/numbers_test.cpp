// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Words as numbers: decimal alone, whole, within the type.

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <trainer/numbers.hpp>

namespace {

using detent_trainer::decimal_number;
using detent_trainer::not_a_number;
using detent_trainer::whole_number;

}  // namespace

TEST_CASE("numbers: whole numbers are decimal digits with a minus at most") {
  CHECK(whole_number<int>("0") == 0);
  CHECK(whole_number<int>("10") == 10);
  CHECK(whole_number<int>("-7") == -7);
  CHECK(whole_number<int>("2147483647") == 2147483647);
  CHECK(whole_number<int>("-2147483648") == std::numeric_limits<int>::min());
  CHECK(whole_number<std::uint64_t>("18446744073709551615") ==
        std::numeric_limits<std::uint64_t>::max());
  for (const char* word : {"",    "-",   "010",        "08",          "00",
                           "-01", "0x8", "0b1",        "+5",          " 5",
                           "5 ",  "5\n", "8.",         "8.0",         "1e1",
                           "8x",  "--5", "2147483648", "-2147483649", "99999999999999999999",
                           "٣",   "inf", "1'000",      "1,2"}) {
    CAPTURE(word);
    CHECK_FALSE(whole_number<int>(word));
  }
  for (const char* word : {"-1", "-0", "18446744073709551616"}) {
    CAPTURE(word);
    CHECK_FALSE(whole_number<std::uint64_t>(word));
  }
  CHECK_FALSE(whole_number<int>(std::string("5\0", 2)));
}

TEST_CASE("numbers: decimal numbers are finite and say nothing but digits and an exponent") {
  CHECK(decimal_number("0") == 0.0);
  CHECK(decimal_number("0.25") == 0.25);
  CHECK(decimal_number("-1.5") == -1.5);
  CHECK(decimal_number("1e3") == 1000.0);
  CHECK(decimal_number("1E-3") == 0.001);
  CHECK(decimal_number("10") == 10.0);
  CHECK(decimal_number("0e0") == 0.0);
  for (const char* word :
       {"",    "-",    ".",        "e1",  "010", "00.5",   "-00.5", "0x1p3",  "0x10",
        "inf", "-inf", "infinity", "nan", "NaN", "nan(1)", "1e999", "-1e999", "1e-999",
        "+1",  " 1",   "1 ",       "1f",  "1e",  "1e+",    "1,5",   "1.2.3",  "1_000"}) {
    CAPTURE(word);
    CHECK_FALSE(decimal_number(word));
  }
}

TEST_CASE("numbers: messages say what is allowed") {
  CHECK(not_a_number<int>("x") == "'x' is not a whole number from -2147483648 to 2147483647");
  CHECK(not_a_number<std::uint64_t>("010") ==
        "'010' is not a whole number from 0 to 18446744073709551615 without leading zeros");
  CHECK(not_a_number<double>("inf") == "'inf' is not a finite number in decimal digits");
}
