// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Every verb on one tensor and on layers under a policy, compared bit for bit with one thread.

#include <cstddef>
#include <detent/execution/policy.hpp>
#include <detent/regularizer/term.hpp>
#include <functional>

namespace every_verb {

/// A penalty with a parameter, so that all sums are compared.
struct learned {
  static constexpr int parameters = 1;
  template <class T>
  DETENT_HD detent::term<T, 1> operator()(T w) const noexcept {
    T const square = w * w;
    return {square, T(2) * w, {square * w}};
  }
};

/// An executor of any type: the verbs are compiled for this one, once for all tests.
class any_executor {
 public:
  template <detent::executor Executor>
  explicit any_executor(Executor& executor)
      : bulk_(
            [&executor](std::size_t count, chunk_function const& f) { executor.bulk(count, f); }) {}

  using chunk_function = std::function<void(std::size_t)>;
  void bulk(std::size_t count, chunk_function const& f) { bulk_(count, f); }

 private:
  std::function<void(std::size_t, chunk_function const&)> bulk_;
};

/// Checks tensors without, with one and with many chunks.
void check_same_as_seq(any_executor executor);
#if defined(_OPENMP)
void check_same_as_seq(detent::openmp_policy const& policy);
#endif

}  // namespace every_verb
