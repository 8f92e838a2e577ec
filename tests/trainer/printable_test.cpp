// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Text that steers a terminal, and text that does not.

#include <doctest/doctest.h>

#include <string>
#include <trainer/printable.hpp>

using detent_trainer::printable;

TEST_CASE("printable: words of any alphabet stay as they are") {
  for (const char* text : {"", "a b~\\x1b", "ä λ 数 😀", "–±", "dorefa+sinreq W3/A32"})
    CHECK(printable(text) == text);
}

TEST_CASE(
    "printable: control characters, turns of writing and separators of lines are spelled out") {
  CHECK(printable("a\n\r\tb") == "a\\x0a\\x0d\\x09b");
  CHECK(printable("\x1b[31mred\x1b[0m") == "\\x1b[31mred\\x1b[0m");
  CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
  CHECK(printable("\x7f") == "\\x7f");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\xc2\\x9b31m");  // C1: a control sequence of one character
  CHECK(printable("\xc2\xa0") == "\xc2\xa0");
  for (const char* mark :
       {"\xe2\x80\xae", "\xe2\x80\x8f", "\xe2\x81\xa6", "\xe2\x80\xa8", "\xd8\x9c"})
    CHECK(printable(mark).starts_with("\\x"));
}

TEST_CASE("printable: bytes that are no UTF-8 are spelled out one by one") {
  CHECK(printable("\xff"
                  "a") == "\\xffa");
  CHECK(printable("\x9b"
                  "31m") == "\\x9b31m");
  CHECK(printable("\xc3") == "\\xc3");
  CHECK(printable("\xe2\x82") == "\\xe2\\x82");
  CHECK(printable("\xf0\x9f\x98") == "\\xf0\\x9f\\x98");
  CHECK(printable("\xc0\x9b") == "\\xc0\\x9b");                    // overlong
  CHECK(printable("\xe0\x80\x9b") == "\\xe0\\x80\\x9b");           // overlong
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
  CHECK(printable("\xf8\x88\x80\x80\x80") == "\\xf8\\x88\\x80\\x80\\x80");
}
