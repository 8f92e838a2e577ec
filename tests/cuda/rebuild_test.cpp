// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Functors made anew in device memory: the bits of their constructors, and what comes of bad
// numbers.

#include "layers.hpp"
// Before the rest: without nvcc it stands in for CUDA.
#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstring>
#include <detent/algorithm/accumulate.hpp>
#include <detent/cuda/accumulate.cuh>
#include <detent/cuda/rebuild.cuh>
#include <detent/quantizer/lsq.hpp>
#include <detent/quantizer/pact.hpp>
#include <detent/regularizer/waveq.hpp>
#include <limits>
#include <vector>

namespace cuda = detent::cuda;
using cuda_test::device_memory;
using cuda_test::stream;
using detent::bit_convention;
using detent::bits;
using detent::period;
using detent::waveq;
using tensors::message_of;
using tensors::same_bits;

namespace {

double const not_a_number = std::numeric_limits<double>::quiet_NaN();

/// What device memory holds.
template <class F>
std::vector<F> read(device_memory<F> const& from, F const& any) {
  std::vector<F> all(from.span().size(), any);
  detent_test::detail::copy(all.data(), from.data(), all.size() * sizeof(F));
  return all;
}

/// More than a block of threads.
std::vector<double> numbers_between(double low, double high) {
  auto numbers = tensors::random<double>(300, 3, 0.5 * (high - low));
  for (double& x : numbers)
    x += 0.5 * (high + low);
  return numbers;
}

template <bit_convention Convention, int Order>
void check_waveq() {
  using range_learner =
      waveq<Convention, Order, detent::extent::bounded, detent::learns::bit_width_and_range>;
  auto const widths = numbers_between(2.0, 8.0), ranges = numbers_between(0.1, 3.0);
  device_memory<double> const width(widths), range(ranges);
  waveq<Convention, Order> const start{period<Convention>{5.0, 0.7}};
  range_learner const start_both{period<Convention>{5.0, 0.7}};
  device_memory<waveq<Convention, Order>> const one(std::vector(300, start));
  device_memory<range_learner> const two(std::vector(300, start_both));
  cuda::rebuild(stream, one.span(), width.span());
  cuda::rebuild(stream, two.span(), width.span(), range.span());
  auto const of_width = read(one, start);
  auto const of_both = read(two, start_both);
  for (std::size_t t = 0; t < 300; ++t) {
    waveq<Convention, Order> const want{period<Convention>{widths[t], 0.7}};
    range_learner const want_both{period<Convention>{widths[t], ranges[t]}};
    CHECK(std::memcmp(&of_width[t], &want, sizeof(want)) == 0);
    CHECK(std::memcmp(&of_both[t], &want_both, sizeof(want_both)) == 0);
  }
}

}  // namespace

TEST_CASE("cuda rebuild: waveq has the bits that its constructor gives it") {
  check_waveq<bit_convention::waveq, 1>();
  check_waveq<bit_convention::dorefa, 0>();
  check_waveq<bit_convention::wrpn, 2>();
}

TEST_CASE("cuda rebuild: lsq and pact have the bits that their constructors give them") {
  auto const steps = numbers_between(0.01, 2.0);
  device_memory<double> const learned(steps);
  auto const start = detent::lsq::weights(bits{3}, detent::step_size{1.0});
  detent::pact const start_clipping{bits{4}, 1.0};
  device_memory<detent::lsq> const rounding(std::vector(300, start));
  device_memory<detent::pact> const clipping(std::vector(300, start_clipping));
  cuda::rebuild(stream, rounding.span(), learned.span());
  cuda::rebuild(stream, clipping.span(), learned.span());
  auto const rounded = read(rounding, start);
  auto const clipped = read(clipping, start_clipping);
  for (std::size_t t = 0; t < 300; ++t) {
    auto const want = detent::lsq::weights(bits{3}, detent::step_size{steps[t]});
    detent::pact const want_clipped{bits{4}, steps[t]};
    CHECK(std::memcmp(&rounded[t], &want, sizeof(want)) == 0);
    CHECK(std::memcmp(&clipped[t], &want_clipped, sizeof(want_clipped)) == 0);
  }
}

TEST_CASE("cuda rebuild: a plan sees the bit-width that was learned since it was made") {
  cuda_test::tensor<float, float> t(5000, 0);
  device_memory<waveq<>> const reg(std::vector{waveq<>{period<>{3.0}}});
  device_memory<float> const learned(std::vector<float>{4.25f});
  cuda::in_memory<waveq<>> const in_memory{reg.data()};
  std::vector const layers{
      cuda::regularized_layer{in_memory, t.w_on_device.span(), t.g_on_device.span(), 0.1}};
  device_memory<std::byte> const memory(cuda::plan_bytes(layers));
  cuda::plan const plan{stream, layers, memory.span()};
  cuda::rebuild(stream, reg.span(), learned.span());
  device_memory<detent::result<1>> const results(1);
  cuda::accumulate(stream, plan, results.span());
  auto const want = detent::accumulate(waveq<>{period<>{4.25}}, t.w, t.g, 0.1);
  CHECK(same_bits(results.read()[0].theta, want.theta));
  CHECK(t.agrees());
}

TEST_CASE("cuda rebuild: a bit-width beyond its limits counts as the limit, all else makes NaN") {
  waveq<> const start{period<>{3.0}};
  CHECK(start.rebuilt(0.2).of().bit_width() == period<>::min_bit_width);
  CHECK(start.rebuilt(99).of().bit_width() == period<>::max_bit_width);
  auto const is_nan = [](detent::term<double, 1> const& t) {
    return std::isnan(t.value) && std::isnan(t.slope) && std::isnan(t.theta[0]);
  };
  CHECK(is_nan(start.rebuilt(not_a_number)(0.3)));
  for (double const range :
       {not_a_number, 0.0, -1.0, 1e-40, 1e300, std::numeric_limits<double>::infinity()})
    CHECK(is_nan(start.rebuilt(3.0, range)(0.3)));
  auto const lsq = detent::lsq::weights(bits{3}, detent::step_size{1.0});
  for (double const step : {not_a_number, 0.0, -1.0, 1e-40, 1e30}) {
    CHECK(std::isnan(lsq.rebuilt(step)(0.3)));
    CHECK(std::isnan(lsq.rebuilt(step).backward(0.3, 1.0).theta[0]));
    CHECK(std::isnan(detent::pact(bits{3}, 1.0).rebuilt(step)(0.3)));
  }
}

TEST_CASE("cuda rebuild: rejects differing sizes and null data") {
  device_memory<waveq<>> const regs(std::vector(3, waveq<>{period<>{3.0}}));
  device_memory<double> const learned(2);
  CHECK(message_of([&] { cuda::rebuild(stream, regs.span(), learned.span()); }) ==
        "detent: learned: has 2 elements where functors has 3");
  cuda::device_span<double> const null(nullptr, 3);
  CHECK(message_of([&] { cuda::rebuild(stream, regs.span(), null); }) ==
        "detent: learned: has null data and size 3");
}
