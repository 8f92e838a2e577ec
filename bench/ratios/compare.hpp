// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Ratios on a machine that others use too: candidates take turns, and the best of each counts.

#include <algorithm>
#include <bench/ratios/options.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <detent/execution/isa.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace bench {

/// Keeps a result from being optimized away.
template <class T>
void keep(T const& x) {
#if defined(__GNUC__)
  asm volatile("" : : "r"(&x) : "memory");
#else
  static T volatile sink = x;
#endif
}

template <class F>
void call(F& f) {
  if constexpr (std::is_void_v<decltype(f())>) {
    f();
  } else {
    keep(f());
  }
}

/// Seconds a call, over so many calls.
template <class F>
double seconds_of(F& f, std::int64_t calls) {
  using clock = std::chrono::steady_clock;
  auto const begin = clock::now();
  for (std::int64_t i = 0; i < calls; ++i)
    call(f);
  return std::chrono::duration<double>(clock::now() - begin).count() / static_cast<double>(calls);
}

/// Calls that take about a tenth of a millisecond; the first, which allocates, is left out.
template <class F>
std::int64_t calls_of(F& f) {
  call(f);
  double const one = std::max(1e-9, std::min(seconds_of(f, 1), seconds_of(f, 1)));
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(1e-4 / one));
}

inline double median_of(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x.size() % 2 == 1 ? x[x.size() / 2] : (x[x.size() / 2 - 1] + x[x.size() / 2]) / 2;
}
inline double least_of(std::vector<double> const& x) {
  return *std::min_element(x.begin(), x.end());
}

/// What a row of the output is about.
struct subject {
  std::string group, name, reference, type;
  std::size_t weights;
  int threads;
  double bytes;  ///< moved a weight; 0 where it does not matter
};

/// Measures `ours` against `reference`, turn by turn, and prints a line of JSON.
///
///     ns, reference_ns             the best of all rounds, nanoseconds a weight
///     ratio                        reference_ns/ns: above 1 is faster than the reference
///     ns_median, ratio_median      medians over the rounds
template <class Ours, class Reference>
void compare(options const& o, subject const& s, Ours ours, Reference reference) {
  std::int64_t const our_calls = calls_of(ours), reference_calls = calls_of(reference);
  std::vector<double> our_times, reference_times, ratios;
  for (int round = 0; round < o.rounds_of(s.weights); ++round) {
    reference_times.push_back(seconds_of(reference, reference_calls));
    our_times.push_back(seconds_of(ours, our_calls));
    ratios.push_back(reference_times.back() / our_times.back());
  }
  double const scale = 1e9 / static_cast<double>(s.weights);
  double const ns = scale * least_of(our_times), reference_ns = scale * least_of(reference_times);
  char const* const isas[] = {"baseline", "avx2", "avx512"};
  std::printf(
      "%s\n{\"group\": \"%s\", \"name\": \"%s\", \"reference\": \"%s\", \"type\": \"%s\", "
      "\"isa\": \"%s\", \"weights\": %zu, \"threads\": %d, \"bytes\": %g, \"ns\": %.5g, "
      "\"ns_median\": %.5g, \"reference_ns\": %.5g, \"ratio\": %.5g, \"ratio_median\": %.5g}",
      o.separator(), s.group.c_str(), s.name.c_str(), s.reference.c_str(), s.type.c_str(),
      isas[static_cast<int>(detent::active_isa())], s.weights, s.threads, s.bytes, ns,
      scale * median_of(our_times), reference_ns, reference_ns / ns, median_of(ratios));
  std::fflush(stdout);
}

}  // namespace bench
