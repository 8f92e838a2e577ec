// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The loops that move the same bytes as a verb and do next to nothing else.

#include <array>
#include <bench/support/tensors.hpp>
#include <cstddef>
#include <detent/config.hpp>
#include <detent/execution/isa.hpp>

// Vectorized whatever the flags and as wide as the library's own loops: a loop that g++ -O2 leaves
// in scalar form would flatter us.
#if defined(__clang__) || !defined(__GNUC__)
#define BENCH_OPTIMIZED
#else
#define BENCH_OPTIMIZED , flatten, optimize("O3")
#endif
#if defined(__GNUC__)
#define BENCH_INLINED __attribute__((always_inline))
#else
#define BENCH_INLINED
#endif

namespace bench {

namespace detail {

#if DETENT_ISA_DISPATCH
template <class F>
__attribute__((noinline,
               target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma") BENCH_OPTIMIZED)) void
call_avx512(F f, std::size_t first, std::size_t last) {
  f(first, last);
}
template <class F>
__attribute__((noinline, target("avx2,fma") BENCH_OPTIMIZED)) void call_avx2(F f, std::size_t first,
                                                                             std::size_t last) {
  f(first, last);
}
#endif

/// f(first, last) on every thread's part, compiled for the instruction set that the library uses.
template <class F>
void run_fast(int threads, std::size_t size, F f) {
  split(threads, size, [f](std::size_t first, std::size_t last) {
#if DETENT_ISA_DISPATCH
    if (detent::active_isa() == detent::isa::avx512) return call_avx512(f, first, last);
    if (detent::active_isa() == detent::isa::avx2) return call_avx2(f, first, last);
#endif
    f(first, last);
  });
}

/// Σ x in four streams, which hide the latency of the additions.
template <class T>
BENCH_INLINED inline T sum_of(T const* x, std::size_t size) {
  std::size_t const quarter = size / 4;
  T a = 0, b = 0, c = 0, d = 0;
#if defined(_OPENMP)
#pragma omp simd reduction(+ : a, b, c, d)
#endif
  for (std::size_t i = 0; i < quarter; ++i) {
    a += x[i];
    b += x[quarter + i];
    c += x[2 * quarter + i];
    d += x[3 * quarter + i];
  }
  return a + b + c + d;
}

}  // namespace detail

/// g += a·w: what accumulate moves.
template <class T>
void axpy(tensors<T>& t) {
  detail::run_fast(t.threads, t.size(),
                   [w = t.w.data(), g = t.g.data()](std::size_t first, std::size_t last)
                       BENCH_INLINED {
                         DETENT_INDEPENDENT
                         for (std::size_t i = first; i < last; ++i)
                           g[i] += T(1e-3) * w[i];
                       });
}

/// g += w·other: what backward moves.
template <class T>
void multiply_add(tensors<T>& t) {
  detail::run_fast(t.threads, t.size(),
                   [w = t.w.data(), x = t.other.data(), g = t.g.data()](
                       std::size_t first, std::size_t last) BENCH_INLINED {
                     DETENT_INDEPENDENT
                     for (std::size_t i = first; i < last; ++i)
                       g[i] += w[i] * x[i];
                   });
}

/// other = a·w: what quantize moves.
template <class T>
void scaled_copy(tensors<T>& t) {
  detail::run_fast(t.threads, t.size(),
                   [w = t.w.data(), x = t.other.data()](std::size_t first, std::size_t last)
                       BENCH_INLINED {
                         DETENT_INDEPENDENT
                         for (std::size_t i = first; i < last; ++i)
                           x[i] = T(0.999) * w[i];
                       });
}

/// other *= -1: what snap moves.
template <class T>
void scale_in_place(tensors<T>& t) {
  detail::run_fast(t.threads, t.size(),
                   [x = t.other.data()](std::size_t first, std::size_t last) BENCH_INLINED {
                     DETENT_INDEPENDENT
                     for (std::size_t i = first; i < last; ++i)
                       x[i] *= T(-1);
                   });
}

/// Σ w: what penalty and reduce move.
template <class T>
void sum(tensors<T>& t) {
  detail::run_fast(t.threads, t.size(),
                   [w = t.w.data(), x = t.g.data()](std::size_t first, std::size_t last)
                       BENCH_INLINED { x[first] = detail::sum_of(w + first, last - first); });
}

}  // namespace bench
