// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// reduce beside a sum of the same bytes, the plain loop and the Eigen expression.

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
    add("reduce/magnitude", bench::reduce(detent::magnitude()));
    add("reduce/moments", bench::reduce(detent::moments()));
    add("reduce/quantization_error", bench::reduce(detent::quantization_error(bench::rounding())));
    add("reduce/histogram", bench::reduce(detent::histogram<64>(-1.1, 1.1)));
    if constexpr (sizeof(T) > 2) {
      add("sum", bench::sum<T>);
      bench::enroll<T>("plain_loop", 1, bytes, bench::raw::reduce<T>, 22);
      bench::enroll<T>("eigen", 1, bytes, [](auto& t) { return bench::eigen::reduce(t); });
    }
  }
};

[[maybe_unused]] bool const enrolled =
    (bench::for_each_type(bench::elements(), enroll_all()), true);

}  // namespace
