// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// DETENT_ABI: the inline namespace that keeps objects with different compiler flags apart.

/// The name of the inline namespace inside `detent`: the version, followed by one word for each
/// compiler flag that changes the code of an inline function: `v0_1`, `v0_1_avx_avx2_fma`,
/// `v0_1_fast`. Objects compiled with different flags hold functions of different names. The linker
/// keeps one copy of each name, so it can replace neither the plain copy of a function by the AVX2
/// copy, which an older processor cannot run, nor the strict copy by that of -ffast-math.
///
/// A function that passes detent's types between two objects with different flags does not link.
///
/// Define DETENT_ABI to distinguish flags that the list lacks, such as those of other processors.
/// Flags that have no macro, such as -ffp-contract, do not change a result of this library.
#if !defined(DETENT_ABI)

// DETENT_ABI_IF(macro, word) is the word where the macro is defined as 1, else nothing.
#define DETENT_ABI_SECOND(first, second, ...) second
#define DETENT_ABI_SELECT(...) DETENT_ABI_SECOND(__VA_ARGS__)
#define DETENT_ABI_COMMA_1 ,
#define DETENT_ABI_PICK(value, word) DETENT_ABI_SELECT(DETENT_ABI_COMMA_##value word, , )
#define DETENT_ABI_IF(macro, word) DETENT_ABI_PICK(macro, word)
#define DETENT_ABI_PASTE(a, b, c, d, e, f, g, h) a##b##c##d##e##f##g##h
#define DETENT_ABI_JOIN(a, b, c, d, e, f, g, h) DETENT_ABI_PASTE(a, b, c, d, e, f, g, h)

#if defined(__x86_64__) || defined(__i386__)
#define DETENT_ABI_SSE                                                                  \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__SSE3__, _sse3), DETENT_ABI_IF(__SSSE3__, _ssse3),     \
                  DETENT_ABI_IF(__SSE4_1__, _sse41), DETENT_ABI_IF(__SSE4_2__, _sse42), \
                  DETENT_ABI_IF(__SSE4A__, _sse4a), DETENT_ABI_IF(__GFNI__, _gfni), , )
#define DETENT_ABI_SCALAR                                                               \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__POPCNT__, _popcnt), DETENT_ABI_IF(__LZCNT__, _lzcnt), \
                  DETENT_ABI_IF(__BMI__, _bmi), DETENT_ABI_IF(__BMI2__, _bmi2),         \
                  DETENT_ABI_IF(__MOVBE__, _movbe), DETENT_ABI_IF(__TBM__, _tbm),       \
                  DETENT_ABI_IF(__APX_F__, _apx), )
#define DETENT_ABI_AVX                                                          \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__AVX__, _avx), DETENT_ABI_IF(__AVX2__, _avx2), \
                  DETENT_ABI_IF(__FMA__, _fma), DETENT_ABI_IF(__F16C__, _f16c), \
                  DETENT_ABI_IF(__FMA4__, _fma4), DETENT_ABI_IF(__XOP__, _xop), \
                  DETENT_ABI_IF(__AVXVNNI__, _avxvnni), )
#define DETENT_ABI_AVX512                                                                 \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__AVX512F__, _avx512f), DETENT_ABI_IF(__AVX512CD__, _cd), \
                  DETENT_ABI_IF(__AVX512DQ__, _dq), DETENT_ABI_IF(__AVX512BW__, _bw),     \
                  DETENT_ABI_IF(__AVX512VL__, _vl), DETENT_ABI_IF(__AVX512VNNI__, _vnni), \
                  DETENT_ABI_IF(__AVX512BF16__, _bf16), DETENT_ABI_IF(__AVX512FP16__, _fp16))
#define DETENT_ABI_AVX512_INTEGER                                                               \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__AVX512VBMI__, _vbmi), DETENT_ABI_IF(__AVX512VBMI2__, _vbmi2), \
                  DETENT_ABI_IF(__AVX512BITALG__, _bitalg),                                     \
                  DETENT_ABI_IF(__AVX512VPOPCNTDQ__, _vpopcntdq),                               \
                  DETENT_ABI_IF(__AVX512IFMA__, _ifma), , , )
#define DETENT_ABI_PROCESSOR                                                            \
  DETENT_ABI_JOIN(DETENT_ABI_SSE, DETENT_ABI_SCALAR, DETENT_ABI_AVX, DETENT_ABI_AVX512, \
                  DETENT_ABI_AVX512_INTEGER, , , )
#elif defined(__aarch64__)
#define DETENT_ABI_PROCESSOR                                                                      \
  DETENT_ABI_JOIN(                                                                                \
      DETENT_ABI_IF(__ARM_FEATURE_SVE, _sve), DETENT_ABI_IF(__ARM_FEATURE_SVE2, _sve2),           \
      DETENT_ABI_IF(__ARM_FEATURE_DOTPROD, _dotprod),                                             \
      DETENT_ABI_IF(__ARM_FEATURE_FP16_VECTOR_ARITHMETIC, _fp16),                                 \
      DETENT_ABI_IF(__ARM_FEATURE_ATOMICS, _atomics), DETENT_ABI_IF(__ARM_FEATURE_FRINT, _frint), \
      DETENT_ABI_IF(__ARM_FEATURE_QRDMX, _qrdmx), DETENT_ABI_IF(__ARM_FEATURE_MATMUL_INT8, _i8mm))
#else
#define DETENT_ABI_PROCESSOR
#endif

#define DETENT_ABI_MATH                                              \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__FAST_MATH__, _fast),               \
                  DETENT_ABI_IF(__FINITE_MATH_ONLY__, _finite),      \
                  DETENT_ABI_IF(__ASSOCIATIVE_MATH__, _associative), \
                  DETENT_ABI_IF(__RECIPROCAL_MATH__, _reciprocal),   \
                  DETENT_ABI_IF(__NO_SIGNED_ZEROS__, _unsigned_zero), DETENT_ABI_X87, , )
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ == 2
#define DETENT_ABI_X87 _x87
#else
#define DETENT_ABI_X87
#endif

#if defined(__cpp_exceptions)
#define DETENT_ABI_EXCEPTIONS
#else
#define DETENT_ABI_EXCEPTIONS _noexcept
#endif
#if defined(DETENT_ISA_DISPATCH)
#define DETENT_ABI_DISPATCH DETENT_ABI_JOIN(_dispatch, DETENT_ISA_DISPATCH, , , , , , )
#else
#define DETENT_ABI_DISPATCH
#endif

#define DETENT_ABI                                                                    \
  DETENT_ABI_JOIN(v0_1, DETENT_ABI_PROCESSOR, DETENT_ABI_MATH, DETENT_ABI_EXCEPTIONS, \
                  DETENT_ABI_DISPATCH, , , )

#endif
