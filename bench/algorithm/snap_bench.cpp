// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// snap beside a scaling of the same bytes, the loop with std::nearbyint and the Eigen expression.

#include <bench/support/eigen_expressions.hpp>
#include <bench/support/enroll.hpp>
#include <bench/support/methods.hpp>
#include <bench/support/raw_loops.hpp>
#include <bench/support/same_bytes.hpp>

namespace {

struct enroll_all {
  template <class T>
  void operator()() const {
    double const bytes = 2 * sizeof(T);
    auto const add = [=](char const* name, auto f) { bench::enroll_threads<T>(name, bytes, f); };
    add("snap", bench::snap());
    bench::enroll_threads<T>("snap/packed_codes", bytes + 0.375, bench::snap_packed());
    if constexpr (sizeof(T) > 2) {
      add("scale_in_place", bench::scale_in_place<T>);
      bench::enroll<T>("nearbyint_loop", 1, bytes, bench::raw::snap<T>, 22);
      bench::enroll<T>("eigen", 1, bytes, [](auto& t) { return bench::eigen::snap(t); });
    }
  }
};

[[maybe_unused]] bool const enrolled =
    (bench::for_each_type(bench::elements(), enroll_all()), true);

}  // namespace
