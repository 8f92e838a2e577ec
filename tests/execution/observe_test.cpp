// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Sums and maxima of statistics: the order of additions, stored bits, own statistics, NaN.

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <detent/algorithm/reduce.hpp>
#include <detent/execution/isa.hpp>
#include <detent/execution/observe.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/statistic/magnitude.hpp>
#include <detent/statistic/moments.hpp>
#include <detent/statistic/quantization_error.hpp>
#include <limits>
#include <span>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::isa;

namespace {

/// One rounding a weight, so that the reference can follow.
struct scaled_sum : detent::summing<scaled_sum, 2, 1> {
  template <class T>
  DETENT_HD detent::observation<2, 1> terms(T w) const noexcept {
    double const x = static_cast<double>(w);
    return {{x * 0.7, 1.0}, {x * x}};
  }
  double sum() const noexcept { return total().sum[0]; }
  double largest_square() const noexcept { return total().maximum[0]; }
  double number() const noexcept { return total().sum[1]; }
};

static_assert(detent::summing_statistic<scaled_sum>);

/// As `scaled_sum`, without the base and without the attribute.
struct plain_sum {
  static constexpr int sums = 1, maxima = 0;
  double sum = 0;
  std::uint64_t count = 0;
  template <class T>
  detent::observation<1> terms(T w) const {
    return {{static_cast<double>(w) * 0.7}};
  }
  void add(detent::observation<1> const& terms, std::uint64_t number) {
    sum += terms.sum[0];
    count += number;
  }
  void observe(double w) { add(terms(w), 1); }
  void merge(plain_sum const& other) { add({{other.sum}}, other.count); }
};

static_assert(detent::summing_statistic<plain_sum>);

/// The documented order: 256 lanes in order, pairs within 32 lanes, the 32s in order; and the sums
/// of chunks, 256 at a time, in the same way.
double tree(std::vector<double> group) {
  double sum = 0;
  for (std::size_t warp = 0; warp < 256; warp += 32) {
    for (std::size_t half = 16; half > 0; half /= 2) {
      for (std::size_t i = 0; i < half; ++i)
        group[warp + i] += group[warp + i + half];
    }
    sum = warp == 0 ? group[0] : sum + group[warp];
  }
  return sum;
}

template <class T>
double sum_by_loop(std::vector<T> const& w) {
  std::vector<double> chunks(256);
  for (std::size_t first = 0; first < w.size(); first += 16384) {
    std::vector<double> lanes(256);
    for (std::size_t i = first; i < std::min<std::size_t>(first + 16384, w.size()); ++i) {
      double const term = static_cast<double>(w[i]) * 0.7;
      lanes[(i - first) % 256] = std::fma(term, 1.0, lanes[(i - first) % 256]);
    }
    chunks[first / 16384 % 256] += tree(lanes);
  }
  return w.size() <= 16384 ? chunks[0] : tree(chunks);
}

template <class T>
bool follows_the_order(std::size_t size, std::size_t offset) {
  auto const w = tensors::random<T>(size, size + 3, 1.7);
  std::vector<T> memory(offset, T(99));
  memory.insert(memory.end(), w.begin(), w.end());
  auto const got = detent::reduce(scaled_sum{}, std::span(memory).subspan(offset));
  double largest = -std::numeric_limits<double>::infinity();
  for (T const x : w)
    largest = std::max(largest, static_cast<double>(x) * static_cast<double>(x));
  return tensors::same_bits(got.sum(), sum_by_loop(w)) && got.largest_square() == largest &&
         got.count() == size && got.number() == static_cast<double>(size);
}

/// Everything a statistic of the library tells of a tensor.
template <class T>
std::vector<double> numbers(std::size_t size) {
  auto const w = tensors::random<T>(size, size + 5, 1.7);
  auto const m = detent::reduce(detent::magnitude{}, w);
  auto const p = detent::reduce(detent::moments{0.1}, w);
  detent::wrpn_weights const wrpn{bits{3}, 1.1};
  detent::dorefa_weights const dorefa{bits{3}, m, 0.4};
  auto const near = detent::reduce(detent::quantization_error{wrpn}, w);
  auto const curved = detent::reduce(detent::quantization_error{dorefa}, w);
  return {m.mean(),
          m.maximum(),
          m.smallest(),
          m.largest(),
          p.mean(),
          p.variance(),
          p.third(),
          p.fourth(),
          near.mean_squared_error(),
          near.on_grid_fraction(),
          curved.mean_squared_error(),
          curved.on_grid_fraction()};
}

class every_isa {
 public:
  every_isa() : before_(detent::active_isa()) {}
  ~every_isa() { detent::limit_isa(before_); }
  every_isa(every_isa const&) = delete;
  every_isa& operator=(every_isa const&) = delete;

  template <class F>
  void operator()(F f) const {
    for (isa const level : {isa::baseline, isa::avx2, isa::avx512}) {
      detent::limit_isa(level);
      f();
    }
  }

 private:
  isa before_;
};

}  // namespace

TEST_CASE("observe: adds in the documented order at every tail and alignment") {
  every_isa{}([] {
    std::size_t failed = 0;
    for (std::size_t size = 0; size <= 2 * detent::detail::observed_lanes + 1; ++size)
      failed += !follows_the_order<float>(size, 0) + !follows_the_order<double>(size, 1);
    for (std::size_t const size : tensors::awkward_sizes())
      failed += !follows_the_order<float>(size, 3) + !follows_the_order<double>(size, 0);
    CHECK(failed == 0);
  });
  CHECK(follows_the_order<float>(300 * 16384 + 77, 0));  // more chunks than lanes
}

TEST_CASE("observe: a statistic without the base or the attribute has the same bits") {
  every_isa{}([] {
    for (std::size_t const size : {0u, 1u, 300u, 40001u}) {
      auto const w = tensors::random<float>(size, 7);
      auto const got = detent::reduce(plain_sum{}, w);
      CHECK(tensors::same_bits(got.sum, detent::reduce(scaled_sum{}, w).sum()));
      CHECK(got.count == size);
    }
  });
}

TEST_CASE("observe: the library's statistics have the stored bits on every instruction set") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math changes bits");
#else
  every_isa{}([] {
    std::uint64_t const float_bits[] = {0x83bdadac15f4b0aau, 0xec997bebc47a43e0u,
                                        0xe5104d1f00e569cdu};
    std::uint64_t const double_bits[] = {0xca218b6b48b35c8fu, 0xb31c1834d5f4ecb2u,
                                         0x76d296e594ada7a3u};
    std::size_t const sizes[] = {1, 1001, 50000};
    for (int i = 0; i < 3; ++i) {
      CAPTURE(sizes[i]);
      CHECK(tensors::checksum(numbers<float>(sizes[i])) == float_bits[i]);
      CHECK(tensors::checksum(numbers<double>(sizes[i])) == double_bits[i]);
    }
  });
#endif
}

TEST_CASE("observe: a NaN at any place is in the sums and not in the maxima") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  every_isa{}([] {
    for (std::size_t const where : {0u, 31u, 255u, 256u, 511u, 16383u, 16384u, 20000u}) {
      std::vector<float> w(20001, 0.5f);
      w[20000 - where] = -3.0f;
      w[where] = std::numeric_limits<float>::quiet_NaN();
      auto const got = detent::reduce(scaled_sum{}, w);
      CHECK(std::isnan(got.sum()));
      CHECK(got.largest_square() == 9.0);
      CHECK(got.number() == 20001.0);
    }
    std::vector<float> const nothing(5, std::numeric_limits<float>::quiet_NaN());
    CHECK(detent::reduce(scaled_sum{}, nothing).largest_square() ==
          -std::numeric_limits<double>::infinity());
  });
#endif
}

TEST_CASE("observe: observing one by one and merging tell the same but for the order") {
  auto const w = tensors::random<double>(700, 3);
  scaled_sum first, second;
  for (std::size_t i = 0; i < w.size(); ++i)
    (i < 300 ? first : second).observe(w[i]);
  first.merge(second);
  first.merge(scaled_sum{});
  auto const want = detent::reduce(scaled_sum{}, w);
  CHECK(first.count() == 700);
  CHECK(first.largest_square() == want.largest_square());
  CHECK(std::abs(first.sum() - want.sum()) < 1e-11);
}
