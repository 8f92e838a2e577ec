// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <detent/numbers.hpp>
#include <new>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

using detent::numbers;

TEST_CASE("numbers: made like a std::vector, and of one") {
  numbers<double> const empty, zeros(3), ones(2, 1.0), listed{1.5, 2.5};
  CHECK(empty.empty());
  CHECK(empty == numbers<double>{});
  CHECK(zeros == std::vector<double>{0, 0, 0});
  CHECK(ones == std::vector<double>{1, 1});
  CHECK(listed.size() == 2);
  CHECK(listed.front() == 1.5);
  CHECK(listed.back() == 2.5);
  std::array<int, 3> const counts{1, 2, 3};
  numbers<double> const converted(counts.begin(), counts.end());
  CHECK(converted == std::vector<double>{1, 2, 3});
  CHECK(numbers<int>(std::span<int const>(counts)) == std::vector<int>{1, 2, 3});
  std::vector<double> const back = listed;
  CHECK(back == std::vector<double>{1.5, 2.5});
  std::span<double const> const seen = listed;
  CHECK(seen.data() == listed.data());
}

TEST_CASE("numbers: equality looks at size and elements") {
  numbers<int> const a{1, 2, 3};
  CHECK(a == numbers<int>{1, 2, 3});
  CHECK(a != numbers<int>{1, 2});
  CHECK(a != numbers<int>{1, 2, 4});
  CHECK(std::vector<int>{1, 2, 3} == a);
}

TEST_CASE("numbers: copies are of their own, a move leaves no element behind") {
  numbers<int> a{1, 2, 3}, b = a;
  b[0] = 9;
  CHECK(a[0] == 1);
  a = b;
  CHECK(a == b);
  CHECK(a.data() != b.data());
  auto const& same = a;
  a = same;
  CHECK(a == b);
  int const* const data = a.data();
  numbers<int> const moved = std::move(a);
  CHECK(moved.data() == data);
  CHECK(a.empty());  // NOLINT: what a move leaves is the subject
}

TEST_CASE("numbers: grows one by one, by elements of its own too") {
  numbers<std::int64_t> n;
  for (std::int64_t i = 0; i < 1000; ++i)
    n.push_back(i);
  CHECK(n.size() == 1000);
  CHECK(std::accumulate(n.begin(), n.end(), std::int64_t{0}) == 499500);
  numbers<int> own{7};
  for (int i = 0; i < 100; ++i)
    own.push_back(own.front());
  CHECK(own == numbers<int>(101, 7));
  own.resize(200, own[3]);
  CHECK(own == numbers<int>(200, 7));
  own.assign(3, own[199]);
  CHECK(own == numbers<int>(3, 7));
  own.pop_back();
  own.resize(4);
  CHECK(own == numbers<int>{7, 7, 0, 0});
  own.clear();
  CHECK(own.empty());
}

TEST_CASE("numbers: more than memory can hold is std::bad_alloc") {
  CHECK_THROWS_AS(numbers<double>(numbers<double>::max_size() + 1), std::bad_alloc);
}

TEST_CASE("numbers: elements with an alignment of their own") {
  struct alignas(64) wide {
    double x;
  };
  numbers<wide> n(3, wide{2.0});
  CHECK(reinterpret_cast<std::uintptr_t>(n.data()) % 64 == 0);
  n.push_back({1.0});
  CHECK(n.back().x == 1.0);
}

TEST_CASE("numbers: those of another size are not equal, whichever has more") {
  CHECK_FALSE(numbers<int>{1, 2} == numbers<int>{1, 2, 3});
  CHECK_FALSE(numbers<int>{1, 2, 3} == numbers<int>{1, 2});
}

TEST_CASE("numbers: assign keeps nothing of what was there") {
  numbers<int> n{7, 8};
  n.assign(300, n[1]);
  CHECK(n == numbers<int>(300, 8));
}

TEST_CASE("numbers: memory moves only where more is reserved than there is") {
  numbers<double> n;
  n.reserve(10);
  n.resize(10, 1.0);
  double const* const before = n.data();
  n.reserve(15);
  double const* const place = n.data();
  CHECK(place != before);
  n.resize(15, 2.0);
  CHECK(n.data() == place);
  CHECK(n[9] == 1);
  CHECK(n[14] == 2);
}
