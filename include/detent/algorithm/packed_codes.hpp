// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// packed_codes: codes of 1 to 8 bits without gaps in a stream of bytes.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/bits.hpp>
#include <detent/grid/uniform.hpp>
#include <span>
#include <type_traits>

namespace detent::inline DETENT_ABI {

/// The widest code that is packed.
inline constexpr int max_packed_bits = 8;

/// Bytes that `count` codes of so many bits take.
constexpr std::size_t packed_size(std::size_t count, bits each) noexcept {
  auto const b = static_cast<std::size_t>(each.count());
  return count / 8 * b + (count % 8 * b + 7) / 8;
}

/// Where `snap` writes packed codes, and where `unpack` reads them.
///
///     code i  =  bits i·b … i·b + b - 1 of the stream, the lowest bit first;
///                bit k of the stream is bit k mod 8 of byte ⌊k/8⌋
///
/// A code is stored as code - lowest_code, without sign. The bits behind the last code are 0.
/// The bytes do not depend on the machine's byte order.
///
///     std::vector<std::uint8_t> bytes(packed_size(w.size(), bits{3}));
///     snap(grid, w, packed_codes{bytes, bits{3}});
template <class Byte>
struct packed_codes {
  static_assert(std::is_same_v<Byte const, std::uint8_t const>, "packed codes are std::uint8_t");

  tensor_span<Byte> bytes;  ///< at least `packed_size` of them; what is beyond is left as it is
  bits each;                ///< of one code, 1 to `max_packed_bits`; 2^bits hold all of the grid's
};
template <detail::accessible Bytes>
packed_codes(Bytes&&, bits) -> packed_codes<std::remove_pointer_t<detail::pointer_of<Bytes>>>;

namespace detail {

/// Errors: invalid_argument for more than 8 bits, and fewer bytes than `count` codes take.
inline void require_bytes(std::size_t bytes, bits each, std::size_t count,
                          argument const& which = {"bytes of codes"}) {
  if (each.count() < 1 || each.count() > max_packed_bits) {
    require_between(each.count(), 1, max_packed_bits,
                    argument{"bits of codes", which.layer}.words().c_str());
  }
  std::size_t const needed = packed_size(count, each);
  if (bytes < needed) {
    fail(which, "has " + text(bytes) + " bytes where " + text(count) + " codes of " +
                    text(each.count()) + " bits take " + text(needed));
  }
}

/// Errors: invalid_argument for a grid of more than 2^bits codes.
inline void require_bits(bits each, uniform<double> const& grid,
                         argument const& which = {"bits of codes"}) {
  if (grid.size() > each.codes()) {
    fail(which, "is " + text(each.count()) + ", too few for the " + text(grid.size()) +
                    " codes of the grid");
  }
}

/// Errors: as these two, for null data, and for bytes that overlap the weights.
template <class Byte, class W>
void require_bytes_for(packed_codes<Byte> const& codes, uniform<double> const& grid,
                       W const& weights) {
  argument const bytes{"bytes of codes", weights.which.layer};
  require_bytes(~std::size_t{0}, codes.each, 0, bytes);
  require_bits(codes.each, grid, {"bits of codes", weights.which.layer});
  require_data(codes.bytes.data(), codes.bytes.size(), bytes);
  require_bytes(codes.bytes.size(), codes.each, weights.size, bytes);
  memory_range const of_codes(codes.bytes.data(), packed_size(weights.size, codes.each));
  memory_range const of_weights(weights.data, weights.size);
  if (of_codes.overlaps(of_weights)) {
    fail(bytes, "overlaps the weights");
  }
}

/// Codes that are packed at a time, in groups of 8: b bytes each, so groups share none.
inline constexpr std::size_t pack_block = 128;
inline constexpr std::size_t pack_groups = pack_block / 8;

/// The first `count` ≤ 8 bytes of a word, the lowest first, to memory and back.
DETENT_HD inline void store_bytes(std::uint64_t x, std::uint8_t* to, std::size_t count) noexcept {
  for (std::size_t j = 0; j < count; ++j)
    to[j] = static_cast<std::uint8_t>(x >> (8 * j));
}
DETENT_HD inline std::uint64_t load_bytes(std::uint8_t const* from, std::size_t count) noexcept {
  std::uint64_t x = 0;
  for (std::size_t j = 0; j < count; ++j)
    x |= std::uint64_t{from[j]} << (8 * j);
  return x;
}

/// All 8 of them: one instruction where the machine stores the lowest first.
DETENT_HD inline void store_word(std::uint64_t x, std::uint8_t* to) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(to, &x, sizeof(x));
  } else {
    store_bytes(x, to, sizeof(x));
  }
}
DETENT_HD inline std::uint64_t load_word(std::uint8_t const* from) noexcept {
  std::uint64_t x = 0;
  if constexpr (std::endian::native != std::endian::little) return load_bytes(from, sizeof(x));
  std::memcpy(&x, from, sizeof(x));
  return x;
}

/// 8 codes in 8·b bits: neighbours are moved together, then pairs, then fours.
DETENT_HD inline std::uint64_t packed_group(std::uint64_t x, int b) noexcept {
  x = (x & 0x00ff00ff00ff00ffu) | (x >> 8 & 0x00ff00ff00ff00ffu) << b;
  x = (x & 0x0000ffff0000ffffu) | (x >> 16 & 0x0000ffff0000ffffu) << (2 * b);
  return (x & 0x00000000ffffffffu) | x >> 32 << (4 * b);
}

/// The reverse, whatever stands above the 8·b bits.
DETENT_HD inline std::uint64_t unpacked_group(std::uint64_t x, int b) noexcept {
  std::uint64_t const fours = (std::uint64_t{1} << (4 * b)) - 1;
  std::uint64_t const pairs = ((std::uint64_t{1} << (2 * b)) - 1) * 0x0000000100000001u;
  std::uint64_t const ones = ((std::uint64_t{1} << b) - 1) * 0x0001000100010001u;
  x = (x & fours) | (x >> (4 * b) & fours) << 32;
  x = (x & pairs) | (x >> (2 * b) & pairs) << 16;
  return (x & ones) | (x >> b & ones) << 8;
}

/// Packs a block into `room` bytes. Each store is 8 bytes long where there is room: what it writes
/// beyond its own b the next one overwrites.
DETENT_HD inline void pack_codes(std::uint8_t const* code, int b, std::uint8_t* to,
                                 std::size_t room) noexcept {
  std::uint64_t group[pack_groups];
  for (std::size_t g = 0; g < pack_groups; ++g)
    group[g] = packed_group(load_word(code + 8 * g), b);
  auto const width = static_cast<std::size_t>(b);
  for (std::size_t g = 0, at = 0; g < pack_groups && at < room; ++g, at += width) {
    if (room - at >= 8) {
      store_word(group[g], to + at);
    } else {
      store_bytes(group[g], to + at, width < room - at ? width : room - at);
    }
  }
}

/// Unpacks a block from `room` bytes; codes beyond them are 0.
DETENT_HD inline void unpack_codes(std::uint8_t const* from, std::size_t room, int b,
                                   std::uint8_t* code) noexcept {
  std::uint64_t group[pack_groups] = {};
  auto const width = static_cast<std::size_t>(b);
  for (std::size_t g = 0, at = 0; g < pack_groups && at < room; ++g, at += width) {
    std::size_t const left = width < room - at ? width : room - at;
    group[g] = room - at >= 8 ? load_word(from + at) : load_bytes(from + at, left);
  }
  for (std::size_t g = 0; g < pack_groups; ++g)
    store_word(unpacked_group(group[g], b), code + 8 * g);
}

}  // namespace detail
}  // namespace detent::inline DETENT_ABI
