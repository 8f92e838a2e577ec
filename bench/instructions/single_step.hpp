// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// single_steps: how often a call executes which instruction, counted by the processor's trap flag.
//
// It counts what the machine runs, AVX-512 included, which callgrind cannot.

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#if defined(__x86_64__) && defined(__linux__)
#include <ucontext.h>
// Set by the linker: where the program begins and where its instructions end.
extern "C" char __executable_start, etext;
#endif

namespace bench {

#if defined(__x86_64__) && defined(__linux__)

struct step_counts {
  long total = 0;
  std::vector<std::uint32_t> at;  ///< by distance from the program's begin; libraries have none
};

namespace detail {

inline step_counts* counts = nullptr;

inline void count_step(int, siginfo_t*, void* context) {
  auto const place = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
  auto const offset =
      static_cast<std::size_t>(place) - reinterpret_cast<std::size_t>(&__executable_start);
  ++counts->total;
  if (offset < counts->at.size()) ++counts->at[offset];
}

}  // namespace detail

/// Executed instructions of f(), with a few of its surroundings: subtract those of an empty f.
template <class F>
__attribute__((noinline)) step_counts single_steps(F const& f) {
  step_counts counts;
  counts.at.resize(static_cast<std::size_t>(&etext - &__executable_start));
  detail::counts = &counts;
  struct sigaction action {};
  action.sa_sigaction = detail::count_step;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, nullptr);
  // The red zone below the stack pointer may hold locals: stay clear of it.
  asm volatile("sub $128, %%rsp; pushfq; orq $0x100, (%%rsp); popfq; add $128, %%rsp" ::
                   : "memory", "cc");
  f();
  asm volatile("sub $128, %%rsp; pushfq; andq $~0x100, (%%rsp); popfq; add $128, %%rsp" ::
                   : "memory", "cc");
  return counts;
}

#else

struct step_counts {
  long total = 0;
  std::vector<std::uint32_t> at;
};

template <class F>
step_counts single_steps(F const&) {
  std::fputs("bench_instructions: step needs Linux on x86-64\n", stderr);
  std::exit(77);
}

#endif

}  // namespace bench
