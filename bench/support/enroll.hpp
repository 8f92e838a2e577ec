// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// enroll: registers a call for a type, a number of threads and all sizes with Google Benchmark.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <bench/support/tensors.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace bench {

/// From 2²⁴ weights on a call takes so long that a few of them are enough.
inline constexpr int large_power = 24;

/// Calls f(tensors) again and again; the size is the benchmark's argument.
template <class T, class F>
void repeat(benchmark::State& state, int threads, double bytes, F f) {
  auto const size = static_cast<std::size_t>(state.range(0));
  tensors<T> t(size, threads);
  for (auto _ : state) {
    if constexpr (std::is_void_v<decltype(f(t))>) {
      f(t);
    } else {
      benchmark::DoNotOptimize(f(t));
    }
    benchmark::ClobberMemory();
  }
  auto const weights = static_cast<double>(state.iterations()) * static_cast<double>(size);
  state.SetBytesProcessed(static_cast<std::int64_t>(weights * bytes));
  state.counters["weights"] = benchmark::Counter(weights, benchmark::Counter::kIsRate);
}

/// Registers `name/type/threads:n/size` for sizes of 2^10 … 2^most.
///
/// @param  bytes  bytes moved a weight      @param  f  called with `tensors<T>&`
template <class T, class F>
void enroll(std::string const& name, int threads, double bytes, F f, int most = 26) {
  std::string const full = name + '/' + name_of<T> + "/threads:" + std::to_string(threads);
  auto const run = [=](benchmark::State& state) { repeat<T>(state, threads, bytes, f); };
  auto const series = [&](int first, int last) {
    auto* const b = benchmark::RegisterBenchmark(full.c_str(), run)->UseRealTime();
    b->ComputeStatistics(
        "min", [](std::vector<double> const& x) { return *std::min_element(x.begin(), x.end()); });
    for (int power = first; power <= last; power += 2)
      b->Arg(std::int64_t{1} << power);
    return b;
  };
  series(10, std::min(most, large_power - 2));
  if (most >= large_power) series(large_power, most)->Iterations(3);
}

/// The same for every number of threads.
template <class T, class F>
void enroll_threads(std::string const& name, double bytes, F f) {
  for (int const threads : thread_counts)
    enroll<T>(name, threads, bytes, f);
}

}  // namespace bench
