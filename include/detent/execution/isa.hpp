// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// isa: which vector instructions the loops use, chosen once a process.

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <detent/config.hpp>
#include <string_view>

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

inline isa isa_from_environment() noexcept {
  char const* const wanted = std::getenv("DETENT_ISA");
  if (wanted == nullptr) return isa::avx512;
  if (std::string_view(wanted) == "baseline") return isa::baseline;
  return std::string_view(wanted) == "avx2" ? isa::avx2 : isa::avx512;
}

inline std::atomic<isa>& isa_setting() noexcept {
  static std::atomic<isa> setting{std::min(supported_isa(), isa_from_environment())};
  return setting;
}

}  // namespace detail

/// The instruction set in use: the best one, unless the environment variable DETENT_ISA
/// (baseline, avx2, avx512) or `limit_isa` asks for less.
inline isa active_isa() noexcept {
  return detail::isa_setting().load(std::memory_order_relaxed);
}

/// Uses at most `wanted` from now on; never more than the machine has. For tests and measurements.
inline void limit_isa(isa wanted) noexcept {
  detail::isa_setting().store(std::min(supported_isa(), wanted), std::memory_order_relaxed);
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
