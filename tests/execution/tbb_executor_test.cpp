// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The documented adapter for oneTBB: every verb has the bits of one thread.

#include <doctest/doctest.h>

#if !defined(DETENT_TEST_TBB)
TEST_CASE("tbb_executor: needs TBB") {
  MESSAGE("skipped: this build has no TBB for its target");
}
#elif defined(__SANITIZE_THREAD__)
TEST_CASE("tbb_executor: is not for the thread sanitizer") {
  MESSAGE("skipped: TBB's library is not instrumented, so that races are seen where none are");
}
#else

#include <tbb/global_control.h>

#include <atomic>
#include <cstddef>
#include <detent/execution/policy.hpp>
#include <execution/every_verb.hpp>
#include <snippets/tbb_executor.hpp>
#include <vector>

static_assert(detent::executor<tbb_executor>);

namespace {

/// Without it TBB starts no more threads than the machine has processors.
tbb::global_control with_eight_threads() {
  return {tbb::global_control::max_allowed_parallelism, 8};
}

}  // namespace

TEST_CASE("tbb_executor: every verb in arenas of 1 to 8 threads has the bits of one thread") {
  auto const control = with_eight_threads();
  for (int const threads : {1, 2, 8}) {
    tbb::task_arena arena{threads};
    tbb_executor executor{arena};
    every_verb::check_same_as_seq(every_verb::any_executor(executor));
  }
}

TEST_CASE("tbb_executor: calls every index once, in the arena") {
  auto const control = with_eight_threads();
  tbb::task_arena arena{3};
  tbb_executor executor{arena};
  std::vector<std::atomic<int>> calls(1000);
  std::atomic<int> elsewhere{0};
  executor.bulk(calls.size(), [&](std::size_t i) {
    ++calls[i];
    elsewhere += tbb::this_task_arena::max_concurrency() != 3;
  });
  for (auto const& count : calls)
    CHECK(count == 1);
  CHECK(elsewhere == 0);
}
#endif
