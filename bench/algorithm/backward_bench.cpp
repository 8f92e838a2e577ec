// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// backward beside the multiply-add of the same bytes, the branching loop and the Eigen expression.

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
    double const bytes = 2 * sizeof(T) + 2 * sizeof(bench::gradient_of<T>);
    auto const add = [=](char const* name, auto f) { bench::enroll_threads<T>(name, bytes, f); };
    add("backward/rounding", bench::backward(bench::rounding()));
    add("backward/wrpn", bench::backward(bench::wrpn()));
    add("backward/dorefa", bench::backward(bench::dorefa()));
    if constexpr (std::is_same_v<T, float>) {
      using detent::relaxed_classes;
      add("backward/lsq", bench::backward(bench::lsq()));
      add("backward/semi_relaxed", bench::backward(bench::semi_relaxed()));
      add("backward/semi_relaxed_all",
          bench::backward(bench::semi_relaxed<relaxed_classes::all>()));
      add("backward/relaxed_local", bench::backward(bench::relaxed(true)));
      add("backward/relaxed_full", bench::backward(bench::relaxed(false)));
      add("backward/drop_bits", bench::backward(bench::drop_bits()));
    }
    if constexpr (sizeof(T) > 2) {
      add("multiply_add", bench::multiply_add<T>);
      bench::enroll<T>("branching_loop", 1, bytes, bench::raw::backward<T>, 22);
      bench::enroll<T>("eigen", 1, bytes, [](auto& t) { return bench::eigen::backward(t); });
    }
  }
};

[[maybe_unused]] bool const enrolled =
    (bench::for_each_type(bench::elements(), enroll_all()), true);

}  // namespace
