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
/// Define DETENT_ABI_EXTRA as a word of your own (`_power9`) for flags that the list lacks: those
/// of other processors, nvcc's --use_fast_math, and single parts of Clang's -ffast-math, such as
/// -fassociative-math, for which there is no macro. -ffp-contract has none either; it changes
/// results in one case only: dual numbers with Clang's -ffp-contract=fast.
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
// Every x86-64 processor has SSE2.
#if defined(__x86_64__)
#define DETENT_ABI_SSE2
#else
#define DETENT_ABI_SSE2 DETENT_ABI_IF(__SSE2__, _sse2)
#endif
#define DETENT_ABI_SSE                                                                 \
  DETENT_ABI_JOIN(DETENT_ABI_SSE2, DETENT_ABI_IF(__SSE3__, _sse3),                     \
                  DETENT_ABI_IF(__SSSE3__, _ssse3), DETENT_ABI_IF(__SSE4_1__, _sse41), \
                  DETENT_ABI_IF(__SSE4_2__, _sse42), DETENT_ABI_IF(__SSE4A__, _sse4a), \
                  DETENT_ABI_IF(__GFNI__, _gfni),                                      \
                  DETENT_ABI_IF(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16, _cx16))
#define DETENT_ABI_SCALAR                                                               \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__POPCNT__, _popcnt), DETENT_ABI_IF(__LZCNT__, _lzcnt), \
                  DETENT_ABI_IF(__BMI__, _bmi), DETENT_ABI_IF(__BMI2__, _bmi2),         \
                  DETENT_ABI_IF(__MOVBE__, _movbe), DETENT_ABI_IF(__TBM__, _tbm),       \
                  DETENT_ABI_IF(__ABM__, _abm), DETENT_ABI_APX)
#define DETENT_ABI_APX                                                                    \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__APX_F__, _apx), DETENT_ABI_IF(__EGPR__, _egpr),         \
                  DETENT_ABI_IF(__PUSH2POP2__, _push2pop2), DETENT_ABI_IF(__PPX__, _ppx), \
                  DETENT_ABI_IF(__NDD__, _ndd), DETENT_ABI_IF(__CCMP__, _ccmp),           \
                  DETENT_ABI_IF(__NF__, _nf), DETENT_ABI_IF(__CF__, _cf))
#define DETENT_ABI_AVX                                                          \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__AVX__, _avx), DETENT_ABI_IF(__AVX2__, _avx2), \
                  DETENT_ABI_IF(__FMA__, _fma), DETENT_ABI_IF(__F16C__, _f16c), \
                  DETENT_ABI_IF(__FMA4__, _fma4), DETENT_ABI_IF(__XOP__, _xop), \
                  DETENT_ABI_IF(__AVXVNNI__, _avxvnni), DETENT_ABI_AVX_LATER)
#define DETENT_ABI_AVX_LATER                                      \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__AVXVNNIINT8__, _avxvnniint8),   \
                  DETENT_ABI_IF(__AVXVNNIINT16__, _avxvnniint16), \
                  DETENT_ABI_IF(__AVXIFMA__, _avxifma),           \
                  DETENT_ABI_IF(__AVXNECONVERT__, _avxneconvert), \
                  DETENT_ABI_IF(__AVX10_1__, _avx10), DETENT_ABI_IF(__AVX10_2__, _avx10v2), , )
#define DETENT_ABI_AVX512                                                                 \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__AVX512F__, _avx512f), DETENT_ABI_IF(__AVX512CD__, _cd), \
                  DETENT_ABI_IF(__AVX512DQ__, _dq), DETENT_ABI_IF(__AVX512BW__, _bw),     \
                  DETENT_ABI_IF(__AVX512VL__, _vl), DETENT_ABI_IF(__AVX512VNNI__, _vnni), \
                  DETENT_ABI_IF(__AVX512BF16__, _bf16), DETENT_ABI_IF(__AVX512FP16__, _fp16))
#define DETENT_ABI_AVX512_INTEGER                                                               \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__AVX512VBMI__, _vbmi), DETENT_ABI_IF(__AVX512VBMI2__, _vbmi2), \
                  DETENT_ABI_IF(__AVX512BITALG__, _bitalg),                                     \
                  DETENT_ABI_IF(__AVX512VPOPCNTDQ__, _vpopcntdq),                               \
                  DETENT_ABI_IF(__AVX512IFMA__, _ifma), DETENT_ABI_IF(__AVX512ER__, _er),       \
                  DETENT_ABI_IF(__AVX512PF__, _pf), )
#define DETENT_ABI_PROCESSOR                                                            \
  DETENT_ABI_JOIN(DETENT_ABI_SSE, DETENT_ABI_SCALAR, DETENT_ABI_AVX, DETENT_ABI_AVX512, \
                  DETENT_ABI_AVX512_INTEGER, , , )
#elif defined(__aarch64__)
#define DETENT_ABI_VECTOR                                                 \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__ARM_FEATURE_SVE, _sve),                 \
                  DETENT_ABI_IF(__ARM_FEATURE_SVE2, _sve2),               \
                  DETENT_ABI_IF(__ARM_FEATURE_SVE2p1, _sve2p1),           \
                  DETENT_ABI_IF(__ARM_FEATURE_SVE_BF16, _svebf16),        \
                  DETENT_ABI_IF(__ARM_FEATURE_SVE_MATMUL_INT8, _svei8mm), \
                  DETENT_ABI_IF(__ARM_FEATURE_SME, _sme), DETENT_ABI_SVE_BITS, )
// The vectors of -msve-vector-bits, which are then the only ones that fit.
#if defined(__ARM_FEATURE_SVE_BITS) && __ARM_FEATURE_SVE_BITS > 0
#define DETENT_ABI_SVE_BITS DETENT_ABI_JOIN(_by, __ARM_FEATURE_SVE_BITS, , , , , , )
#else
#define DETENT_ABI_SVE_BITS
#endif
#define DETENT_ABI_NUMBERS                                                     \
  DETENT_ABI_JOIN(DETENT_ABI_IF(__ARM_FEATURE_DOTPROD, _dotprod),              \
                  DETENT_ABI_IF(__ARM_FEATURE_QRDMX, _qrdmx),                  \
                  DETENT_ABI_IF(__ARM_FEATURE_MATMUL_INT8, _i8mm),             \
                  DETENT_ABI_IF(__ARM_FEATURE_FP16_SCALAR_ARITHMETIC, _fp16s), \
                  DETENT_ABI_IF(__ARM_FEATURE_FP16_VECTOR_ARITHMETIC, _fp16),  \
                  DETENT_ABI_IF(__ARM_FEATURE_FP16_FML, _fp16fml),             \
                  DETENT_ABI_IF(__ARM_FEATURE_BF16_VECTOR_ARITHMETIC, _bf16),  \
                  DETENT_ABI_IF(__ARM_FEATURE_COMPLEX, _complex))
#define DETENT_ABI_SCALAR                                                                       \
  DETENT_ABI_JOIN(                                                                              \
      DETENT_ABI_IF(__ARM_FEATURE_ATOMICS, _atomics), DETENT_ABI_IF(__ARM_FEATURE_RCPC, _rcpc), \
      DETENT_ABI_IF(__ARM_FEATURE_FRINT, _frint), DETENT_ABI_IF(__ARM_FEATURE_JCVT, _jcvt),     \
      DETENT_ABI_IF(__ARM_FEATURE_MOPS, _mops), DETENT_ABI_IF(__ARM_FEATURE_CSSC, _cssc),       \
      DETENT_ABI_IF(__ARM_FEATURE_CRC32, _crc), )
#define DETENT_ABI_PROCESSOR \
  DETENT_ABI_JOIN(DETENT_ABI_VECTOR, DETENT_ABI_NUMBERS, DETENT_ABI_SCALAR, , , , , )
#else
#define DETENT_ABI_PROCESSOR
#endif

#define DETENT_ABI_MATH                                                                  \
  DETENT_ABI_JOIN(                                                                       \
      DETENT_ABI_IF(__FAST_MATH__, _fast), DETENT_ABI_IF(__FINITE_MATH_ONLY__, _finite), \
      DETENT_ABI_IF(__ASSOCIATIVE_MATH__, _associative),                                 \
      DETENT_ABI_IF(__RECIPROCAL_MATH__, _reciprocal),                                   \
      DETENT_ABI_IF(__NO_SIGNED_ZEROS__, _unsigned_zero),                                \
      DETENT_ABI_IF(__ROUNDING_MATH__, _rounding), DETENT_ABI_EVALUATION, DETENT_ABI_IEEE)
// 2 where x87 computes, below 0 where it may.
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ == 2
#define DETENT_ABI_EVALUATION _x87
#elif defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ < 0
#define DETENT_ABI_EVALUATION _mixed
#else
#define DETENT_ABI_EVALUATION
#endif
// GCC's -fsingle-precision-constant and the like.
#if defined(__GCC_IEC_559) && __GCC_IEC_559 == 0
#define DETENT_ABI_IEEE _inexact
#else
#define DETENT_ABI_IEEE
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

// The standard library's containers of -D_GLIBCXX_DEBUG have another layout.
#if defined(_GLIBCXX_DEBUG)
#define DETENT_ABI_LIBRARY _debug
#else
#define DETENT_ABI_LIBRARY
#endif
#if !defined(DETENT_ABI_EXTRA)
#define DETENT_ABI_EXTRA
#endif

#define DETENT_ABI                                                                    \
  DETENT_ABI_JOIN(v0_1, DETENT_ABI_PROCESSOR, DETENT_ABI_MATH, DETENT_ABI_EXCEPTIONS, \
                  DETENT_ABI_DISPATCH, DETENT_ABI_LIBRARY, DETENT_ABI_EXTRA, )

#endif
