// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// snap against a loop over the grid: sizes, types, codes of every width, layers, errors.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <detent/algorithm/snap.hpp>
#include <detent/grid/convention.hpp>
#include <limits>
#include <span>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::seq;
using detent::snapped_layer;

namespace {

auto const grid = detent::dorefa_grid(bits{3}).scaled(1.3);

template <class W, class Code>
void check_against_loop(std::size_t size, std::size_t offset) {
  auto const before = tensors::random<W>(size + offset, size);
  auto memory = before, plain = before;
  std::vector<Code> codes(size);
  detent::snap(grid, std::span(memory).subspan(offset), codes);
  detent::snap(grid, std::span(plain).subspan(offset));
  auto const narrow = grid.template as<W>();
  std::size_t different = 0;
  for (std::size_t i = 0; i < size; ++i) {
    different += memory[i + offset] != narrow.nearest(before[i + offset]);
    different += codes[i] != static_cast<Code>(narrow.code(before[i + offset]));
    different += memory[i + offset] != narrow.level(static_cast<int>(codes[i]));
  }
  CHECK(different == 0);
  CHECK(plain == memory);
  if (offset > 0) CHECK(memory[0] == before[0]);
}

}  // namespace

TEST_CASE("snap: agrees with a plain loop at every size, type and alignment") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    check_against_loop<float, std::int8_t>(size, 0);
    check_against_loop<float, std::int64_t>(size, 1);
    check_against_loop<double, std::int32_t>(size, 0);
    check_against_loop<double, std::int16_t>(size, 1);
  }
}

TEST_CASE("snap: unsigned codes hold unsigned grids") {
  auto const unit = detent::unit_grid(bits{8});
  std::vector<double> w{-0.2, 0.0, 0.5, 1.0, 3.0};
  std::vector<std::uint8_t> codes(5);
  detent::snap(unit, w, codes);
  CHECK(codes == std::vector<std::uint8_t>{0, 0, 128, 255, 255});
  std::vector<unsigned long long> wide(5);
  detent::snap(unit, w, wide);
  CHECK(wide == std::vector<unsigned long long>{0, 0, 128, 255, 255});
}

TEST_CASE("snap: twice is once") {
  auto w = tensors::random<float>(5000, 3);
  detent::snap(grid, w);
  auto const once = w;
  detent::snap(grid, w);
  CHECK(w == once);
}

TEST_CASE("snap: rejects codes that cannot hold the grid's, sizes and null data, in time") {
  auto const before = tensors::random<float>(10, 1);
  auto w = before;
  auto const refused = [&](auto const& g, auto codes) {
    auto const kept = codes;
    auto const message = tensors::message_of([&] { detent::snap(g, w, codes); });
    CHECK(codes == kept);
    CHECK(w == before);
    return message;
  };
  auto const nine_bits = detent::dorefa_grid(bits{9});
  CHECK(refused(nine_bits, std::vector<std::int8_t>(10, 7)) ==
        "detent: codes: cannot hold the codes -256 to 255 of the grid");
  CHECK(refused(grid, std::vector<std::uint8_t>(10, 7)) ==
        "detent: codes: cannot hold the codes -4 to 3 of the grid");
  CHECK(refused(grid, std::vector<std::uint64_t>(10, 7)) ==
        "detent: codes: cannot hold the codes -4 to 3 of the grid");
  CHECK(refused(detent::unit_grid(bits{8}), std::vector<std::int8_t>(10, 7)) ==
        "detent: codes: cannot hold the codes 0 to 255 of the grid");
  CHECK(refused(grid, std::vector<std::int8_t>(9, 7)) ==
        "detent: codes: has 9 elements where w has 10");
  std::span<int> const null(static_cast<int*>(nullptr), 10);
  CHECK(tensors::message_of([&] { detent::snap(grid, w, null); }) ==
        "detent: codes: has null data and size 10");
  std::span<float> const null_w(static_cast<float*>(nullptr), 10);
  CHECK(tensors::message_of([&] { detent::snap(grid, null_w); }) ==
        "detent: w: has null data and size 10");
  CHECK(w == before);
}

TEST_CASE("snap: codes are integers, and neither bool nor characters") {
  CHECK(detent::code_container<std::vector<std::int8_t>>);
  CHECK(detent::code_container<std::span<unsigned>>);
  CHECK_FALSE(detent::code_container<std::span<bool>>);
  CHECK_FALSE(detent::code_container<std::vector<char>>);
  CHECK_FALSE(detent::code_container<std::vector<char16_t>>);
  CHECK_FALSE(detent::code_container<std::vector<float>>);
  CHECK_FALSE(detent::code_container<std::vector<int> const>);
}

TEST_CASE("snap: NaN stays NaN with the lowest code") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  for (std::size_t const size : {1u, 70u, 1100u}) {
    std::vector<float> w(size, std::numeric_limits<float>::quiet_NaN());
    std::vector<int> codes(size, 7);
    detent::snap(grid, w, codes);
    for (std::size_t i = 0; i < size; ++i) {
      CHECK(std::isnan(w[i]));
      CHECK(codes[i] == -4);
    }
  }
#endif
}

TEST_CASE("snap: hundreds of layers give what single calls give") {
  std::vector<std::vector<double>> single, layered;
  std::vector<snapped_layer<double>> layers;
  for (std::size_t t = 0; t < 300; ++t) {
    single.push_back(tensors::random<double>(t % 3 == 0 ? 0 : t * 37 % 1201, t));
    layered.push_back(single.back());
  }
  for (std::size_t t = 0; t < 300; ++t) {
    auto const own = grid.scaled(0.1 + static_cast<double>(t) / 300.0);
    layers.push_back(snapped_layer{own, layered[t]});
    detent::snap(own, single[t]);
  }
  detent::snap(seq, layers);
  CHECK(layered == single);
}

TEST_CASE("snap: a bad layer is rejected before any weight is touched") {
  std::vector<float> w(10, 0.3f);
  std::vector<snapped_layer<float>> const layers{
      {grid, w}, {grid, std::span<float>(static_cast<float*>(nullptr), 3)}};
  CHECK(tensors::message_of([&] { detent::snap(seq, layers); }) ==
        "detent: w of layer 1: has null data and size 3");
  CHECK(w == std::vector<float>(10, 0.3f));
}
