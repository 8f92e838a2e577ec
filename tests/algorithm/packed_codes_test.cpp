// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Packed codes: the bytes that snap writes against a loop over single bits, every width and tail.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <detent/algorithm/snap.hpp>
#include <detent/execution/isa.hpp>
#include <detent/grid/convention.hpp>
#include <limits>
#include <span>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::packed_codes;
using detent::packed_layer;
using detent::packed_size;
using detent::seq;

namespace {

using bytes = std::vector<std::uint8_t>;

detent::uniform<double> grid_of(int b) {
  return detent::dorefa_grid(bits{b}).scaled(1.3);
}

/// The layout, bit by bit.
template <class T>
bytes packed_by_loop(detent::uniform<T> const& grid, std::vector<T> const& w, int b) {
  bytes out(packed_size(w.size(), bits{b}));
  for (std::size_t i = 0; i < w.size(); ++i) {
    auto const code = static_cast<unsigned>(grid.code(w[i]) - grid.lowest_code());
    for (std::size_t k = 0; k < static_cast<std::size_t>(b); ++k) {
      std::size_t const bit = i * static_cast<std::size_t>(b) + k;
      out[bit / 8] = static_cast<std::uint8_t>(out[bit / 8] | ((code >> k & 1u) << bit % 8));
    }
  }
  return out;
}

std::vector<std::size_t> tails() {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size <= 140; ++size)
    sizes.push_back(size);
  for (std::size_t size = 141; size <= 2049; size += size < 400 ? 7 : 61)
    sizes.push_back(size);
  for (std::size_t const middle : {256u, 512u, 1024u, 2048u, 8192u, 16384u}) {
    for (std::size_t const size : {middle - 1, middle, middle + 1})
      sizes.push_back(size);
  }
  sizes.push_back(50263);
  return sizes;
}

/// How many of the things that must hold do not.
template <class W>
std::size_t failures(std::size_t size, int b, std::size_t w_offset, std::size_t byte_offset) {
  auto const grid = grid_of(b);
  constexpr std::size_t beyond = 9;
  auto const before = tensors::random<W>(size + w_offset + 1, size);
  auto memory = before;
  std::vector<W> const own(before.begin() + static_cast<std::ptrdiff_t>(w_offset),
                           before.end() - 1);
  bytes all(packed_size(size, bits{b}) + byte_offset + beyond, 0xa5);
  detent::snap(grid, std::span(memory).subspan(w_offset, size),
               packed_codes{std::span(all).subspan(byte_offset), bits{b}});
  std::vector<W> want = before;
  detent::snap(grid, std::span(want).subspan(w_offset, size));
  bytes want_bytes(byte_offset, 0xa5);
  bytes const packed = packed_by_loop(grid.template as<W>(), own, b);
  want_bytes.insert(want_bytes.end(), packed.begin(), packed.end());
  want_bytes.insert(want_bytes.end(), beyond, 0xa5);
  return !tensors::same_bits(memory, want) + std::size_t{all != want_bytes};
}

struct striped_executor {
  template <class F>
  void bulk(std::size_t count, F f) {
    for (std::size_t stripe = 3; stripe-- > 0;) {
      for (std::size_t i = stripe; i < count; i += 3)
        f(i);
    }
  }
};

}  // namespace

TEST_CASE("packed_codes: sizes in bytes, up to the largest") {
  CHECK(packed_size(0, bits{3}) == 0);
  CHECK(packed_size(1, bits{1}) == 1);
  CHECK(packed_size(8, bits{1}) == 1);
  CHECK(packed_size(9, bits{1}) == 2);
  CHECK(packed_size(3, bits{3}) == 2);
  CHECK(packed_size(8, bits{3}) == 3);
  CHECK(packed_size(1001, bits{8}) == 1001);
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  CHECK(packed_size(most, bits{8}) == most);
  static_assert(packed_size(16384, bits{5}) == 10240);
}

TEST_CASE("packed_codes: an example of the layout") {
  // Codes -2, -1, 0, 1 and -2: stored 0, 1, 2, 3, 0, the lowest bits first.
  auto const grid = detent::twos_complement_grid(bits{2}, detent::step_size{1.0});
  std::vector<float> w{-2.0f, -1.0f, 0.0f, 1.0f, -9.0f};
  bytes two(2, 0xff), three(2, 0xff);
  detent::snap(grid, w, packed_codes{two, bits{2}});
  CHECK(two == bytes{0b11'10'01'00, 0});
  CHECK(w == std::vector<float>{-2.0f, -1.0f, 0.0f, 1.0f, -2.0f});
  detent::snap(grid, w, packed_codes{three, bits{3}});
  CHECK(three == bytes{0b10'001'000, 0b0'000'011'0});
}

TEST_CASE("packed_codes: every width and tail gives the bytes of a loop over bits") {
  for (int b = 1; b <= detent::max_packed_bits; ++b) {
    CAPTURE(b);
    std::size_t failed = 0;
    for (std::size_t const size : tails())
      failed += failures<float>(size, b, 0, 0) + failures<double>(size, b, 0, 0);
    CHECK(failed == 0);
  }
}

TEST_CASE("packed_codes: neither weights nor bytes need alignment") {
  for (int b = 1; b <= detent::max_packed_bits; ++b) {
    CAPTURE(b);
    std::size_t failed = 0;
    for (std::size_t offset = 1; offset < 16; ++offset)
      failed += failures<float>(16384 + 300 + offset, b, offset, 16 - offset);
    CHECK(failed == 0);
  }
}

TEST_CASE("packed_codes: the bytes do not depend on instruction set or order of the chunks") {
  auto const w = tensors::random<float>(100003, 4);
  auto const grid = grid_of(5);
  bytes const want = packed_by_loop(grid.as<float>(), w, 5);
  detent::isa const before = detent::active_isa();
  for (auto const level : {detent::isa::baseline, detent::isa::avx2, detent::isa::avx512}) {
    detent::limit_isa(level);
    bytes alone(want.size()), striped(want.size());
    auto first = w, second = w;
    detent::snap(seq, grid, first, packed_codes{alone, bits{5}});
    striped_executor executor;
    detent::snap(detent::on(executor), grid, second, packed_codes{striped, bits{5}});
    CHECK(alone == want);
    CHECK(striped == want);
    CHECK(first == second);
  }
  detent::limit_isa(before);
}

TEST_CASE("packed_codes: a grid may use fewer codes than the bits hold") {
  auto const grid = detent::wrpn_grid(bits{3});  // 7 levels
  auto w = tensors::random<double>(1000, 4);
  auto const before = w;
  bytes three(packed_size(1000, bits{3})), eight(1000);
  detent::snap(grid, w, packed_codes{three, bits{3}});
  CHECK(three == packed_by_loop(grid, before, 3));
  w = before;
  detent::snap(grid, w, packed_codes{eight, bits{8}});
  CHECK(eight == packed_by_loop(grid, before, 8));
}

TEST_CASE("packed_codes: NaN stays NaN in w and is packed as the lowest code") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  for (std::size_t const size : {1u, 70u, 129u, 1100u}) {
    std::vector<float> w(size, 9.0f);
    for (std::size_t i = 0; i < size; i += 3)
      w[i] = std::numeric_limits<float>::quiet_NaN();
    bytes packed(packed_size(size, bits{3}), 0xff);
    auto const want = packed_by_loop(grid_of(3).as<float>(), w, 3);
    detent::snap(grid_of(3), w, packed_codes{packed, bits{3}});
    CHECK(packed == want);
    CHECK((packed[0] & 7) == 0);
    for (std::size_t i = 0; i < size; i += 3)
      CHECK(std::isnan(w[i]));
  }
#endif
}

TEST_CASE("packed_codes: rejects widths, grids, sizes and null data before anything is written") {
  auto const before = tensors::random<float>(10, 1);
  auto w = before;
  auto const refused = [&](auto const& grid, bytes room, bits each) {
    bytes const kept = room;
    auto const message = tensors::message_of([&] {
      detent::snap(grid, w, packed_codes{room, each});
    });
    CHECK(room == kept);
    CHECK(w == before);
    return message;
  };
  CHECK(refused(grid_of(3), bytes(100, 7), bits{9}) ==
        "detent: bits of codes: is 9; allowed are 1 to 8");
  CHECK(tensors::message_of([&] { refused(grid_of(3), bytes(9, 7), bits{0}); }) ==
        "detent: bits: is 0; allowed are 1 to 16");
  CHECK(refused(grid_of(3), bytes(9, 7), bits{2}) ==
        "detent: bits of codes: is 2, too few for the 8 codes of the grid");
  CHECK(refused(grid_of(9), bytes(10, 7), bits{8}) ==
        "detent: bits of codes: is 8, too few for the 512 codes of the grid");
  CHECK(refused(grid_of(3), bytes(3, 7), bits{3}) ==
        "detent: bytes of codes: has 3 bytes where 10 codes of 3 bits take 4");
  std::span<std::uint8_t> const null(static_cast<std::uint8_t*>(nullptr), 10);
  CHECK(tensors::message_of([&] {
          detent::snap(grid_of(3), w, packed_codes{null, bits{3}});
        }) == "detent: bytes of codes: has null data and size 10");
  std::span<float> const null_w(static_cast<float*>(nullptr), 10);
  bytes room(10);
  CHECK(tensors::message_of([&] {
          detent::snap(grid_of(3), null_w, packed_codes{room, bits{3}});
        }) == "detent: w: has null data and size 10");
  CHECK(w == before);
}

TEST_CASE("packed_codes: hundreds of layers of several widths give what single calls give") {
  std::vector<std::vector<double>> single, layered;
  std::vector<bytes> single_bytes, layered_bytes;
  for (std::size_t t = 0; t < 300; ++t) {
    bits const each{1 + static_cast<int>(t % 8)};
    single.push_back(tensors::random<double>(t % 5 == 0    ? 0
                                             : t % 70 == 1 ? 20001
                                                           : t * 37 % 1201,
                                             t));
    layered.push_back(single.back());
    single_bytes.emplace_back(packed_size(single.back().size(), each), 0xff);
    layered_bytes.push_back(single_bytes.back());
  }
  std::vector<packed_layer<double>> layers;
  for (std::size_t t = 0; t < 300; ++t) {
    bits const each{1 + static_cast<int>(t % 8)};
    auto const own = detent::dorefa_grid(each).scaled(0.1 + static_cast<double>(t) / 300.0);
    layers.push_back(packed_layer{own, layered[t], packed_codes{layered_bytes[t], each}});
    detent::snap(own, single[t], packed_codes{single_bytes[t], each});
  }
  striped_executor executor;
  detent::snap(detent::on(executor), layers);
  CHECK(layered == single);
  CHECK(layered_bytes == single_bytes);
}

TEST_CASE("packed_codes: a bad layer is rejected before any weight is touched") {
  std::vector<float> w(10, 0.3f);
  bytes enough(4, 7), few(3, 7);
  std::vector<packed_layer<float>> const layers{{grid_of(3), w, packed_codes{enough, bits{3}}},
                                                {grid_of(3), w, packed_codes{few, bits{3}}}};
  CHECK(tensors::message_of([&] { detent::snap(seq, layers); }) ==
        "detent: bytes of codes of layer 1: has 3 bytes where 10 codes of 3 bits take 4");
  CHECK(w == std::vector<float>(10, 0.3f));
  CHECK(enough == bytes(4, 7));
}
