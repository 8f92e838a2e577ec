// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <detent/math/philox.hpp>
#include <limits>
#include <set>
#include <vector>

using namespace detent;

TEST_CASE("philox: the known answers of its authors") {
  static_assert(philox({{0, 0, 0, 0}}, 0) ==
                philox_words{{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}});
  CHECK(philox({{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}}, 0xffffffffffffffff) ==
        philox_words{{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}});
  CHECK(philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0x299f31d0a4093822) ==
        philox_words{{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});
}

TEST_CASE("philox: every part of the address changes the draw") {
  std::set<std::uint32_t> seen;
  for (std::uint64_t const seed : {1ull, 2ull, 1ull << 40})
    for (std::uint32_t const step : {0u, 7u})
      for (std::uint32_t const tensor : {0u, 3u})
        for (std::uint64_t const element : {0ull, 1ull, 1ull << 32, 1ull << 33})
          seen.insert(philox_draws{seed, step, tensor}(element).word[0]);
  CHECK(seen.size() == 3 * 2 * 2 * 4);
}

TEST_CASE("philox: unit numbers lie within the open interval, at the ends too") {
  constexpr std::uint32_t last = std::numeric_limits<std::uint32_t>::max();
  CHECK(open_unit<float>(0) == 0x1p-24f);
  CHECK(open_unit<float>(last) == 1 - 0x1p-24f);
  CHECK(open_unit<double>(0) == 0x1p-33);
  CHECK(open_unit<double>(last) == 1 - 0x1p-33);
  CHECK(std::isfinite(std::log(open_unit<float>(0))));
  CHECK(std::isfinite(std::log1p(-open_unit<float>(last))));
}

namespace {

// 64 classes, 2^18 draws a word: the statistic has 63 degrees of freedom; above 124.8 it would be
// with a probability of 5·10⁻⁶ for each word, if the draws were uniform.
template <std::size_t Words, class Draw>
void check_spread(Draw const& draw) {
  constexpr int classes = 64, draws = 1 << 18;
  std::vector<std::vector<double>> counts(Words, std::vector<double>(classes));
  for (int i = 0; i < draws; ++i) {
    auto const words = draw(static_cast<std::uint64_t>(i));
    for (std::size_t k = 0; k < Words; ++k)
      ++counts[k][static_cast<std::size_t>(classes * open_unit<float>(words.word[k]))];
  }
  for (auto const& word : counts) {
    double statistic = 0;
    for (double const n : word)
      statistic += (n - draws / classes) * (n - draws / classes) / (draws / classes);
    CHECK(statistic < 124.8);
  }
}

}  // namespace

TEST_CASE("philox: unit numbers are spread evenly") {
  for (std::uint64_t const seed : {5ull, 6ull}) {
    philox_draws const draws{seed, 3, 1};
    check_spread<4>(draws);
    check_spread<6>([&](std::uint64_t i) { return sixths(draws(i)); });
  }
}

TEST_CASE("philox: no two of a block's six numbers share a bit") {
  constexpr std::uint32_t middle = 0x400;
  for (std::uint32_t const word : sixths({}).word)
    CHECK(word == middle);
  int heard = 0;
  for (int bit = 0; bit < 128; ++bit) {
    philox_words one{};
    one.word[bit / 32] = 1u << (bit % 32);
    int changed = 0;
    for (int k = 0; k < 6; ++k) {
      std::uint32_t const difference = sixths(one).word[k] ^ middle;
      CHECK((difference & 0x7ff) == 0);  // 21 bits
      changed += difference != 0;
    }
    CHECK(changed <= 1);
    heard += changed;
  }
  CHECK(heard == 6 * 21);
}

TEST_CASE("philox: two counters at a time give what each gives") {
  detent::philox_draws const draws{7, 8, 9};
  for (std::uint64_t element = 0; element < 100; ++element) {
    auto const both = draws(element, element + 1000, 2);
    CHECK(both.one == draws(element, 2));
    CHECK(both.other == draws(element + 1000, 2));
  }
}

TEST_CASE("philox_draws: element, block, step and tensor have places of their own in the counter") {
  philox_draws const draws{.seed = 9, .step = 5, .tensor = 7};
  std::uint64_t const element = 0x123456789abc;
  CHECK(draws(element, 3) == philox({{0x56789abcu, 0x1234u | 3u << 16, 5, 7}}, 9));
  CHECK(draws(element, element + 1, 3).other == draws(element + 1, 3));
}
