// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// unpack: packed codes back to the levels of their grid, the reverse of snap.

#include <cstddef>
#include <cstdint>
#include <detent/algorithm/packed_codes.hpp>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/execution/run.hpp>
#include <detent/grid/uniform.hpp>
#include <span>
#include <type_traits>

namespace detent::inline DETENT_ABI {

namespace detail {

template <class W>
struct unpack_kernel {
  using compute = compute_type<W>;
  static constexpr int sums = 0;

  uniform<compute> grid;
  std::uint8_t const* bytes;
  int bits;
  W* w;
  std::size_t size;

  /// Writes a whole block, of which `room` bytes of codes are there.
  DETENT_HOST_LOOP void block(std::uint8_t const* from, std::size_t room, W* out) const noexcept {
    std::uint8_t code[pack_block];
    unpack_codes(from, room, bits, code);
    int const low = grid.lowest_code(), highest = grid.highest_code();
    DETENT_INDEPENDENT
    for (std::size_t l = 0; l < pack_block; ++l)
      out[l] =
          from_compute<W>(grid.level(low + int{code[l]} < highest ? low + int{code[l]} : highest));
  }
};

/// In place of the loop over single elements: codes come in blocks.
template <class W>
DETENT_HOST_LOOP inline void run_chunk(unpack_kernel<W> kernel, std::size_t first,
                                       std::size_t count, double*) noexcept {
  auto const b = static_cast<std::size_t>(kernel.bits);
  std::uint8_t const* from = kernel.bytes + first / 8 * b;
  std::uint8_t const* const end = from + (count * b + 7) / 8;
  W* out = kernel.w + first;
  for (; count >= pack_block; count -= pack_block, out += pack_block, from += pack_groups * b)
    kernel.block(from, static_cast<std::size_t>(end - from), out);
  if (count == 0) return;
  W tail[pack_block];
  kernel.block(from, static_cast<std::size_t>(end - from), tail);
  copy(tail, count, out);
}

}  // namespace detail

/// w[i] = the level of code i: the bits that `snap` left in w when it wrote the codes, except that
/// a NaN comes back as the lowest level.
///
/// @param  policy  `seq` (the default), `openmp`, or `on(executor)`
/// @param  grid    the grid the codes are of      @param  codes  as `snap` wrote them
/// @param  w       as many weights as there are codes
/// Errors: invalid_argument for more than 8 bits, a grid of more than 2^bits codes, fewer bytes
/// than the codes take, null data, and bytes that overlap w, before anything is written. A stored
/// code above the grid's highest, which `snap` does not write, counts as the highest.
/// Cost: one read of the bytes and one write of w.
template <execution_policy Policy, class Byte, writable W>
void unpack(Policy const& policy, uniform<double> const& grid, packed_codes<Byte> const& codes,
            W&& w) {
  auto const weights = detail::write_view(w, "w");
  detail::require_bytes_for(codes, grid, weights);
  using kernel = detail::unpack_kernel<detail::element_of<std::remove_reference_t<W>>>;
  kernel const k{grid.as<typename kernel::compute>(), codes.bytes.data(), codes.each.count(),
                 weights.data, weights.size};
  detail::run(policy, std::span<kernel const>(&k, 1), nullptr);
}
template <class Byte, writable W>
void unpack(uniform<double> const& grid, packed_codes<Byte> const& codes, W&& w) {
  unpack(seq, grid, codes, w);
}

}  // namespace detent::inline DETENT_ABI
