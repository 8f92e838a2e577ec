// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Packed codes on a stream: the bytes and weights of the host, there and back.

#include "layers.hpp"
// Before the rest: without nvcc it stands in for CUDA.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <detent/algorithm/packed_codes.hpp>
#include <detent/algorithm/snap.hpp>
#include <detent/algorithm/unpack.hpp>
#include <detent/cuda/packed_codes.cuh>
#include <detent/grid/convention.hpp>
#include <limits>
#include <vector>

namespace cuda = detent::cuda;
using cuda_test::device_memory;
using cuda_test::stream;
using detent::bits;
using tensors::message_of;
using tensors::same_bits;

namespace {

std::vector<std::size_t> const sizes{0, 1, 7, 8, 9, 2049, 16385, 33000};

/// All codes of `b` bits.
detent::uniform<double> grid_of(int b) {
  return detent::twos_complement_grid(bits{b}, detent::step_size{3.0 / bits{b}.codes()});
}

/// The bytes of one tensor, on the host and on the device, and one byte behind them.
struct packed_bytes {
  std::vector<std::uint8_t> host;
  device_memory<std::uint8_t> device;

  explicit packed_bytes(std::size_t bytes) : host(bytes + 1, 0xa5), device(host) {}
};

template <class W>
void check_single(int b) {
  auto const grid = grid_of(b);
  for (auto const& t : cuda_test::tensors_of<W, float>(sizes)) {
    packed_bytes bytes(detent::packed_size(t->w.size(), bits{b}));
    if (t->w.size() > 5) t->w[5] = std::numeric_limits<W>::infinity();
    t->w_on_device.write(t->w);
    cuda::snap(stream, grid, t->w_on_device.span(),
               cuda::packed_codes{bytes.device.span(), bits{b}});
    detent::snap(grid, t->w, detent::packed_codes{bytes.host, bits{b}});
    CHECK(same_bits(bytes.host, bytes.device.read()));
    CHECK(t->agrees());
    t->w_on_device.write(std::vector<W>(t->w.size()));
    cuda::unpack(stream, grid, cuda::packed_codes{bytes.device.span(), bits{b}},
                 t->w_on_device.span());
    CHECK(t->agrees());
  }
}

}  // namespace

TEST_CASE("cuda packed codes: the bytes and weights of the host, and back") {
  for (int b = 1; b <= 8; ++b)
    check_single<float>(b);
  check_single<double>(3);
  check_single<detent::bfloat16>(5);
}

TEST_CASE("cuda packed codes: many tensors in one launch, grids in memory") {
  using grid_type = detent::uniform<double>;
  using layer = cuda::packed_layer<cuda::in_memory<grid_type>, float, std::uint8_t>;
  auto const all = cuda_test::tensors_of<float, float>(sizes);
  device_memory<grid_type> const grid(std::vector<grid_type>{grid_of(3)});
  std::vector<std::unique_ptr<packed_bytes>> bytes;
  std::vector<layer> layers;
  for (auto const& t : all) {
    bytes.push_back(std::make_unique<packed_bytes>(detent::packed_size(t->w.size(), bits{4})));
    layers.push_back(
        {{grid.data()}, t->w_on_device.span(), {bytes.back()->device.span(), bits{4}}});
  }
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  cuda::plan const plan{stream, layers, memory.span()};
  cuda::snap(stream, plan);
  for (std::size_t t = 0; t < all.size(); ++t) {
    detent::snap(grid_of(3), all[t]->w, detent::packed_codes{bytes[t]->host, bits{4}});
    CHECK(same_bits(bytes[t]->host, bytes[t]->device.read()));
    CHECK(all[t]->agrees());
    all[t]->w_on_device.write(std::vector<float>(all[t]->w.size()));
  }
  cuda::unpack(stream, plan);
  for (auto const& t : all)
    CHECK(t->agrees());
}

TEST_CASE(
    "cuda packed codes: NaN is packed as the lowest code, a code too high counts as highest") {
  auto const grid = detent::wrpn_grid(bits{3});  // 7 codes
  float const nan = std::numeric_limits<float>::quiet_NaN();
  device_memory<float> const w(std::vector<float>{nan, 1.0f});
  device_memory<std::uint8_t> bytes(1);
  cuda::snap(stream, grid, w.span(), cuda::packed_codes{bytes.span(), bits{4}});
  CHECK(w.read()[0] != w.read()[0]);
  CHECK(bytes.read()[0] == 0x60);
  bytes.write({0xf0});
  cuda::unpack(stream, grid, cuda::packed_codes{bytes.span(), bits{4}}, w.span());
  CHECK(w.read() == std::vector<float>{-1.0f, 1.0f});
}

TEST_CASE("cuda packed codes: reject too few bits and bytes, and null data") {
  device_memory<float> const w(10);
  device_memory<std::uint8_t> const bytes(3);
  cuda::device_span<std::uint8_t> const null(nullptr, 4);
  auto const message = [&](cuda::device_span<std::uint8_t> to, int b) {
    return message_of([&] {
      cuda::snap(stream, grid_of(3), w.span(), cuda::packed_codes{to, bits{b}});
    });
  };
  CHECK(message(bytes.span(), 3) ==
        "detent: bytes of codes: has 3 bytes where 10 codes of 3 bits take 4");
  CHECK(message(bytes.span(), 2) ==
        "detent: bits of codes: is 2, too few for the 8 codes of the grid");
  CHECK(message(bytes.span(), 9) == "detent: bits of codes: is 9; allowed are 1 to 8");
  CHECK(message(null, 3) == "detent: bytes of codes: has null data and size 4");
}
