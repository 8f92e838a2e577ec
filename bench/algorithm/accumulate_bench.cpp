// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// accumulate beside what it must be measured against: the loop one would write with std::sin, and
// an axpy that moves the same bytes.

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <vector>

namespace {

struct tensor {
  std::vector<float> w, g;

  explicit tensor(std::int64_t size)
      : w(static_cast<std::size_t>(size)), g(static_cast<std::size_t>(size)) {
    std::uint32_t state = 1;
    for (float& x : w) {
      state = state * 1664525u + 1013904223u;
      x = 1.1f * (2.0f * static_cast<float>(state >> 8) / 16777216.0f - 1.0f);
    }
  }
};

/// Reads w, reads and writes g.
void declare(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * state.range(0) * 12);
  state.counters["weights"] = benchmark::Counter(
      static_cast<double>(state.iterations() * state.range(0)), benchmark::Counter::kIsRate);
}

template <class R>
void accumulate(benchmark::State& state, R reg) {
  tensor t(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(detent::accumulate(reg, t.w, t.g, 1e-3).value);
    benchmark::ClobberMemory();
  }
  declare(state);
}

/// Vectorized whatever the flags: an axpy that g++ -O2 leaves in scalar form would flatter us.
#if defined(__x86_64__)
__attribute__((noinline, target("avx2,fma")
#if !defined(__clang__)
                             ,
               optimize("O3")
#endif
                   ))
#endif
void axpy_loop(float const* w, float* g, std::size_t size) {
#if !defined(__clang__)
#pragma GCC ivdep
#endif
  for (std::size_t i = 0; i < size; ++i)
    g[i] += 1e-3f * w[i];
}

void axpy(benchmark::State& state) {
  tensor t(state.range(0));
  for (auto _ : state) {
    axpy_loop(t.w.data(), t.g.data(), t.w.size());
    benchmark::ClobberMemory();
  }
  declare(state);
}

void std_sin_loop(benchmark::State& state) {
  tensor t(state.range(0));
  float const pi = 3.14159265f, step = 2.0f / 7.0f;
  for (auto _ : state) {
    double value = 0;
    for (std::size_t i = 0; i < t.w.size(); ++i) {
      float const u = pi * (t.w[i] / step - 0.5f);
      value += static_cast<double>(std::sin(u) * std::sin(u));
      t.g[i] += 1e-3f * pi / step * std::sin(2 * u);
    }
    benchmark::DoNotOptimize(value);
    benchmark::ClobberMemory();
  }
  declare(state);
}

detent::uniform<double> grid() {
  return detent::dorefa_grid(detent::bits{3});
}

void sinusoidal_bounded(benchmark::State& state) {
  accumulate(state, detent::sinusoidal{grid()});
}
void sinusoidal_periodic(benchmark::State& state) {
  accumulate(state, detent::sinusoidal<detent::extent::periodic>{grid()});
}
void sinusoidal_through_tanh(benchmark::State& state) {
  accumulate(state, detent::through(detent::tanh_domain{}, detent::sinusoidal{grid()}));
}
void one_line_lambda(benchmark::State& state) {
  accumulate(state, detent::differentiate([](auto w) { return sinpi_squared(w * 3.5f - 0.5f); }));
}

void sizes(benchmark::internal::Benchmark* b) {
  for (int power = 10; power <= 26; power += 4)
    b->Arg(std::int64_t{1} << power);
}

BENCHMARK(axpy)->Apply(sizes);
BENCHMARK(sinusoidal_bounded)->Apply(sizes);
BENCHMARK(sinusoidal_periodic)->Apply(sizes);
BENCHMARK(sinusoidal_through_tanh)->Apply(sizes);
BENCHMARK(one_line_lambda)->Apply(sizes);
BENCHMARK(std_sin_loop)->Arg(1 << 10)->Arg(1 << 18)->Arg(1 << 22);

}  // namespace
