// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Every verb on half and bfloat16 against the same verb on the numbers they stand for.

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <detent/detent.hpp>
#include <limits>
#include <span>
#include <string>
#include <support/hexadecimal.hpp>
#include <support/tensors.hpp>
#include <type_traits>
#include <vector>

using detent::bfloat16;
using detent::bits;
using detent::compute_type;
using detent::half;
using detent::isa;
using detent::seq;

namespace {

detent::sinusoidal<> const reg{detent::dorefa_grid(bits{3}).scaled(1.2)};
detent::wrpn_weights const wrpn{bits{3}, 0.9};

/// The numbers that elements stand for, as C.
template <class C, class T>
std::vector<C> numbers_as(std::vector<T> const& elements) {
  std::vector<C> out(elements.size());
  std::transform(elements.begin(), elements.end(), out.begin(),
                 [](T x) { return static_cast<C>(detent::to_compute(x)); });
  return out;
}
template <class T>
auto numbers(std::vector<T> const& elements) {
  return numbers_as<compute_type<T>>(elements);
}

/// Numbers as elements, each rounded once.
template <class T, class C>
std::vector<T> rounded(std::vector<C> const& x) {
  std::vector<T> out(x.size());
  std::transform(x.begin(), x.end(), out.begin(), [](C c) { return detent::from_compute<T>(c); });
  return out;
}

/// A span of all but the first element, which is there to misalign it.
template <class T>
auto misaligned(std::vector<T>& memory) {
  return std::span(memory).subspan(1);
}

/// Whether w, misaligned elements, and copy, the numbers at its place, agree after one rounding.
template <class T, class C>
bool agree(std::vector<T> const& memory, std::vector<C> const& copy) {
  return tensors::same_bits(memory, rounded<T>(copy));
}

template <class W, class G>
void check_accumulate(std::size_t size) {
  using wide = std::common_type_t<compute_type<W>, compute_type<G>>;
  auto w = tensors::random<W>(size + 1, size);
  auto g = tensors::random<G>(size + 1, size + 1);
  auto w_copy = numbers(w);
  auto g_copy = numbers_as<wide>(g);
  auto const got = detent::accumulate(reg, misaligned(w), misaligned(g), 0.3);
  auto const want = detent::accumulate(reg, misaligned(w_copy), misaligned(g_copy), 0.3);
  CHECK(tensors::same_bits(got.value, want.value));
  CHECK(agree(g, g_copy));
  auto const alone = detent::penalty(reg, misaligned(w)).value;
  CHECK(tensors::same_bits(alone, detent::penalty(reg, misaligned(w_copy)).value));
}

template <class W, class Out>
void check_quantize(std::size_t size) {
  auto w = tensors::random<W>(size + 1, size);
  auto w_copy = numbers(w);
  std::vector<Out> out(size + 2, detent::from_compute<Out>(7.0f));
  std::vector<compute_type<W>> out_copy(size + 2, compute_type<W>(7));
  detent::quantize(wrpn, misaligned(w), misaligned(out).first(size));
  detent::quantize(wrpn, misaligned(w_copy), misaligned(out_copy).first(size));
  CHECK(agree(out, out_copy));
}

template <class W, class U, class G>
void check_backward(std::size_t size) {
  using wide = std::common_type_t<compute_type<W>, compute_type<G>>;
  auto w = tensors::random<W>(size + 1, size);
  auto upstream = tensors::random<U>(size + 1, size + 1);
  auto g = tensors::random<G>(size + 1, size + 2);
  auto w_copy = numbers(w);
  auto upstream_copy = numbers(upstream);
  auto g_copy = numbers_as<wide>(g);
  detent::backward(wrpn, misaligned(w), misaligned(upstream), misaligned(g));
  detent::backward(wrpn, misaligned(w_copy), misaligned(upstream_copy), misaligned(g_copy));
  CHECK(agree(g, g_copy));
}

template <class W, class Code>
void check_snap(std::size_t size) {
  auto w = tensors::random<W>(size + 1, size);
  auto w_copy = numbers(w);
  std::vector<Code> codes(size), codes_copy(size);
  detent::snap(wrpn.grid(), misaligned(w), codes);
  detent::snap(wrpn.grid(), misaligned(w_copy), codes_copy);
  CHECK(codes == codes_copy);
  CHECK(agree(w, w_copy));
}

template <class W>
void check_reduce(std::size_t size) {
  auto const w = tensors::random<W>(size, size);
  auto const copy = numbers(w);
  auto const got = detent::reduce(detent::moments{0.1}, w);
  auto const want = detent::reduce(detent::moments{0.1}, copy);
  CHECK(tensors::same_bits(got.mean(), want.mean()));
  CHECK(tensors::same_bits(got.fourth(), want.fourth()));
  CHECK(tensors::same_bits(detent::reduce(detent::magnitude{}, w).mean(),
                           detent::reduce(detent::magnitude{}, copy).mean()));
  detent::quantization_error const error{wrpn};
  CHECK(tensors::same_bits(detent::reduce(error, w).mean_squared_error(),
                           detent::reduce(error, copy).mean_squared_error()));
  detent::histogram<16> const bins(-2.0, 2.0);
  CHECK(detent::reduce(bins, w).counts() == detent::reduce(bins, copy).counts());
}

/// A regularizer that no change of the library's own can change: (w² - ½)², summed with its slope.
struct well {
  static constexpr int parameters = 1;
  template <class T>
  DETENT_HD detent::term<T, 1> operator()(T w) const noexcept {
    T const depth = detent::fma(w, w, T(-0.5));
    return {depth * depth, T(4) * (depth * w), {depth}};
  }
};

template <class W, class G>
void check_golden(std::string const& value, std::string const& theta, std::string const& gradient) {
  auto const w = tensors::random<W>(50001, 2026, 2.0);
  auto g = tensors::random<G>(50001, 2027, 0.5);
  auto const r = detent::accumulate(well{}, w, g, 0.37);
  CHECK(detent_test::hexadecimal(r.value) == value);
  CHECK(detent_test::hexadecimal(r.theta[0]) == theta);
  CHECK(detent_test::hexadecimal(tensors::checksum(g)) == gradient);
}

}  // namespace

TEST_CASE("element_types: accumulate and penalty, at every size and misaligned") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    check_accumulate<half, half>(size);
    check_accumulate<bfloat16, bfloat16>(size);
    check_accumulate<bfloat16, float>(size);
    check_accumulate<float, half>(size);
    check_accumulate<half, bfloat16>(size);
    check_accumulate<half, double>(size);
    check_accumulate<double, half>(size);
    check_accumulate<double, bfloat16>(size);
  }
}

TEST_CASE("element_types: quantize, at every size and misaligned") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    check_quantize<half, half>(size);
    check_quantize<bfloat16, half>(size);
    check_quantize<bfloat16, float>(size);
    check_quantize<float, bfloat16>(size);
    check_quantize<half, double>(size);
    check_quantize<double, half>(size);
    check_quantize<double, bfloat16>(size);
  }
}

TEST_CASE("element_types: quantize in place") {
  auto w = tensors::random<bfloat16>(3001, 3);
  std::vector<bfloat16> out(w.size());
  detent::quantize(wrpn, w, out);
  detent::quantize(wrpn, w, w);
  CHECK(tensors::same_bits(w, out));
}

TEST_CASE("element_types: backward, at every size and misaligned") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    check_backward<half, half, half>(size);
    check_backward<bfloat16, bfloat16, bfloat16>(size);
    check_backward<bfloat16, float, float>(size);
    check_backward<float, bfloat16, half>(size);
    check_backward<double, half, bfloat16>(size);
    check_backward<half, double, double>(size);
  }
}

TEST_CASE("element_types: snap with codes, reduce, at every size") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    check_snap<half, std::int8_t>(size);
    check_snap<bfloat16, std::int32_t>(size);
    check_reduce<half>(size);
    check_reduce<bfloat16>(size);
  }
}

TEST_CASE("element_types: fit_range sees the numbers") {
  auto const unit = detent::wrpn_grid(bits{3});
  auto const w = tensors::random<bfloat16>(1000, 9, 0.25);
  CHECK(tensors::same_bits(detent::fit_range(unit, w), detent::fit_range(unit, numbers(w))));
  auto const h = tensors::random<half>(1000, 9, 0.25);
  CHECK(tensors::same_bits(detent::fit_range(unit, h), detent::fit_range(unit, numbers(h))));
}

TEST_CASE("element_types: the same bits on every instruction set") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math gives every instruction set its own rounding");
#else
  auto const w = tensors::random<half>(20011, 1);
  auto const w2 = rounded<bfloat16>(numbers(w));
  isa const before = detent::active_isa();
  std::vector<std::vector<std::uint64_t>> sums;
  for (isa const level : {isa::baseline, isa::avx2, isa::avx512}) {
    detent::limit_isa(level);
    std::vector<half> g(w.size()), levels(w.size());
    std::vector<bfloat16> g2(w.size()), levels2(w.size());
    std::vector<double> const values{detent::accumulate(reg, w, g, 0.3).value,
                                     detent::accumulate(reg, w2, g2, 0.3).value};
    detent::quantize(wrpn, w, levels);
    detent::quantize(wrpn, w2, levels2);
    sums.push_back({tensors::checksum(values), tensors::checksum(g), tensors::checksum(g2),
                    tensors::checksum(levels), tensors::checksum(levels2)});
  }
  detent::limit_isa(before);
  CHECK(sums[1] == sums[0]);
  CHECK(sums[2] == sums[0]);
#endif
}

TEST_CASE("element_types: stored bits of value, parameter and gradient") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math may add in any order");
#else
  // A change here is a change of the library's results: say so in the changelog.
  check_golden<bfloat16, float>("0x1.30cf36632bcb2p+15", "0x1.de65c139fe0a4p+13",
                                "7c9385ec8e966981");
  check_golden<half, half>("0x1.30d1e1696f2e4p+15", "0x1.de6aee965570ap+13", "d2c3921c692f3fc0");
  check_golden<double, bfloat16>("0x1.30d18ed11e283p+15", "0x1.de6ab094905c4p+13",
                                 "901d504972c12a99");
#endif
}

TEST_CASE("element_types: NaN stays with its weight, what is too large becomes infinite") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  auto w = tensors::random<half>(3000, 12);
  std::vector<half> clean(w.size()), g(w.size()), levels(w.size()), clean_levels(w.size());
  detent::accumulate(reg, w, clean, 1.0);
  detent::quantize(wrpn, w, clean_levels);
  std::size_t const where = 2100;
  w[where] = half(std::numeric_limits<float>::quiet_NaN());
  CHECK(std::isnan(detent::accumulate(reg, w, g, 1.0).value));
  detent::quantize(wrpn, w, levels);
  for (auto* const x : {&g, &levels}) {
    CHECK(std::isnan(static_cast<float>((*x)[where])));
    (*x)[where] = half(0.0f);
  }
  clean[where] = clean_levels[where] = half(0.0f);
  CHECK(tensors::same_bits(g, clean));
  CHECK(tensors::same_bits(levels, clean_levels));

  std::vector<half> const far{half(60000.0f), half(-60000.0f)};
  std::vector<half> gradient(2);
  CHECK(std::isfinite(detent::accumulate(reg, far, gradient, 1.0).value));
  CHECK(gradient[0] == std::numeric_limits<float>::infinity());
  CHECK(gradient[1] == -std::numeric_limits<float>::infinity());
#endif
}

TEST_CASE("element_types: the scale is checked in the type that multiplies") {
  auto const accepts = [](auto w, auto g, double scale) {
    std::vector const weights(10, w);
    std::vector gradient(10, g);
    auto const message =
        tensors::message_of([&] { detent::accumulate(reg, weights, gradient, scale); });
    if (message.empty()) return true;
    CHECK(message == "detent: scale: is not finite; a finite number is needed");
    CHECK(tensors::same_bits(gradient, std::vector(10, g)));
    return false;
  };
  half const h(0.3f);
  bfloat16 const b(0.3f);
  CHECK_FALSE(accepts(h, h, 1e42));
  CHECK_FALSE(accepts(b, h, -1e42));
  CHECK_FALSE(accepts(0.3f, b, 1e42));
  CHECK_FALSE(accepts(h, b, std::numeric_limits<double>::infinity()));
  CHECK(accepts(h, 0.3, 1e42));
  CHECK(accepts(0.3, b, 1e42));
  CHECK(accepts(h, h, 1e5));  // more than half can hold, but half does not multiply
}

TEST_CASE("element_types: layers give what single calls give, errors name them") {
  std::vector<std::vector<bfloat16>> w;
  std::vector<std::vector<half>> single, layered;
  std::vector<detent::regularized_layer<detent::sinusoidal<>, bfloat16, half>> layers;
  std::vector<detent::result<>> wanted, results(60);
  for (std::size_t t = 0; t < 60; ++t) {
    w.push_back(tensors::random<bfloat16>(t % 5 == 0 ? 0 : t * 400, t));
    single.push_back(tensors::random<half>(w[t].size(), t + 100));
    layered.push_back(single[t]);
  }
  for (std::size_t t = 0; t < 60; ++t) {
    wanted.push_back(detent::accumulate(reg, w[t], single[t], 0.1));
    layers.push_back(detent::regularized_layer{reg, w[t], layered[t], 0.1});
  }
  detent::accumulate(seq, layers, results);
  std::size_t different = 0;
  for (std::size_t t = 0; t < 60; ++t) {
    different += !tensors::same_bits(results[t].value, wanted[t].value);
    different += !tensors::same_bits(layered[t], single[t]);
  }
  CHECK(different == 0);
  std::vector<half> const shorter(9);
  std::vector<bfloat16> g(10);
  CHECK(tensors::message_of([&] { detent::accumulate(reg, shorter, g, 1.0); }) ==
        "detent: g: has 10 elements where w has 9");
}
