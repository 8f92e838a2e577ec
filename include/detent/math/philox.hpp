// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Philox 4×32-10: random numbers that are a function of where they are used, not of when.

#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <utility>

namespace detent::inline DETENT_ABI {

/// Four words of 32 bits: a counter, or what comes out for it.
struct philox_words {
  std::uint32_t word[4];

  friend constexpr bool operator==(philox_words const&, philox_words const&) = default;
};

namespace detail {

/// The words in 64 bits, of which the lower 32 count: so a loop over counters is one over vectors
/// of products, and nothing is packed or unpacked between the rounds.
struct philox_state {
  std::uint64_t word[4];
};

DETENT_HD constexpr philox_state philox_round(philox_state const& s, std::uint64_t key,
                                              std::uint32_t round) noexcept {
  std::uint32_t const k0 = static_cast<std::uint32_t>(key) + round * 0x9e3779b9u;
  std::uint32_t const k1 = static_cast<std::uint32_t>(key >> 32) + round * 0xbb67ae85u;
  std::uint64_t const a = std::uint64_t{0xd2511f53u} * (s.word[0] & 0xffffffffu);
  std::uint64_t const b = std::uint64_t{0xcd9e8d57u} * (s.word[2] & 0xffffffffu);
  return {{(b >> 32) ^ s.word[1] ^ k0, b, (a >> 32) ^ s.word[3] ^ k1, a}};
}

/// Unrolled: GCC at -O2 would not vectorize a loop around it.
template <std::size_t... Rounds>
DETENT_HD constexpr void philox_rounds(philox_state& s, philox_state& t, std::uint64_t key,
                                       std::index_sequence<Rounds...>) noexcept {
  ((static_cast<void>(s = philox_round(s, key, std::uint32_t{Rounds})),
    static_cast<void>(t = philox_round(t, key, std::uint32_t{Rounds}))),
   ...);
}

DETENT_HD constexpr philox_state widened(philox_words const& w) noexcept {
  return {{w.word[0], w.word[1], w.word[2], w.word[3]}};
}
DETENT_HD constexpr philox_words narrowed(philox_state const& s) noexcept {
  return {{static_cast<std::uint32_t>(s.word[0]), static_cast<std::uint32_t>(s.word[1]),
           static_cast<std::uint32_t>(s.word[2]), static_cast<std::uint32_t>(s.word[3])}};
}

}  // namespace detail

/// What comes out for two counters.
struct philox_pair {
  philox_words one, other;
};

/// Philox of two counters: the rounds of one fill the latencies of the other's.
DETENT_HD constexpr philox_pair philox(philox_words const& one, philox_words const& other,
                                       std::uint64_t key) noexcept {
  auto s = detail::widened(one), t = detail::widened(other);
  detail::philox_rounds(s, t, key, std::make_index_sequence<10>{});
  return {detail::narrowed(s), detail::narrowed(t)};
}

/// Ten rounds of Philox with four words: a bijection of the counter for every key.
///
/// noexcept, pure, host and device. Passes the usual batteries of tests (there).
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
DETENT_HD constexpr philox_words philox(philox_words const& counter, std::uint64_t key) noexcept {
  return philox(counter, counter, key).one;
}

/// The draws of one tensor in one step of training. Element i always gets the same four numbers,
/// whichever thread asks, in whatever order.
struct philox_draws {
  std::uint64_t seed = 0;    ///< of the run
  std::uint32_t step = 0;    ///< of the training
  std::uint32_t tensor = 0;  ///< its number in the network

  /// Four numbers of an element, below 2⁴⁸; with `block`, below 2¹⁶, as many more as are needed.
  DETENT_HD constexpr philox_words operator()(std::uint64_t element,
                                              std::uint32_t block = 0) const noexcept {
    return philox(counter(element, block), seed);
  }
  /// Those of two elements.
  DETENT_HD constexpr philox_pair operator()(std::uint64_t one, std::uint64_t other,
                                             std::uint32_t block) const noexcept {
    return philox(counter(one, block), counter(other, block), seed);
  }

 private:
  DETENT_HD constexpr philox_words counter(std::uint64_t element,
                                           std::uint32_t block) const noexcept {
    return {{static_cast<std::uint32_t>(element),
             static_cast<std::uint32_t>(element >> 32) | block << 16, step, tensor}};
  }
};

/// A number of the open interval (0, 1) from a word: the middle of one of 2²³ equal parts in float,
/// of 2³² in double, so that neither logarithm nor logit of it is infinite.
template <class T>
DETENT_HD constexpr T open_unit(std::uint32_t word) noexcept {
  if constexpr (sizeof(T) == 4) {
    return (static_cast<T>(static_cast<std::int32_t>(word >> 9)) + T(0.5)) * T(0x1p-23);
  } else {
    return (static_cast<T>(word) + T(0.5)) * T(0x1p-32);
  }
}

/// The 128 bits of a block as six numbers of 21 bits, for `open_unit`; below them stands a half.
struct philox_sixths {
  std::uint32_t word[6];
};

/// Each word's upper 21 bits, and of the other eleven those of two words together.
DETENT_HD constexpr philox_sixths sixths(philox_words const& w) noexcept {
  constexpr std::uint32_t rest = 0x7ff, middle = 0x400;
  auto const upper = [](std::uint32_t x) { return (x & ~rest) | middle; };
  auto const lower = [](std::uint32_t x, std::uint32_t y) { return x << 21 | (y & rest) << 10; };
  return {{upper(w.word[0]), upper(w.word[1]), upper(w.word[2]), upper(w.word[3]),
           upper(lower(w.word[0], w.word[1])), upper(lower(w.word[2], w.word[3]))}};
}

}  // namespace detent::inline DETENT_ABI
