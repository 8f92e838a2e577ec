// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Layers: the 161 tensors of ResNet-50 in one call beside one flat tensor of the same total, and
// the axpy of the same bytes.

#include <benchmark/benchmark.h>

#include <bench/support/resnet50.hpp>
#include <bench/support/same_bytes.hpp>
#include <cstdint>
#include <string>

namespace {

using bench::resnet50;

template <class F>
void enroll(char const* name, std::int64_t bytes, F f) {
  for (int const threads : bench::thread_counts) {
    auto const full = std::string("resnet50/") + name + "/threads:" + std::to_string(threads);
    auto const run = [=](benchmark::State& state) {
      resnet50 network(threads);
      for (auto _ : state) {
        f(network);
        benchmark::ClobberMemory();
      }
      state.SetBytesProcessed(state.iterations() * bytes *
                              static_cast<std::int64_t>(bench::resnet50_weights));
    };
    benchmark::RegisterBenchmark(full.c_str(), run)->UseRealTime()->Iterations(5);
  }
}

bool enroll_all() {
  enroll("accumulate/layers", 12, [](resnet50& n) { n.accumulate(); });
  enroll("accumulate/flat", 12, [](resnet50& n) { bench::accumulate(bench::bounded())(n.flat()); });
  enroll("accumulate/axpy", 12, [](resnet50& n) { bench::axpy(n.flat()); });
  enroll("penalty/layers", 4, [](resnet50& n) { n.penalty(); });
  enroll("penalty/flat", 4, [](resnet50& n) { bench::penalty(bench::bounded())(n.flat()); });
  enroll("penalty/sum", 4, [](resnet50& n) { bench::sum(n.flat()); });
  enroll("quantize/layers", 8, [](resnet50& n) { n.quantize(); });
  enroll("quantize/flat", 8, [](resnet50& n) { bench::quantize(bench::rounding())(n.flat()); });
  enroll("quantize/scaled_copy", 8, [](resnet50& n) { bench::scaled_copy(n.flat()); });
  return true;
}

[[maybe_unused]] bool const enrolled = enroll_all();

}  // namespace
