// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The main function of every benchmark: refuses to run without optimization or with assertions.

#include <benchmark/benchmark.h>

#include <bench/support/optimized.hpp>
#include <vector>

int main(int argc, char** argv) {
  if (bench::refuses_debug()) return 2;
  // Short runs by default, several of them; flags given by the user come later and win.
  char time[] = "--benchmark_min_time=0.05", repetitions[] = "--benchmark_repetitions=3",
       aggregates[] = "--benchmark_report_aggregates_only=true";
  std::vector<char*> arguments{argv[0], time, repetitions, aggregates};
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
