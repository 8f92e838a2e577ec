// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Execution policies: who runs the chunks. The answer never depends on it.

#include <concepts>
#include <cstddef>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <type_traits>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace detent::inline DETENT_ABI {

namespace detail {
struct policy_tag {};
}  // namespace detail

/// An execution policy: `bulk(count, f)` calls f(i) once for every i < count, in any order and
/// concurrency, and returns when all are done. f never throws.
template <class P>
concept execution_policy = std::derived_from<std::remove_cvref_t<P>, detail::policy_tag>;

/// On the calling thread.
struct seq_policy : detail::policy_tag {
  template <class F>
  void bulk(std::size_t count, F f) const {
    for (std::size_t i = 0; i < count; ++i)
      f(i);
  }
};
inline constexpr seq_policy seq{};

/// An application's own threads: any object with `bulk(count, f)` as above. docs/snippets holds
/// one for oneTBB (tbb_executor.hpp) and one for a plain thread pool (pool_executor.hpp).
template <class E>
concept executor = requires(E& e, void (*f)(std::size_t)) {
  e.bulk(std::size_t(), f);
};

template <executor E>
class executor_policy : public detail::policy_tag {
 public:
  explicit executor_policy(E& e) noexcept : executor_(&e) {}

  template <class F>
  void bulk(std::size_t count, F f) const {
    if (count > 0) executor_->bulk(count, f);
  }

 private:
  E* executor_;
};

/// Runs the chunks on the given executor, which is kept by reference.
template <executor E>
executor_policy<E> on(E& e) noexcept {
  return executor_policy<E>(e);
}

#if defined(_OPENMP)
/// On OpenMP's threads: as many as given, or as OpenMP decides, but never more than there are
/// chunks, nor than processors where these are more than 64. The results do not depend on their
/// number. Exists where the translation unit is compiled with OpenMP.
class openmp_policy : public detail::policy_tag {
 public:
  constexpr openmp_policy() noexcept = default;
  /// Errors: invalid_argument for less than one thread.
  constexpr explicit openmp_policy(int threads) : threads_(threads) {
    if (threads < 1) detail::require_between(threads, 1, 1 << 20, "threads");
  }

  template <class F>
  void bulk(std::size_t count, F f) const {
    if (count == 0) return;
    auto const end = static_cast<std::ptrdiff_t>(count);
    int const threads = threads_for(count);
#pragma omp parallel for schedule(static) num_threads(threads)
    for (std::ptrdiff_t i = 0; i < end; ++i)
      f(static_cast<std::size_t>(i));
  }

 private:
  static constexpr int many = 64;

  /// OpenMP's runtimes end the program where the system has no more threads.
  int threads_for(std::size_t count) const {
    int threads = threads_ > 0 ? threads_ : omp_get_max_threads();
    if (threads > many) {
      int const processors = omp_get_num_procs();
      int const most = processors > many ? processors : many;
      if (threads > most) threads = most;
    }
    return count < static_cast<std::size_t>(threads) ? static_cast<int>(count) : threads;
  }

  int threads_ = 0;
};
inline constexpr openmp_policy openmp{};
#endif

}  // namespace detent::inline DETENT_ABI
