// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The order of summation: a second implementation, written from its description, and stored bits.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <detent/algorithm/accumulate.hpp>
#include <detent/execution/lane_tree.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <detent/regularizer/through.hpp>
#include <span>
#include <string>
#include <support/hexadecimal.hpp>
#include <support/tensors.hpp>
#include <vector>

namespace {

/// The weight itself, so that the sum is nothing but the order of adding.
struct identity {
  static constexpr int parameters = 0;
  template <class T>
  DETENT_HD detent::term<T> operator()(T w) const noexcept {
    return {w, T(1)};
  }
};

/// Pairwise within 32, the 32s in order.
double tree(std::vector<double> group) {
  group.resize(256);
  double sum = 0;
  for (std::size_t warp = 0; warp < 256; warp += 32) {
    std::vector<double> part(group.begin() + static_cast<std::ptrdiff_t>(warp),
                             group.begin() + static_cast<std::ptrdiff_t>(warp + 32));
    while (part.size() > 1) {
      std::size_t const half = part.size() / 2;
      for (std::size_t i = 0; i < half; ++i)
        part[i] += part[i + half];
      part.resize(half);
    }
    sum += part[0];
  }
  return sum;
}

/// The lane tree as its documentation has it: 16 rows of 4096/sizeof(C) lanes a chunk.
template <class C>
double lane_tree_sum(std::vector<C> const& x) {
  std::size_t const lanes = 4096 / sizeof(C), chunk = 16 * lanes, width = lanes / 256;
  std::vector<double> chunks;
  for (std::size_t first = 0; first < x.size(); first += chunk) {
    std::vector<C> lane(lanes);
    for (std::size_t i = first; i < std::min(first + chunk, x.size()); ++i)
      lane[(i - first) % lanes] += x[i];
    std::vector<double> group(256);
    for (std::size_t l = 0; l < lanes; ++l)
      group[l / width] += static_cast<double>(lane[l]);
    chunks.push_back(tree(group));
  }
  std::vector<double> group(256);
  for (std::size_t c = 0; c < chunks.size(); ++c)
    group[c % 256] += chunks[c];
  return tree(group);
}

template <class C>
[[maybe_unused]] void check(std::size_t size) {
  auto const w = tensors::random<C>(size, size + 11, 1.1);
  double const want = lane_tree_sum(w), got = detent::penalty(identity{}, w).value;
  CHECK(tensors::same_bits(got, want));
}

template <class T, class R>
[[maybe_unused]] void check_golden(R const& reg, std::string const& value,
                                   std::string const& gradient) {
  auto const w = tensors::random<T>(50001, 2026, 2.0);
  std::vector<T> g(w.size());
  CHECK(detent_test::hexadecimal(detent::accumulate(reg, w, g, 0.37).value) == value);
  CHECK(detent_test::hexadecimal(tensors::checksum(g)) == gradient);
}

}  // namespace

TEST_CASE("lane_tree: has the documented shape") {
  CHECK(detent::tree_lanes<float> == 1024);
  CHECK(detent::tree_lanes<double> == 512);
  CHECK(detent::tree_chunk<float> == 16384);
  CHECK(detent::tree_chunk<double> == 8192);
}

TEST_CASE("lane_tree: the same bits as a straightforward implementation") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math may add in any order");
#else
  for (std::size_t const size : tensors::awkward_sizes()) {
    check<float>(size);
    check<double>(size);
  }
  check<float>(255 * 16384 + 77);
  check<float>(256 * 16384 + 1);
  check<float>(300 * 16384 + 5000);  // more chunks than groups
  check<double>(515 * 8192 + 33);
#endif
}

namespace {

/// Sums in the order of the documentation, and gradients and neighbours as a plain loop leaves
/// them, for tensors of `size` weights that begin `offset` elements into aligned memory.
template <class C>
[[maybe_unused]] bool is_right(std::size_t size, std::size_t offset) {
  constexpr std::size_t margin = 16;
  auto const memory = tensors::random<C>(margin + size + margin, size + 5, 1.1);
  auto const before = tensors::random<C>(margin + size + margin, size + 6, 0.5);
  auto after = before, want = before;
  auto const w = std::span(memory).subspan(offset, size);
  detent::sinusoidal<> const reg{detent::dorefa_grid(detent::bits{3})};
  std::vector<C> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    auto const t = reg.unscaled(w[i]);
    values[i] = t.value;
    C const factor = static_cast<C>(0.37 * reg.factors().slope);
    want[offset + i] = detent::fma(factor, t.slope, want[offset + i]);
  }
  auto const g = std::span(after).subspan(offset, size);
  double const got = detent::accumulate(reg, w, g, 0.37).value;
  double const value = 0.37 * (reg.factors().value * lane_tree_sum(values));
  return tensors::same_bits(got, value) && tensors::same_bits(after, want);
}

}  // namespace

TEST_CASE("lane_tree: every length to twice the lanes and one, and every misalignment") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math may add in any order");
#else
  std::size_t wrong = 0;
  for (std::size_t size = 0; size <= 2 * detent::tree_lanes<float> + 1; ++size) {
    wrong += is_right<float>(size, size % 16) ? 0u : 1u;
    wrong += is_right<double>(size, size % 8) ? 0u : 1u;
  }
  for (std::size_t const size : {1u, 15u, 64u, 65u, 127u, 1023u, 1025u, 2047u, 16389u}) {
    for (std::size_t offset = 0; offset < 16; ++offset)
      wrong += is_right<float>(size, offset) && is_right<double>(size, offset) ? 0u : 1u;
  }
  CHECK(wrong == 0);
#endif
}

TEST_CASE("lane_tree: the reference implementation sees the order") {
  // What the comparison above is worth: another order gives other bits.
  auto const w = tensors::random<float>(20000, 3, 1.1);
  double in_order = 0;
  for (float const x : w)
    in_order += static_cast<double>(x);
  CHECK_FALSE(tensors::same_bits(in_order, lane_tree_sum(w)));
}

TEST_CASE("lane_tree: stored bits of value and gradient") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math may add in any order");
#else
  // A change here is a change of the library's results: say so in the changelog.
  auto const grid = detent::dorefa_grid(detent::bits{3}).scaled(1.25);
  check_golden<float>(identity{}, "0x1.a5284fbf5c28fp+5", "8178c699b377e2f6");
  check_golden<double>(identity{}, "0x1.a5285447ae148p+5", "002fd78e892a7421");
  check_golden<float>(detent::sinusoidal<>{grid}, "0x1.572841dc43425p+10", "98f2b58aa5eba4b5");
  check_golden<double>(detent::sinusoidal<>{grid}, "0x1.57284188c8b5dp+10", "18120e35f7f0d643");
  detent::sinusoidal<detent::extent::periodic> const periodic{grid};
  check_golden<float>(periodic, "0x1.d75da0e48ccbap+6", "6ba348f6937bf3cd");
  check_golden<double>(detent::through(detent::dorefa_domain{}, periodic), "0x1.705f2eb3199b4p+6",
                       "ab964e3b2a386f17");
#endif
}
