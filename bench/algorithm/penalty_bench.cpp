// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// penalty beside a sum of the same bytes, the loop with std::sin and the Eigen expression.

#include <bench/support/eigen_expressions.hpp>
#include <bench/support/enroll.hpp>
#include <bench/support/methods.hpp>
#include <bench/support/raw_loops.hpp>
#include <bench/support/same_bytes.hpp>

namespace {

struct enroll_all {
  template <class T>
  void operator()() const {
    double const bytes = sizeof(T);
    auto const add = [=](char const* name, auto f) { bench::enroll_threads<T>(name, bytes, f); };
    add("penalty/bounded", bench::penalty(bench::bounded()));
    add("penalty/periodic", bench::penalty(bench::periodic()));
    add("penalty/tanh", bench::penalty(bench::through_tanh()));
    add("penalty/lambda", bench::penalty(bench::lambda()));
    if constexpr (sizeof(T) > 2) {
      add("sum", bench::sum<T>);
      bench::enroll<T>("std_sin_loop", 1, bytes, bench::raw::penalty<T>, 22);
      bench::enroll<T>("eigen", 1, bytes, [](auto& t) { return bench::eigen::penalty(t); });
    }
  }
};

[[maybe_unused]] bool const enrolled =
    (bench::for_each_type(bench::elements(), enroll_all()), true);

}  // namespace
