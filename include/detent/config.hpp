// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Every macro of the library but DETENT_ABI and DETENT_ABI_EXTRA. Each can be defined before
// inclusion.

// First: it tells the program's own definition of DETENT_ISA_DISPATCH from the default.
#include <detent/abi.hpp>

/// Marks what host and device code may both call. On the host it is inlined in any case: the loops
/// are compiled for several instruction sets, and what they call must be compiled with them.
#ifndef DETENT_HD
#if defined(__CUDACC__)
#define DETENT_HD __host__ __device__
#elif defined(__GNUC__)
#define DETENT_HD __attribute__((always_inline))
#else
#define DETENT_HD
#endif
#endif

/// Marks the loops and the functors that call a user's code, all of which must be inlined into the
/// instance of the loop for an instruction set. In Clang, flatten reaches one call deep. In GCC it
/// reaches all from the instance, but not what an always_inline function calls.
#ifndef DETENT_LOOP
#if defined(__clang__) && !defined(__CUDACC__)
#define DETENT_LOOP __attribute__((always_inline, flatten))
#elif defined(__GNUC__) && !defined(__CUDACC__)
#define DETENT_LOOP
#else
#define DETENT_LOOP DETENT_HD
#endif
#endif

/// The same for loops that only the host has, and that call what a device need not know.
#ifndef DETENT_HOST_LOOP
#if defined(__CUDACC__)
#define DETENT_HOST_LOOP
#else
#define DETENT_HOST_LOOP DETENT_LOOP
#endif
#endif

/// The architecture while code for a device is compiled (900 for sm_90), else 0.
#ifndef DETENT_DEVICE_CODE
#if defined(__CUDA_ARCH__)
#define DETENT_DEVICE_CODE __CUDA_ARCH__
#else
#define DETENT_DEVICE_CODE 0
#endif
#endif

/// Stand before a loop of a device kernel whose iterations are to be written out, so that its
/// arrays are registers, and before one that is to stay a loop.
#ifndef DETENT_UNROLL
#if DETENT_DEVICE_CODE
#define DETENT_UNROLL _Pragma("unroll")
#define DETENT_ROLL _Pragma("unroll 1")
#else
#define DETENT_UNROLL
#define DETENT_ROLL
#endif
#endif

/// 1 where the loops choose AVX2 or AVX-512 at run time (GCC and Clang on x86-64), else 0.
#ifndef DETENT_ISA_DISPATCH
#if defined(__x86_64__) && defined(__GNUC__)
#define DETENT_ISA_DISPATCH 1
#else
#define DETENT_ISA_DISPATCH 0
#endif
#endif

/// Stands before a loop whose iterations touch different elements, so that it may be vectorized.
/// Clang checks for overlap at run time at no measurable cost, and warns where the pragma fails.
#ifndef DETENT_INDEPENDENT
#if defined(__GNUC__) && !defined(__clang__)
#define DETENT_INDEPENDENT _Pragma("GCC ivdep")
#else
#define DETENT_INDEPENDENT
#endif
#endif

/// Throws an exception, or ends the program where the compiler has none (-fno-exceptions): the
/// message then goes to stderr. A definition of your own must not return. `exception` is an object
/// with `what()`. Define it alike in all files of a program, or set DETENT_ABI_EXTRA apart.
#ifndef DETENT_THROW
#if defined(__cpp_exceptions)
#define DETENT_THROW(exception) throw exception
#else
#define DETENT_THROW(exception) ::detent::detail::abort_with((exception).what())
#endif
#endif
