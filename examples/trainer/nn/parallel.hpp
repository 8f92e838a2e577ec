// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Loops over threads whose results do not depend on the number of threads.

#include <algorithm>
#include <detent/execution/policy.hpp>
#include <type_traits>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace detent_trainer {

/// The execution policy for a number of threads.
#ifdef _OPENMP
inline detent::openmp_policy policy_for(int threads) {
  return detent::openmp_policy{threads};
}
#else
inline detent::seq_policy policy_for(int) {
  return detent::seq;
}
#endif

/// Parts of a batch, whatever the number of threads: sums over a batch are made per shard and
/// combined in the order of the shards.
inline constexpr int shards = 8;

/// Calls f(index), or f(index, worker) with worker < threads, for every index below count.
///
/// Calls must not depend on each other nor throw. Serial without OpenMP, or with one thread: then
/// models in threads of the caller's own never meet.
template <class F>
void parallel_for(int count, [[maybe_unused]] int threads, F f) {
  const auto call = [&f](int index, [[maybe_unused]] int worker) {
    if constexpr (std::is_invocable_v<F, int, int>) {
      f(index, worker);
    } else {
      f(index);
    }
  };
#ifdef _OPENMP
  if (threads > 1 && count > 0) {
    // OpenMP's runtime ends the program where the system has no more threads.
    const int team = std::min(threads, count);
#pragma omp parallel for num_threads(team) schedule(dynamic)
    for (int index = 0; index < count; ++index)
      call(index, omp_get_thread_num());
    return;
  }
#endif
  for (int index = 0; index < count; ++index)
    call(index, 0);
}

/// Cuts [0, count) into `shards` ranges of nearly equal length and calls f(begin, end, shard), or
/// f(begin, end, shard, worker), for each that is not empty.
template <class F>
void for_each_shard(int count, int threads, F f) {
  parallel_for(shards, threads, [count, &f](int shard, [[maybe_unused]] int worker) {
    const int begin = static_cast<int>(static_cast<long long>(count) * shard / shards);
    const int end = static_cast<int>(static_cast<long long>(count) * (shard + 1) / shards);
    if (begin == end) return;
    if constexpr (std::is_invocable_v<F, int, int, int, int>) {
      f(begin, end, shard, worker);
    } else {
      f(begin, end, shard);
    }
  });
}

}  // namespace detent_trainer
