// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The counter-based random numbers: fixed values, uniformity, independence.

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <trainer/data/random.hpp>

using detent_trainer::counter_random;

TEST_CASE("counter_random: the same key gives the same numbers, another key others") {
  counter_random first{7, 1, 42};
  counter_random second{7, 1, 42};
  for (int i = 0; i < 100; ++i)
    CHECK(first.next() == second.next());

  std::set<std::uint64_t> starts;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint64_t stream = 0; stream < 10; ++stream) {
      for (std::uint64_t index = 0; index < 100; ++index) {
        starts.insert(counter_random{seed, stream, index}.next());
      }
    }
  }
  CHECK(starts.size() == 10'000);
}

TEST_CASE("counter_random: draws the same numbers on every platform") {
  // From a few lines of Python with integers of any length.
  counter_random random{1, 2, 3};
  const std::array<std::uint64_t, 3> drawn{random.next(), random.next(), random.next()};
  const std::array<std::uint64_t, 3> expected{0x5CE8BD6EDA014EEEU, 0x45D92CC02DE79274U,
                                              0x1053BD15F1FA5215U};
  CHECK(drawn == expected);
}

TEST_CASE("counter_random: unit lies in [0, 1) and is uniform") {
  counter_random random{3, 0, 0};
  std::array<int, 16> bins{};
  constexpr int draws = 160'000;
  for (int i = 0; i < draws; ++i) {
    const float value = random.unit();
    if (value < 0.0F || value >= 1.0F) FAIL("outside: ", value);
    ++bins[static_cast<std::size_t>(value * 16)];
  }
  // Five deviations of a bin, whose variance is about its mean.
  for (const int bin : bins)
    CHECK(std::abs(bin - draws / 16) < 5 * 100);
}

TEST_CASE("counter_random: below is uniform for a bound that is no power of two") {
  counter_random random{4, 0, 0};
  std::array<int, 7> bins{};
  constexpr int draws = 70'000;
  for (int i = 0; i < draws; ++i) {
    const std::uint32_t value = random.below(7);
    if (value >= 7) FAIL("outside: ", value);
    ++bins[value];
  }
  for (const int bin : bins)
    CHECK(std::abs(bin - draws / 7) < 5 * 100);
  CHECK(random.below(1) == 0);
}

TEST_CASE("counter_random: below does not favour any third of a bound near 2^32") {
  // Without rejection, bound 3 · 2^30 would draw results divisible by 3 twice as often.
  counter_random random{5, 0, 0};
  constexpr std::uint32_t bound = 3U << 30U;
  std::array<int, 3> bins{};
  constexpr int draws = 30'000;
  for (int i = 0; i < draws; ++i)
    ++bins[random.below(bound) % 3];
  for (const int bin : bins)
    CHECK(std::abs(bin - draws / 3) < 5 * 100);
}

TEST_CASE("counter_random: bell has mean 0, deviation 1 and its bound") {
  counter_random random{6, 0, 0};
  constexpr int draws = 100'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < draws; ++i) {
    const double value = static_cast<double>(random.bell());
    if (std::abs(value) > 3.5) FAIL("outside: ", value);
    sum += value;
    squares += value * value;
  }
  // Five deviations of the two estimates: 1 / sqrt(n), and less than sqrt(2 / n).
  CHECK(std::abs(sum / draws) < 5 / std::sqrt(1.0 * draws));
  CHECK(std::abs(squares / draws - 1) < 5 * std::sqrt(2.0 / draws));
}
