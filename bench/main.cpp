// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The main function of every benchmark: refuses to run without optimization or with assertions.

#include <benchmark/benchmark.h>

#include <cstdio>

#if defined(__OPTIMIZE__) && defined(NDEBUG)
constexpr bool optimized = true;
#else
constexpr bool optimized = false;
#endif

int main(int argc, char** argv) {
  if (!optimized) {
    std::fputs("benchmark: this is a Debug build, its times mean nothing; build Release\n", stderr);
    return 2;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
