// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// isa: which vector instructions the loops use, chosen once a process.

#include <atomic>
#include <cstdlib>
#include <detent/config.hpp>

// What all objects of a program share, whatever their flags: data alone, initialized at compile
// time. Code may not stand here.
namespace detent::shared {

inline constexpr int not_limited_yet = -1;
inline constinit std::atomic<int> isa_limit{not_limited_yet};

}  // namespace detent::shared

namespace detent::inline DETENT_ABI {

/// Instruction sets a loop is compiled for. The results are the same bits on all of them.
enum class isa : int {
  baseline,  ///< what the translation unit is compiled for
  avx2,      ///< AVX2 and FMA
  avx512,    ///< AVX-512 F, DQ, VL, BW
};

/// The best instruction set of this machine.
inline isa supported_isa() noexcept {
#if DETENT_ISA_DISPATCH
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return isa::baseline;
  bool const wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  return wide ? isa::avx512 : isa::avx2;
#else
  return isa::baseline;
#endif
}

namespace detail {

inline bool is_text(char const* a, char const* b) noexcept {
  while (*a != 0 && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

inline isa isa_from_environment() noexcept {
  char const* const wanted = std::getenv("DETENT_ISA");
  if (wanted == nullptr) return isa::avx512;
  if (is_text(wanted, "baseline")) return isa::baseline;
  return is_text(wanted, "avx2") ? isa::avx2 : isa::avx512;
}

inline isa lower_isa(isa a, isa b) noexcept {
  return a < b ? a : b;
}

/// The most that may be used; the environment is asked at the first call.
inline isa isa_limit() noexcept {
  int limit = shared::isa_limit.load(std::memory_order_relaxed);
  if (limit == shared::not_limited_yet) {
    int const wanted = static_cast<int>(isa_from_environment());
    // Another thread may have limited it meanwhile.
    if (shared::isa_limit.compare_exchange_strong(limit, wanted)) limit = wanted;
  }
  return static_cast<isa>(limit);
}

}  // namespace detail

/// The instruction set in use: the best one, unless the environment variable DETENT_ISA
/// (baseline, avx2, avx512) or `limit_isa` asks for less.
inline isa active_isa() noexcept {
  return detail::lower_isa(supported_isa(), detail::isa_limit());
}

/// Uses at most `wanted` from now on; never more than the machine has. For tests and measurements.
/// It holds for the whole program, for objects with other compiler flags too.
inline void limit_isa(isa wanted) noexcept {
  shared::isa_limit.store(static_cast<int>(wanted), std::memory_order_relaxed);
}

namespace detail {

#if defined(__GNUC__)
template <class F>
__attribute__((noinline, flatten)) void call_baseline(F const& f) noexcept {
  f();
}
#else
template <class F>
void call_baseline(F const& f) noexcept {
  f();
}
#endif

#if DETENT_ISA_DISPATCH
template <class F>
__attribute__((noinline, flatten, target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"))) void
call_avx512(F const& f) noexcept {
  f();
}
template <class F>
__attribute__((noinline, flatten, target("avx2,fma"))) void call_avx2(F const& f) noexcept {
  f();
}
#endif

/// Calls f(), compiled for the given instruction set: f and what it calls is inlined there.
/// What lies between here and a user's functor must not be always_inline: GCC would then optimize
/// the functor too late to inline it, and a call left in the loop keeps it from vectorizing.
template <class F>
void call_with(isa level, F const& f) noexcept {
#if DETENT_ISA_DISPATCH
  if (level == isa::avx512) return call_avx512(f);
  if (level == isa::avx2) return call_avx2(f);
#endif
  static_cast<void>(level);
  call_baseline(f);
}

}  // namespace detail
}  // namespace detent::inline DETENT_ABI
