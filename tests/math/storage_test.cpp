// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// half and bfloat16: every pattern, every halfway case, the edges, against an exact reference.
// All comparisons are of bits or of doubles that are not denormal: -ffast-math flushes denormals.

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <detent/math/storage.hpp>
#include <limits>
#include <support/random.hpp>
#include <type_traits>
#include <vector>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

using detent::bfloat16;
using detent::compute_type;
using detent::element;
using detent::from_compute;
using detent::half;
using detent::storage_element;
using detent::storage_format;
using detent::to_compute;

namespace {

/// Another library's type, and types that only look like one.
struct foreign_half {
  std::uint16_t bits;
};
struct too_wide {
  std::uint32_t bits;
};
/// Not trivial, as Eigen's: copies are copies of its bytes all the same.
struct with_default {
  std::uint16_t bits = 0;
};
struct with_copy {
  with_copy() = default;
  with_copy(with_copy const& other) : bits(other.bits) {}
  with_copy& operator=(with_copy const&) = default;
  std::uint16_t bits;
};

}  // namespace

template <>
inline constexpr storage_format detent::storage_format_of<foreign_half> = detent::half_format;
template <>
inline constexpr storage_format detent::storage_format_of<too_wide> = detent::half_format;
template <>
inline constexpr storage_format detent::storage_format_of<with_default> = detent::half_format;
template <>
inline constexpr storage_format detent::storage_format_of<with_copy> = detent::half_format;

namespace {

static_assert(storage_element<half> && storage_element<bfloat16> && storage_element<foreign_half>);
static_assert(!storage_element<float> && !storage_element<std::uint16_t>);
static_assert(storage_element<with_default> && !std::is_trivial_v<with_default>);
static_assert(!storage_element<too_wide> && !storage_element<with_copy>);
static_assert(element<float> && element<double> && element<half> && element<bfloat16>);
static_assert(element<foreign_half> && !element<std::uint16_t> && !element<long double>);
static_assert(!element<half const> && !element<half*>);
static_assert(std::same_as<compute_type<half>, float> && std::same_as<compute_type<float>, float>);
static_assert(std::same_as<compute_type<bfloat16>, float>);
static_assert(std::same_as<compute_type<double>, double>);
static_assert(std::is_trivial_v<half> && std::is_trivial_v<bfloat16>);
static_assert(sizeof(half) == 2 && alignof(half) == 2 && sizeof(bfloat16) == 2);
static_assert(!std::same_as<half, bfloat16>);

template <element T>
T of_pattern(std::uint32_t pattern) {
  return std::bit_cast<T>(static_cast<std::uint16_t>(pattern));
}

template <element T>
std::uint32_t pattern_of(T x) {
  return std::bit_cast<std::uint16_t>(x);
}

std::uint32_t bits_of(float x) {
  return std::bit_cast<std::uint32_t>(x);
}
std::uint64_t bits_of(double x) {
  return std::bit_cast<std::uint64_t>(x);
}

constexpr std::uint32_t fraction_bits(half) {
  return 10;
}
constexpr std::uint32_t fraction_bits(bfloat16) {
  return 7;
}
template <element T>
std::uint32_t infinity_pattern() {
  return 0x8000u - (1u << fraction_bits(T{}));
}

/// The number of a pattern without sign, by the definition of the format; for infinity the power
/// of two that would come next.
template <element T>
double value_of(std::uint32_t pattern) {
  int const fraction = static_cast<int>(fraction_bits(T{}));
  int const bias = (1 << (14 - fraction)) - 1;
  int const exponent = static_cast<int>(pattern >> fraction);
  int const significand = static_cast<int>(pattern & ((1u << fraction) - 1));
  if (exponent == 0) return std::ldexp(significand, 1 - bias - fraction);
  return std::ldexp(significand + (1 << fraction), exponent - bias - fraction);
}

/// The value of a finite float, which may be denormal.
double value_of(float x) {
  std::uint32_t const magnitude = bits_of(x) & 0x7fffffffu;
  int const exponent = static_cast<int>(magnitude >> 23);
  int const significand = static_cast<int>(magnitude & 0x7fffffu);
  double const value = exponent == 0 ? std::ldexp(significand, -149)
                                     : std::ldexp(significand + (1 << 23), exponent - 150);
  return bits_of(x) >> 31 != 0 ? -value : value;
}
double value_of(double x) {
  return x;
}

/// The numbers of all patterns up to infinity.
template <element T>
std::vector<double> const& values() {
  static std::vector<double> const table = [] {
    std::vector<double> numbers;
    for (std::uint32_t p = 0; p <= infinity_pattern<T>(); ++p)
      numbers.push_back(value_of<T>(p));
    return numbers;
  }();
  return table;
}

/// The pattern nearest to x, ties to the even pattern, by search among all.
template <element T>
std::uint32_t nearest(double x) {
  std::vector<double> const& table = values<T>();
  std::uint32_t const sign = std::signbit(x) ? 0x8000u : 0u;
  double const magnitude = std::fabs(x);
  if (magnitude >= table.back()) return sign | infinity_pattern<T>();
  std::uint32_t low = 0, high = infinity_pattern<T>();
  while (high - low > 1) {
    std::uint32_t const middle = (low + high) / 2;
    (table[middle] <= magnitude ? low : high) = middle;
  }
  double const halfway = 0.5 * (table[low] + table[high]);
  bool const up = magnitude == halfway ? low % 2 == 1 : magnitude > halfway;
  return sign | (up ? high : low);
}

/// How many of x, its neighbours and their negatives are not narrowed to the nearest.
template <element T, class Source>
std::size_t failures_around(Source x) {
  auto const bits = bits_of(x);
  using word = std::remove_const_t<decltype(bits)>;
  constexpr word sign = word(1) << (8 * sizeof(word) - 1);
  std::size_t failures = 0;
  for (word const b : {bits - 1, bits, bits + 1}) {
    for (word const pattern : {word(b & ~sign), word(b | sign)}) {
      auto const source = std::bit_cast<Source>(pattern);
      failures += pattern_of(from_compute<T>(source)) != nearest<T>(value_of(source));
    }
  }
  return failures;
}

template <element T>
void check_patterns() {
  std::size_t wrong = 0, changed = 0;
  for (std::uint32_t p = 0; p < 0x10000u; ++p) {
    std::uint32_t const magnitude = p & 0x7fffu, sign = p & 0x8000u;
    bool const is_nan = magnitude > infinity_pattern<T>();
    float const wide = to_compute(of_pattern<T>(p));
    std::uint32_t const wide_magnitude = bits_of(wide) & 0x7fffffffu;
    wrong += bits_of(wide) >> 31 != sign >> 15;
    if (magnitude < infinity_pattern<T>()) {
      wrong += std::fabs(value_of(wide)) != value_of<T>(magnitude);
    } else {
      wrong += wide_magnitude != (0x7f800000u | magnitude << (23 - fraction_bits(T{})));
    }
    std::uint32_t const quiet = is_nan ? 1u << (fraction_bits(T{}) - 1) : 0u;
    changed += pattern_of(from_compute<T>(wide)) != (p | quiet);
  }
  CHECK(wrong == 0);
  CHECK(changed == 0);
}

template <element T>
void check_double_round_trip() {
  std::size_t changed = 0;
  for (std::uint32_t p = 0; p < infinity_pattern<T>(); ++p) {
    changed += pattern_of(from_compute<T>(value_of<T>(p))) != p;
    changed += pattern_of(from_compute<T>(-value_of<T>(p))) != (p | 0x8000u);
  }
  CHECK(changed == 0);
}

template <element T>
void check_halfway() {
  std::size_t failures = 0;
  for (std::uint32_t p = 0; p < infinity_pattern<T>(); ++p) {
    double const low = value_of<T>(p), halfway = 0.5 * (low + value_of<T>(p + 1));
    failures += failures_around<T>(halfway);
    if (p > 0) failures += failures_around<T>(low);
    // The float is made of the bits, since a conversion might flush a denormal.
    auto const wide = bits_of(to_compute(of_pattern<T>(p)));
    if (fraction_bits(T{}) == 7) {
      failures += failures_around<T>(std::bit_cast<float>(wide + 0x8000u));
    } else {
      failures += failures_around<T>(static_cast<float>(halfway));
    }
    if (p > 0) failures += failures_around<T>(std::bit_cast<float>(wide));
  }
  CHECK(failures == 0);
}

template <element T, class Source>
void check_random(int lowest_exponent, int highest_exponent) {
  detent_test::random_numbers numbers(fraction_bits(T{}) + sizeof(Source));
  std::size_t failures = 0;
  for (int i = 0; i < 100000; ++i) {
    int const exponent = numbers.integer(lowest_exponent, highest_exponent);
    failures += failures_around<T>(numbers.with_exponent<Source>(exponent));
  }
  CHECK(failures == 0);
}

/// What must hold of both types in every mode of the floating-point unit.
template <element T>
std::uint64_t checksum_of_conversions() {
  std::uint64_t sum = 0xcbf29ce484222325u;
  auto const add = [&](std::uint64_t x) { sum = (sum ^ x) * 0x100000001b3u; };
  for (std::uint32_t p = 0; p < 0x10000u; ++p) {
    add(bits_of(to_compute(of_pattern<T>(p))));
    add(pattern_of(from_compute<T>(std::bit_cast<float>(p * 0x9e37u))));
    add(pattern_of(from_compute<T>(std::bit_cast<float>(p << 7))));
    add(pattern_of(from_compute<T>(std::bit_cast<double>(std::uint64_t{p * 0x9e37u} << 32))));
  }
  return sum;
}

}  // namespace

TEST_CASE("storage: every pattern widens to its number and comes back; NaN comes back quiet") {
  check_patterns<half>();
  check_patterns<bfloat16>();
  check_double_round_trip<half>();
  check_double_round_trip<bfloat16>();
}

TEST_CASE("storage: every number, every halfway case and their neighbours are narrowed right") {
  check_halfway<half>();
  check_halfway<bfloat16>();
}

TEST_CASE("storage: random floats and doubles are narrowed to the nearest") {
  check_random<half, float>(-30, 18);
  check_random<bfloat16, float>(-126, 127);
  check_random<bfloat16, float>(-127, -120);
  check_random<half, double>(-30, 18);
  check_random<bfloat16, double>(-140, 130);
  check_random<half, double>(-1000, 1000);
}

TEST_CASE("storage: the edges of half") {
  auto const narrow = [](float x) { return pattern_of(from_compute<half>(x)); };
  CHECK(narrow(1.0f) == 0x3c00u);
  CHECK(narrow(-2.0f) == 0xc000u);
  CHECK(narrow(65504.0f) == 0x7bffu);
  CHECK(narrow(0x1.ffdffep15f) == 0x7bffu);
  CHECK(narrow(65520.0f) == 0x7c00u);
  CHECK(narrow(-1e30f) == 0xfc00u);
  CHECK(narrow(0x1p-14f) == 0x0400u);
  CHECK(narrow(0x1p-24f) == 0x0001u);
  CHECK(narrow(0x1p-25f) == 0x0000u);
  CHECK(narrow(0x1.000002p-25f) == 0x0001u);
  CHECK(narrow(-0x1p-30f) == 0x8000u);
  CHECK(narrow(0x1.ffcp-15f) == 0x0400u);
}

TEST_CASE("storage: the edges of bfloat16") {
  auto const narrow = [](float x) { return pattern_of(from_compute<bfloat16>(x)); };
  CHECK(narrow(1.0f) == 0x3f80u);
  CHECK(narrow(0x1.01p0f) == 0x3f80u);
  CHECK(narrow(0x1.03p0f) == 0x3f82u);
  CHECK(narrow(0x1.fep127f) == 0x7f7fu);
  CHECK(narrow(0x1.fefffep127f) == 0x7f7fu);
  CHECK(narrow(0x1.ffp127f) == 0x7f80u);
  CHECK(narrow(-std::numeric_limits<float>::max()) == 0xff80u);
  CHECK(narrow(std::bit_cast<float>(0x00010000u)) == 0x0001u);
  CHECK(narrow(std::bit_cast<float>(0x00008000u)) == 0x0000u);
  CHECK(narrow(std::bit_cast<float>(0x80008001u)) == 0x8001u);
}

TEST_CASE("storage: double is narrowed in one rounding, not by way of float") {
  // The nearest float is halfway between two halves, and would round down.
  double const above = 1.0 + 0x1p-11 + 0x1p-40;
  CHECK(pattern_of(from_compute<half>(above)) == 0x3c01u);
  CHECK(pattern_of(from_compute<half>(static_cast<float>(above))) == 0x3c00u);
  CHECK(pattern_of(half(above)) == 0x3c01u);
  double const tiny = 0x1p-134 + 0x1p-160;
  CHECK(pattern_of(from_compute<bfloat16>(tiny)) == 0x0001u);
  CHECK(pattern_of(from_compute<bfloat16>(1e300)) == 0x7f80u);
  CHECK(pattern_of(from_compute<bfloat16>(-1e-300)) == 0x8000u);
}

TEST_CASE("storage: infinity stays, NaN keeps its sign and the head of its payload, quietly") {
  for (std::uint32_t const sign : {0u, 0x80000000u}) {
    std::uint32_t const high = sign >> 16;
    auto const narrow_half = [&](std::uint32_t bits) {
      return pattern_of(from_compute<half>(std::bit_cast<float>(sign | bits)));
    };
    auto const narrow_bfloat16 = [&](std::uint32_t bits) {
      return pattern_of(from_compute<bfloat16>(std::bit_cast<float>(sign | bits)));
    };
    CHECK(narrow_half(0x7f800000u) == (high | 0x7c00u));
    CHECK(narrow_half(0x7f800001u) == (high | 0x7e00u));
    CHECK(narrow_half(0x7fffffffu) == (high | 0x7fffu));
    CHECK(narrow_half(0x7fc02000u) == (high | 0x7e01u));
    CHECK(narrow_bfloat16(0x7f800000u) == (high | 0x7f80u));
    CHECK(narrow_bfloat16(0x7f800001u) == (high | 0x7fc0u));
    CHECK(narrow_bfloat16(0x7fffffffu) == (high | 0x7fffu));
    CHECK(narrow_bfloat16(0x7fc10000u) == (high | 0x7fc1u));
    auto const wide = [&](std::uint64_t bits) {
      return std::bit_cast<double>(std::uint64_t{sign} << 32 | bits);
    };
    CHECK(pattern_of(from_compute<half>(wide(0x7ff0000000000000u))) == (high | 0x7c00u));
    CHECK(pattern_of(from_compute<half>(wide(0x7ff0000000000001u))) == (high | 0x7e00u));
    CHECK(pattern_of(from_compute<bfloat16>(wide(0x7fffffffffffffffu))) == (high | 0x7fffu));
  }
}

TEST_CASE("storage: flushing denormals to zero does not change a bit") {
#if !defined(__SSE2__)
  MESSAGE("skipped: sets the mode of x86");
#else
  unsigned const before = _mm_getcsr();
  std::array<std::uint64_t, 2> sums[2];
  for (unsigned const flush : {0u, 1u}) {
    _mm_setcsr(flush != 0 ? before | 0x8040u : before & ~0x8040u);
    sums[flush] = {checksum_of_conversions<half>(), checksum_of_conversions<bfloat16>()};
  }
  _mm_setcsr(before);
  CHECK(sums[0] == sums[1]);
#endif
}

TEST_CASE("storage: the types convert like float, and another library's type with them") {
  // What CUDA's types, of which these may be aliases, can do too.
  half const h(0.5f), third(1.0 / 3);
  float const wide = h;
  CHECK(wide == 0.5f);
  CHECK(h == half(0.5));
  CHECK(third < h);
  CHECK(static_cast<float>(half(7)) == 7.0f);
  CHECK(static_cast<float>(bfloat16(257)) == 256.0f);
  CHECK(static_cast<double>(bfloat16(-1.5f)) == -1.5);
  CHECK(to_compute(foreign_half{0xc000u}) == -2.0f);
  CHECK(from_compute<foreign_half>(-2.0).bits == 0xc000u);
  CHECK(from_compute<float>(0.1) == 0.1f);
  CHECK(to_compute(0.1) == 0.1);
}
