// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The verbs on one tensor allocate on a thread's first call and never again.

#include <doctest/doctest.h>

#include <cstdint>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/algorithm/snap.hpp>
#include <detent/algorithm/unpack.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <detent/statistic/magnitude.hpp>
#include <detent/statistic/moments.hpp>
#include <support/counted_allocations.hpp>
#include <support/tensors.hpp>
#include <vector>

namespace {

detent::sinusoidal<> const reg{detent::dorefa_grid(detent::bits{3})};
detent::wrpn_weights const wrpn{detent::bits{3}};

template <class F>
long allocations_of_second_call(F call) {
  call();
  long const before = allocations.load();
  call();
  return allocations.load() - before;
}

}  // namespace

TEST_CASE("allocation: is counted") {
  CHECK(allocations_of_second_call([] {
          int* volatile kept = new int(1);  // volatile, or a compiler may leave both out
          delete kept;
        }) == 1);
}

TEST_CASE("allocation: none after the first call") {
  for (std::size_t const size : {1u, 1000u, 20000u, 300000u}) {
    auto w = tensors::random<float>(size, 1);
    auto const upstream = tensors::random<float>(size, 2);
    std::vector<float> g(size), out(size);
    std::vector<std::int8_t> codes(size);
    CHECK(allocations_of_second_call([&] { detent::penalty(reg, w); }) == 0);
    CHECK(allocations_of_second_call([&] { detent::accumulate(reg, w, g, 0.5); }) == 0);
    CHECK(allocations_of_second_call([&] { detent::quantize(wrpn, w, out); }) == 0);
    CHECK(allocations_of_second_call([&] { detent::backward(wrpn, w, upstream, g); }) == 0);
    CHECK(allocations_of_second_call([&] { detent::snap(wrpn.grid(), w, codes); }) == 0);
    CHECK(allocations_of_second_call([&] { detent::snap(wrpn.grid(), w); }) == 0);
    std::vector<std::uint8_t> bytes(size);
    detent::packed_codes const packed{bytes, detent::bits{3}};
    CHECK(allocations_of_second_call([&] { detent::snap(wrpn.grid(), w, packed); }) == 0);
    CHECK(allocations_of_second_call([&] { detent::unpack(wrpn.grid(), packed, w); }) == 0);
    CHECK(allocations_of_second_call([&] { detent::reduce(detent::magnitude{}, w); }) == 0);
    CHECK(allocations_of_second_call([&] { detent::reduce(detent::moments{}, w); }) == 0);
  }
}

TEST_CASE("allocation: none for a smaller tensor after a larger one, whatever the verb") {
  auto const w = tensors::random<double>(300000, 1);
  std::vector<double> g(w.size());
  detent::accumulate(reg, w, g, 0.5);
  long const before = allocations.load();
  for (std::size_t size = w.size(); size > 0; size /= 2) {
    auto const part = std::span(w).first(size);
    auto const part_g = std::span(g).first(size);
    detent::accumulate(reg, part, part_g, 0.5);
    detent::penalty(reg, part);
    detent::backward(wrpn, part, part, part_g);
    detent::quantize(wrpn, part, part_g);
  }
  CHECK(allocations.load() == before);
}
