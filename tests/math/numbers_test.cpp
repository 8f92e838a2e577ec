// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// numbers: the operations of a vector, and that a number of its own may be added.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <detent/numbers.hpp>
#include <span>
#include <utility>
#include <vector>

using detent::numbers;

TEST_CASE("numbers: what is added stays, however often the memory moves") {
  numbers<double> all;
  CHECK(all.empty());
  for (std::size_t i = 0; i < 1000; ++i) {
    all.push_back(static_cast<double>(i));
    CHECK(all.back() == static_cast<double>(i));
  }
  REQUIRE(all.size() == 1000);
  for (std::size_t i = 0; i < 1000; ++i)
    CHECK(all[i] == static_cast<double>(i));
  all.pop_back();
  CHECK(all.size() == 999);
  CHECK(all.back() == 998);
  CHECK(all.front() == 0);
}

TEST_CASE("numbers: a number of their own can be added and copied over all") {
  numbers<int> all{7, 8};
  for (int i = 0; i < 100; ++i)
    all.push_back(all.front());
  CHECK(all.back() == 7);
  all.assign(300, all[1]);
  CHECK(all == numbers<int>(300, 8));
  all.resize(1000, all.front());
  CHECK(all == numbers<int>(1000, 8));
}

TEST_CASE("numbers: resize keeps what was there, assign does not") {
  numbers<int> all{1, 2, 3};
  all.resize(5, 9);
  CHECK(all == numbers<int>{1, 2, 3, 9, 9});
  all.resize(2);
  CHECK(all == numbers<int>{1, 2});
  all.resize(3);
  CHECK(all == numbers<int>{1, 2, 0});
  all.assign(2, 4);
  CHECK(all == numbers<int>{4, 4});
  all.clear();
  CHECK(all == numbers<int>{});
}

TEST_CASE("numbers: memory moves only where more is reserved than there is") {
  numbers<double> all;
  all.reserve(10);
  all.resize(10, 1);
  double const* const before = all.data();
  all.reserve(15);
  double const* const place = all.data();
  CHECK(place != before);
  all.resize(15, 2);
  CHECK(all.data() == place);
  CHECK(all[9] == 1);
  CHECK(all[14] == 2);
}

TEST_CASE("numbers: equal are those of the same size and the same numbers") {
  CHECK(numbers<int>{1, 2} == numbers<int>{1, 2});
  CHECK_FALSE(numbers<int>{1, 2} == numbers<int>{1, 3});
  CHECK_FALSE(numbers<int>{1, 2} == numbers<int>{1, 2, 3});
  CHECK_FALSE(numbers<int>{1, 2, 3} == numbers<int>{1, 2});
}

TEST_CASE("numbers: to and from vectors, spans and others of their kind") {
  std::vector<int> const from{3, 1, 2};
  numbers<int> const all = from;
  CHECK(static_cast<std::vector<int>>(all) == from);
  CHECK(numbers<int>(std::span<int const>(from)) == all);
  CHECK(numbers<int>(from.begin(), from.end()) == all);
  numbers<int> copy = all;
  copy[0] = 4;
  CHECK(all[0] == 3);
  numbers<int> const moved = std::move(copy);
  CHECK(moved == numbers<int>{4, 1, 2});
  CHECK(reinterpret_cast<std::uintptr_t>(moved.data()) % 64 == 0);
}
