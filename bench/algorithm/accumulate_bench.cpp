// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// accumulate beside the axpy of the same bytes, the loop with std::sin and the Eigen expression.

#include <bench/support/eigen_expressions.hpp>
#include <bench/support/enroll.hpp>
#include <bench/support/methods.hpp>
#include <bench/support/raw_loops.hpp>
#include <bench/support/same_bytes.hpp>

namespace {

struct enroll_all {
  template <class T>
  void operator()() const {
    double const bytes = sizeof(T) + 2 * sizeof(bench::gradient_of<T>);
    auto const add = [=](char const* name, auto f) { bench::enroll_threads<T>(name, bytes, f); };
    add("accumulate/bounded", bench::accumulate(bench::bounded()));
    add("accumulate/periodic", bench::accumulate(bench::periodic()));
    add("accumulate/tanh", bench::accumulate(bench::through_tanh()));
    add("accumulate/lambda", bench::accumulate(bench::lambda()));
    add("accumulate/hand_written", bench::accumulate(bench::hand_written()));
    if constexpr (sizeof(T) > 2) {
      add("axpy", bench::axpy<T>);
      bench::enroll<T>("std_sin_loop", 1, bytes, bench::raw::accumulate<T>, 22);
      bench::enroll<T>("eigen", 1, bytes, [](auto& t) { return bench::eigen::accumulate(t); });
    }
  }
};

[[maybe_unused]] bool const enrolled =
    (bench::for_each_type(bench::elements(), enroll_all()), true);

}  // namespace
