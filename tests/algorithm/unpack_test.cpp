// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// unpack: the bits that snap left, at every width, type, tail and alignment; errors.

#include <doctest/doctest.h>

#include <cstdint>
#include <detent/algorithm/snap.hpp>
#include <detent/algorithm/unpack.hpp>
#include <detent/grid/convention.hpp>
#include <limits>
#include <span>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::packed_codes;
using detent::packed_size;

namespace {

using bytes = std::vector<std::uint8_t>;

/// Whether snap and unpack agree on `size` weights, and unpack writes those alone.
template <class W>
bool returns(detent::uniform<double> const& grid, std::size_t size, int b, std::size_t offset) {
  auto w = tensors::random<W>(size, size);
  bytes packed(packed_size(size, bits{b}) + offset);
  packed_codes const codes{std::span(packed).subspan(offset), bits{b}};
  detent::snap(grid, w, codes);
  std::vector<W> memory(size + offset + 1, W(7.0f)), want(offset, W(7.0f));
  detent::unpack(grid, codes, std::span(memory).subspan(offset, size));
  want.insert(want.end(), w.begin(), w.end());
  want.push_back(W(7.0f));
  return tensors::same_bits(memory, want);
}

}  // namespace

TEST_CASE("unpack: returns the bits that snap left, at every width, type, tail and alignment") {
  auto sizes = tensors::awkward_sizes();
  for (std::size_t size = 0; size < 140; ++size)
    sizes.push_back(size);
  for (int b = 1; b <= detent::max_packed_bits; ++b) {
    CAPTURE(b);
    auto const dorefa = detent::dorefa_grid(bits{b}).scaled(1.3);
    auto const twos = detent::twos_complement_grid(bits{b}, detent::step_size{0.1});
    std::size_t failed = 0;
    for (std::size_t const size : sizes) {
      failed += !returns<float>(dorefa, size, b, 0);
      failed += !returns<float>(twos, size, b, size % 13);
      failed += !returns<double>(dorefa, size, b, 3);
      failed += !returns<detent::half>(dorefa, size, b, 0);
      failed += !returns<detent::bfloat16>(twos, size, b, 1);
    }
    CHECK(failed == 0);
  }
}

TEST_CASE("unpack: reads constant bytes and gives NaN back as the lowest level") {
  auto const grid = detent::dorefa_grid(bits{2});
  bytes const packed{0b11'10'01'00};
  std::vector<double> w(4);
  detent::unpack(grid, packed_codes{packed, bits{2}}, w);
  CHECK(w == std::vector<double>{grid.level(-2), grid.level(-1), grid.level(0), grid.level(1)});
#if !defined(DETENT_TEST_FAST_MATH)
  w[2] = std::numeric_limits<double>::quiet_NaN();
  bytes nan(1);
  detent::snap(grid, w, packed_codes{nan, bits{2}});
  detent::unpack(grid, packed_codes{nan, bits{2}}, w);
  CHECK(w[2] == grid.lowest());
#endif
}

TEST_CASE("unpack: a code above the grid's highest counts as the highest") {
  auto const grid = detent::wrpn_grid(bits{3});  // -3 … 3, so 7 is none
  bytes const packed(3, 0xff);
  std::vector<float> w(8);
  detent::unpack(grid, packed_codes{packed, bits{3}}, w);
  CHECK(w == std::vector<float>(8, grid.as<float>().highest()));
}

TEST_CASE("unpack: rejects widths, grids, sizes and null data before anything is written") {
  auto const grid = detent::dorefa_grid(bits{3});
  std::vector<float> w(10, 7.0f);
  auto const refused = [&](auto codes) {
    return tensors::message_of([&] { detent::unpack(grid, codes, w); });
  };
  bytes room(20), few(3);
  CHECK(refused(packed_codes{room, bits{9}}) == "detent: bits of codes: is 9; allowed are 1 to 8");
  CHECK(refused(packed_codes{room, bits{2}}) ==
        "detent: bits of codes: is 2, too few for the 8 codes of the grid");
  CHECK(refused(packed_codes{few, bits{3}}) ==
        "detent: bytes of codes: has 3 bytes where 10 codes of 3 bits take 4");
  std::span<std::uint8_t const> const null(static_cast<std::uint8_t*>(nullptr), 10);
  CHECK(refused(packed_codes{null, bits{3}}) ==
        "detent: bytes of codes: has null data and size 10");
  CHECK(w == std::vector<float>(10, 7.0f));
  std::span<float> const null_w(static_cast<float*>(nullptr), 10);
  CHECK(tensors::message_of([&] {
          detent::unpack(grid, packed_codes{room, bits{3}}, null_w);
        }) == "detent: w: has null data and size 10");
}
