// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What weights and gradients are stored as, half and bfloat16 among it, and what they compute in.

#include <concepts>
#include <cstdint>
#include <cstring>
#include <detent/config.hpp>
#include <detent/math/rounding.hpp>
#include <limits>
#include <type_traits>

#if defined(__CUDACC__)
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#endif

namespace detent::inline DETENT_ABI {

/// A 16-bit floating type: sign, exponent, fraction. As in IEEE 754, the bias of the exponent is
/// half its range and its largest value means infinity or NaN.
struct storage_format {
  int exponent_bits = 0;
  int fraction_bits = 0;
};

inline constexpr storage_format half_format{5, 10};
inline constexpr storage_format bfloat16_format{8, 7};

namespace detail {

// The builtin in place of std::bit_cast, which is no device function.
//
// The mode that flushes denormals to zero does not change a bit: no sum is one, and an operand that
// is one lies far below what is rounded off. Both conversions avoid `choose` between two results,
// for which GCC computes the mask and its complement.

/// The number that a 16-bit pattern stands for; exact. NaN keeps its sign and payload.
template <storage_format Format>
DETENT_HD inline float widened(std::uint16_t pattern) noexcept {
  constexpr int bias = (1 << (Format.exponent_bits - 1)) - 1;
  constexpr int unit = 23 - Format.fraction_bits;
  if constexpr (bias == 127) {
    return __builtin_bit_cast(float, std::uint32_t{pattern} << unit);
  } else {
    constexpr std::uint32_t rebias = std::uint32_t{127 - bias} << 23;
    constexpr std::int32_t infinity = ((1 << Format.exponent_bits) - 1) << 23;
    constexpr auto smallest_normal = __builtin_bit_cast(float, rebias + (1u << 23));
    auto const extended = static_cast<std::uint32_t>(static_cast<std::int16_t>(pattern));
    auto const magnitude = static_cast<std::int32_t>(extended << unit & 0x7fffu << unit);
    // As if normal. The denormal with the same fraction is 2x - smallest_normal.
    auto const x = __builtin_bit_cast(float, static_cast<std::uint32_t>(magnitude) + rebias);
    float const number = x + keep_if(magnitude < (1 << 23), x - smallest_normal);
    std::uint32_t const special = choose(magnitude >= infinity, rebias, 0u);
    return __builtin_bit_cast(
        float, (__builtin_bit_cast(std::uint32_t, number) + special) | (extended & 0x80000000u));
  }
}

/// The 16-bit pattern nearest to a float or double, ties to even, in one rounding. Beyond the
/// largest number it is infinity; NaN keeps its sign and the head of its payload and is quiet.
///
/// The pattern is made in the upper 16 bits of a word: GCC would otherwise pack every operand of
/// the last operations, instead of their result.
template <storage_format Format, std::floating_point Source>
DETENT_HD inline std::uint16_t narrowed(Source x) noexcept {
  constexpr bool single = sizeof(Source) == 4;
  using word = std::conditional_t<single, std::uint32_t, std::uint64_t>;
  using signed_word = std::make_signed_t<word>;  // compared as such: AVX2 has no other
  constexpr int source_fraction = single ? 23 : 52, source_bias = single ? 127 : 1023;
  constexpr int bias = (1 << (Format.exponent_bits - 1)) - 1;
  constexpr int unit = source_fraction - Format.fraction_bits;
  constexpr int upper = 8 * sizeof(word) - 16;
  constexpr word sign = word{1} << (upper + 15);
  constexpr word infinity = word{2 * source_bias + 1} << source_fraction;
  constexpr word quiet = word{1} << (upper + Format.fraction_bits - 1);

  word const bits = __builtin_bit_cast(word, x);
  auto const magnitude = static_cast<signed_word>(bits & ~sign);
  bool const is_nan = magnitude > static_cast<signed_word>(infinity);
  if constexpr (bias == source_bias) {
    static_assert(unit == upper);
    constexpr word almost_half = (word{1} << (unit - 1)) - 1;
    word const rounded = bits + almost_half + (bits >> unit & 1);
    word const pattern = rounded ^ choose(is_nan, rounded ^ (bits | quiet), word{0});
    return static_cast<std::uint16_t>(pattern >> upper);
  } else {
    constexpr auto overflow =
        static_cast<signed_word>(word{source_bias + bias + 1} << source_fraction);
    constexpr auto smallest_normal =
        static_cast<signed_word>(word{source_bias + 1 - bias} << source_fraction);
    signed_word const limited = magnitude < overflow ? magnitude : overflow;
    signed_word const power = limited & static_cast<signed_word>(infinity);
    signed_word const binade = power > smallest_normal ? power : smallest_normal;
    // Adding a power of two whose unit in the last place is that of the result rounds to it.
    word const rounder = static_cast<word>(binade) + (word{unit} << source_fraction);
    Source const sum = __builtin_bit_cast(Source, limited) + __builtin_bit_cast(Source, rounder);
    word const significand = (__builtin_bit_cast(word, sum) - rounder) << upper;
    // The leading bit of the significand counts as one in the exponent; a denormal has none.
    word const exponent = static_cast<word>(binade - smallest_normal) << (upper - unit);
    // NaN was limited to infinity: what it lacks is its fraction.
    constexpr word payload = ((word{1} << Format.fraction_bits) - 1) << upper;
    word const fraction = (bits << (upper - unit) & payload) | quiet;
    word const special = choose(is_nan, fraction, word{0});
    return static_cast<std::uint16_t>(((significand + exponent) | special | (bits & sign)) >>
                                      upper);
  }
}

template <class T>
concept arithmetic = std::is_arithmetic_v<T>;

}  // namespace detail

/// The library's own 16-bit type. It stores; arithmetic is that of the float it converts to.
template <storage_format Format>
class storage16 {
 public:
  storage16() = default;
  /// The nearest number, ties to even, in one rounding.
  template <detail::arithmetic T>
  DETENT_HD explicit storage16(T x) noexcept
      : pattern_(detail::narrowed<Format>(static_cast<source<T>>(x))) {}
  DETENT_HD operator float() const noexcept { return detail::widened<Format>(pattern_); }

 private:
  template <class T>
  using source = std::conditional_t<std::is_same_v<T, float>, float, double>;

  std::uint16_t pattern_;
};

namespace detail {

/// A class of two bytes whose std::numeric_limits describe a binary floating type.
template <class T>
concept has_floating_limits = std::is_class_v<T> && requires {
  requires sizeof(T) == 2 && std::is_trivially_copyable_v<T>;
  requires std::numeric_limits<T>::is_specialized && !std::numeric_limits<T>::is_integer;
  requires std::numeric_limits<T>::radix == 2;
};

/// The format that a class states by its std::numeric_limits, {} where it states none: Eigen::half,
/// Eigen::bfloat16, c10::Half and c10::BFloat16 are known without their headers. Two bytes leave no
/// bit for anything else; `has_stated_patterns` looks at their order.
template <class T>
consteval storage_format stated_format() {
  if constexpr (has_floating_limits<T>) {
    using limits = std::numeric_limits<T>;
    if (limits::digits == 11 && limits::max_exponent == 16) return half_format;
    if (limits::digits == 8 && limits::max_exponent == 128) return bfloat16_format;
  }
  return {};
}

}  // namespace detail

/// The format of a 16-bit type, {} for what is none. It is known for `half` and `bfloat16`, for the
/// compiler's own types (_Float16, std::float16_t, std::bfloat16_t), and for a class whose
/// std::numeric_limits state it (Eigen's and LibTorch's). Specialize it for any other type that is
/// trivially copyable, default constructible, and has two bytes:
///
///     template <>
///     inline constexpr auto detent::storage_format_of<other::half> = detent::half_format;
template <class T>
inline constexpr storage_format storage_format_of = detail::stated_format<T>();
template <storage_format Format>
inline constexpr storage_format storage_format_of<storage16<Format>> = Format;

// The macros tell where a compiler has the types (g++ 12 has _Float16 in C++ on x86 alone);
// __extension__ keeps -Wpedantic quiet.
#if defined(__FLT16_MAX__) && (defined(__clang__) || __GNUC__ >= 13 || defined(__SSE2__)) && \
    !defined(__CUDACC__)
namespace detail {
__extension__ typedef _Float16 builtin_half;
}
template <>
inline constexpr storage_format storage_format_of<detail::builtin_half> = half_format;
#endif
#if (defined(__BFLT16_MAX__) ||                                             \
     (defined(__aarch64__) && defined(__GNUC__) && !defined(__clang__)) ||  \
     (defined(__clang__) && __clang_major__ >= 15 && defined(__SSE2__))) && \
    !defined(__CUDACC__)
namespace detail {
__extension__ typedef __bf16 builtin_bfloat16;
}
template <>
inline constexpr storage_format storage_format_of<detail::builtin_bfloat16> = bfloat16_format;
#endif

/// IEEE 754 binary16: 11 significant bits, up to 65504, smallest normal 2^-14.
///
/// It is CUDA's `__half` under nvcc and wherever <cuda_fp16.h> was included before this header,
/// else an own type with the same bits. A program whose files exchange it should include
/// <cuda_fp16.h> first in all of them: otherwise they do not link.
#if defined(__CUDA_FP16_TYPES_EXIST__)
using half = __half;
template <>
inline constexpr storage_format storage_format_of<half> = half_format;
#else
using half = storage16<half_format>;
#endif

/// bfloat16: the upper half of a float, 8 significant bits. CUDA's `__nv_bfloat16` under nvcc and
/// after <cuda_bf16.h>, else an own type, as `half`.
#if defined(__CUDA_BF16_TYPES_EXIST__)
using bfloat16 = __nv_bfloat16;
template <>
inline constexpr storage_format storage_format_of<bfloat16> = bfloat16_format;
#else
using bfloat16 = storage16<bfloat16_format>;
#endif

/// A type of 16 bits that is stored, and computed in float.
template <class T>
concept storage_element =
    (storage_format_of<T>.exponent_bits > 0) &&
    sizeof(T) == 2 && std::is_trivially_copyable_v<T>&& std::is_default_constructible_v<T>;

namespace detail {

// Copies in place of std::bit_cast: loops that cast a class do not vectorize in GCC, and a cast to
// a class crashes GCC 12 (internal compiler error in vect_is_simple_use).
template <storage_element T>
DETENT_HD inline std::uint16_t pattern_of(T const& x) noexcept {
  std::uint16_t pattern;
  std::memcpy(&pattern, &x, sizeof(pattern));
  return pattern;
}
template <storage_element T>
DETENT_HD inline T from_pattern(std::uint16_t pattern) noexcept {
  T x;
  std::memcpy(static_cast<void*>(&x), &pattern, sizeof(x));
  return x;
}

}  // namespace detail

namespace detail {

/// Whether the largest, the lowest and the smallest normal number of a class that is known by its
/// std::numeric_limits have the patterns of its format: its bits could stand in another order.
template <class T>
bool has_stated_patterns() noexcept {
  if constexpr (stated_format<T>().exponent_bits > 0) {
    using limits = std::numeric_limits<T>;
    constexpr int fraction_bits = stated_format<T>().fraction_bits;
    constexpr std::uint16_t one = 1 << fraction_bits;
    constexpr std::uint16_t largest = 0x7fff - one;
    return pattern_of((limits::max)()) == largest && pattern_of((limits::min)()) == one &&
           pattern_of(limits::lowest()) == (largest | 0x8000);
  } else {
    return true;
  }
}

/// Types that device code converts with an instruction: the same numbers, but NaN has no payload.
template <class T>
inline constexpr bool converted_by_device = DETENT_DEVICE_CODE != 0 &&
                                            (std::is_same_v<T, half> ||
                                             std::is_same_v<T, bfloat16>);

}  // namespace detail

/// Element types of weights and gradients.
template <class T>
concept element = std::same_as<T, float> || std::same_as<T, double> || storage_element<T>;

/// The type an element is computed in: double for double, float for all others.
template <element T>
using compute_type = std::conditional_t<std::same_as<T, double>, double, float>;

/// An element in its compute type; exact.
template <element T>
DETENT_HD inline compute_type<T> to_compute(T x) noexcept {
  if constexpr (detail::converted_by_device<T>) {
    return static_cast<float>(x);
  } else if constexpr (storage_element<T>) {
    return detail::widened<storage_format_of<T>>(detail::pattern_of(x));
  } else {
    return x;
  }
}

/// The element nearest to a float or double: one rounding to nearest, ties to even, and infinity
/// beyond the largest element. NaN stays NaN.
template <element T, std::floating_point C>
DETENT_HD inline T from_compute(C x) noexcept {
  if constexpr (detail::converted_by_device<T>) {
    return T(x);
  } else if constexpr (storage_element<T>) {
    return detail::from_pattern<T>(detail::narrowed<storage_format_of<T>>(x));
  } else {
    return static_cast<T>(x);
  }
}

}  // namespace detent::inline DETENT_ABI
