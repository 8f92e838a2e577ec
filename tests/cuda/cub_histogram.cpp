// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// CUB's histogram against the host's, count for count. CUB does not run in the emulator: this is
// compiled by nvcc alone, and needs a device.

#include <doctest/doctest.h>
#include <thrust/device_vector.h>

#include <cstddef>
#include <detent/algorithm/reduce.hpp>
#include <detent/cuda/histogram.cuh>
#include <detent/math/storage.hpp>
#include <detent/statistic/histogram.hpp>
#include <limits>
#include <support/cuda_memory.hpp>
#include <support/cuda_stream.hpp>
#include <support/tensors.hpp>
#include <vector>

namespace device = detent::cuda;  // `cuda` is CCCL's
using detent::histogram;
using detent_test::device_memory;
using detent_test::own_stream;
using tensors::message_of;

namespace {

/// Random weights, and among them everything that has a rule of its own.
template <class W>
std::vector<W> awkward_weights(std::size_t size) {
  auto w = tensors::random<W>(size, 3, 1.5);
  float const infinity = std::numeric_limits<float>::infinity();
  float const special[] = {-1, 1, 0, std::numeric_limits<float>::quiet_NaN(), infinity, -infinity};
  for (std::size_t i = 0; i < 6 && 7 * i < size; ++i)
    w[7 * i] = static_cast<W>(special[i]);
  return w;
}

template <std::size_t Bins>
void check_same(histogram<Bins> const& got, histogram<Bins> const& want) {
  CHECK(got.counts() == want.counts());
  CHECK(got.below() == want.below());
  CHECK(got.above() == want.above());
  CHECK(got.not_a_number() == want.not_a_number());
  CHECK(got.lowest() == want.lowest());
  CHECK(got.highest() == want.highest());
}

template <std::size_t Bins>
histogram<Bins> read(histogram<Bins> const* from) {
  histogram<Bins> out{0.0, 1.0};
  detent_test::detail::copy(&out, from, sizeof(out));
  return out;
}

template <class W, std::size_t Bins>
void check() {
  own_stream const stream;
  histogram<Bins> const fresh{-1.0, 1.0}, other{-7.0, 9.0};
  for (std::size_t const size : std::vector<std::size_t>{0, 1, 5, 1000, 100003}) {
    auto const w = awkward_weights<W>(size);
    auto const want = detent::reduce(fresh, w);
    device_memory<W> const weights(w);
    device_memory<std::byte> const memory(device::histogram_bytes<W, Bins>(size));
    device_memory<histogram<Bins>> result(std::vector{other});
    auto const enqueue = [&] {
      device::reduce(stream.get(), fresh, weights.span(), memory.span(), result.span());
    };
    enqueue();
    check_same(read(result.data()), want);
    result.write({other});
    detent_test::graph const graph(stream, enqueue);
    for (int replay = 0; replay < 2; ++replay)
      graph.launch(stream);
    check_same(read(result.data()), want);
  }
}

}  // namespace

TEST_CASE("cuda histogram: the counts of the host, also from a graph") {
  check<float, 64>();
  check<double, 7>();
  check<detent::bfloat16, 1000>();
}

TEST_CASE("cuda histogram: takes Thrust's containers, rejects too little memory") {
  own_stream const stream;
  histogram<64> const fresh{-1.0, 1.0};
  auto const w = awkward_weights<float>(5000);
  thrust::device_vector<float> const weights(w);
  thrust::device_vector<std::byte> memory(device::histogram_bytes<float, 64>(w.size()));
  thrust::device_vector<histogram<64>> result(1, fresh);
  device::reduce(stream.get(), fresh, weights, memory, result);
  check_same(read<64>(result.data().get()), detent::reduce(fresh, w));
  memory.resize(8);
  CHECK(message_of([&] {
          device::reduce(stream.get(), fresh, weights, memory, result);
        }).starts_with("detent: memory of a histogram: has 8 bytes; "));
}
