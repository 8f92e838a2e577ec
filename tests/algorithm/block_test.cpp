// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Quantizers that take blocks: the bits of the quantizer of each element, on every instruction set.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/execution/isa.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/drop_bits.hpp>
#include <detent/quantizer/relaxed.hpp>
#include <detent/quantizer/semi_relaxed.hpp>
#include <support/tensors.hpp>
#include <type_traits>
#include <vector>

using namespace detent;

namespace {

/// Hides a quantizer's blocks from the verbs, which then ask it for one element after the other.
template <class Q>
struct one_by_one {
  static constexpr int parameters = Q::parameters;
  Q of;

  struct element {
    static constexpr int parameters = Q::parameters;
    Q of;
    std::uint64_t at;

    template <class T>
    T operator()(T x) const noexcept {
      return detail::at_element(of, at)(x);
    }
    template <class T>
    std::int32_t code(T x) const noexcept {
      return detail::at_element(of, at).code(x);
    }
    template <class T>
    auto backward(T x, T upstream) const noexcept {
      return detail::at_element(of, at).backward(x, upstream);
    }
  };
  element at(std::uint64_t i) const noexcept { return {of, i}; }
};

/// What both verbs make of a tensor, with a weight far outside and one that is NaN.
template <class T, class Q>
std::vector<double> results(Q const& q, std::size_t size) {
  auto w = tensors::random<T>(size, size + 3, 1.5);
  auto const upstream = tensors::random<T>(size, size + 4);
  if (size > 40) w[40] = T(1e6);
  std::vector<T> out(size), g = tensors::random<T>(size, size + 5);
  quantize(q, w, out);
  auto const sums = backward(q, w, upstream, g);
  std::vector<double> all(sums.theta.begin(), sums.theta.end());
  all.insert(all.end(), out.begin(), out.end());
  all.insert(all.end(), g.begin(), g.end());
  return all;
}

template <class T, class Q>
void check_type(Q const& q) {
  static_assert(detail::pulls_blocks<Q, T, detail::quantizer_block>);
  for (std::size_t const size : {1u, 63u, 64u, 65u, 511u, 1025u, 8200u, 16421u}) {
    CAPTURE(size);
    auto const blocks = results<T>(q, size), single = results<T>(one_by_one<Q>{q}, size);
    CHECK(tensors::same_bits(blocks, single));
    isa const before = active_isa();
    for (isa const level : {isa::baseline, isa::avx2}) {
      limit_isa(level);
      if (active_isa() == level) CHECK(tensors::same_bits(results<T>(q, size), blocks));
      limit_isa(before);
    }
  }
}

template <class Q>
void check(Q const& q) {
#if defined(DETENT_TEST_FAST_MATH)
  static_cast<void>(q);
  MESSAGE("skipped: -ffast-math gives every instruction set its own rounding");
#else
  check_type<float>(q);
#endif
}

/// In both compute types: one quantizer of each template, since each takes as long to compile as
/// all the rest of a file.
template <class Q>
void check_both(Q const& q) {
  check(q);
#if !defined(DETENT_TEST_FAST_MATH) && !defined(__SANITIZE_THREAD__) && !defined(__aarch64__)
  check_type<double>(q);
#endif
}

uniform<double> grid() {
  return twos_complement_grid(bits{4}, step_size{0.2});
}

}  // namespace

TEST_CASE("block: relaxed is, element by element, what it is of one") {
  philox_draws const draws{5, 6, 7};
  check_both(relaxed<>(grid(), 0.07, draws));
  check_both(relaxed<>(grid(), 0.07, draws, {0.5, 0}));
  check(relaxed<relaxed_output::straight_through>(grid(), 0.2, draws, {2, 1}));
}

TEST_CASE("block: semi_relaxed of all classes is, element by element, what it is of one") {
  check_both(semi_relaxed<relaxed_classes::all>(grid(), 0.07));
}

TEST_CASE("block: drop_bits is, element by element, what it is of one") {
  constexpr auto bitwise = mask_sharing::bitwise, endpoints = mask_sharing::endpoints;
  step_size const step{0.2};
  check(drop_bits<2>(bits{4}, step, 0.07, {0.7, 0.2}));
  check(drop_bits<2, bitwise, relaxed_classes::all>(bits{4}, step, 0.07, {0.7, 0.2}));
  // With a gap so deep that shares would underflow in it.
  check_both(drop_bits<6, endpoints>(bits{4}, step, 1e-3, {1, 0, 0, 1, 0.5, 0}));
}

TEST_CASE("block: semi_relaxed of the chosen class has the same bits on every instruction set") {
#if !defined(DETENT_TEST_FAST_MATH)
  semi_relaxed<> const q(grid(), 0.07);
  isa const before = active_isa();
  auto const best = results<float>(q, 3000), best_double = results<double>(q, 3000);
  for (isa const level : {isa::baseline, isa::avx2}) {
    limit_isa(level);
    CHECK(tensors::same_bits(results<float>(q, 3000), best));
    CHECK(tensors::same_bits(results<double>(q, 3000), best_double));
    limit_isa(before);
  }
#endif
}

TEST_CASE("block: 16-bit weights and gradients of another type than the weights") {
  auto const w = tensors::random<half>(777, 1), upstream = tensors::random<half>(777, 2);
  relaxed<> const q(grid(), 0.07, philox_draws{1, 2, 3});
  std::vector<half> out(w.size());
  std::vector<double> g(w.size());
  quantize(q, w, out);
  backward(q, w, upstream, g);
  for (std::size_t i = 0; i < w.size(); ++i) {
    float const x = w[i];
    auto const p = q.at(i).backward(x, static_cast<float>(upstream[i]));
    CHECK(std::abs(static_cast<float>(out[i]) - q.at(i)(x)) <= 1e-3f);
    CHECK(std::abs(g[i] - static_cast<double>(p.gradient)) <= 1e-4 * (1 + std::abs(g[i])));
  }
}
