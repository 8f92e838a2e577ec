// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// quantize beside a scaled copy of the same bytes, the loop with std::nearbyint and the Eigen
// expression.

#include <bench/support/eigen_expressions.hpp>
#include <bench/support/enroll.hpp>
#include <bench/support/methods.hpp>
#include <bench/support/raw_loops.hpp>
#include <bench/support/same_bytes.hpp>
#include <type_traits>

namespace {

struct enroll_all {
  template <class T>
  void operator()() const {
    double const bytes = 2 * sizeof(T);
    auto const add = [=](char const* name, auto f) { bench::enroll_threads<T>(name, bytes, f); };
    add("quantize/rounding", bench::quantize(bench::rounding()));
    add("quantize/wrpn", bench::quantize(bench::wrpn()));
    add("quantize/dorefa", bench::quantize(bench::dorefa()));
    if constexpr (std::is_same_v<T, float>) {
      add("quantize/lsq", bench::quantize(bench::lsq()));
      add("quantize/semi_relaxed", bench::quantize(bench::semi_relaxed()));
      add("quantize/relaxed_local", bench::quantize(bench::relaxed(true)));
      add("quantize/relaxed_full", bench::quantize(bench::relaxed(false)));
      add("quantize/drop_bits", bench::quantize(bench::drop_bits()));
    }
    if constexpr (sizeof(T) > 2) {
      add("scaled_copy", bench::scaled_copy<T>);
      bench::enroll<T>("nearbyint_loop", 1, bytes, bench::raw::quantize<T>, 22);
      bench::enroll<T>("eigen", 1, bytes, [](auto& t) { return bench::eigen::quantize(t); });
    }
  }
};

[[maybe_unused]] bool const enrolled =
    (bench::for_each_type(bench::elements(), enroll_all()), true);

}  // namespace
