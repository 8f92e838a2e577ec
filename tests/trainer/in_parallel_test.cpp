// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The loop of threads: every index once, failures, and systems that have no more threads.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <trainer/in_parallel.hpp>
#include <vector>

namespace {

using detent_trainer::in_parallel;

/// Makes so many threads, then throws.
template <class Failure>
struct few_threads {
  int left;
  Failure failure;

  template <class F>
  std::thread operator()(F& f) {
    if (left-- == 0) throw failure;
    return std::thread(std::ref(f));
  }
};

/// How often f was called for each index.
template <class... Start>
std::vector<int> calls(std::size_t count, std::size_t jobs, Start... start) {
  std::vector<std::atomic<int>> times(count);
  in_parallel(
      count, jobs, [&](std::size_t i) { ++times[i]; }, start...);
  return {times.begin(), times.end()};
}

}  // namespace

TEST_CASE("in_parallel: every index once, with any number of jobs") {
  for (const std::size_t jobs : {0UL, 1UL, 2UL, 7UL, 100000UL}) {
    for (const std::size_t count : {0UL, 1UL, 5UL, 40UL})
      CHECK(calls(count, jobs) == std::vector<int>(count, 1));
  }
}

TEST_CASE("in_parallel: where no more threads can be made, those that there are do the work") {
  const std::system_error no_thread(
      std::make_error_code(std::errc::resource_unavailable_try_again));
  for (const int made : {0, 1, 3}) {
    CHECK(calls(20, 8, few_threads<std::system_error>{made, no_thread}) == std::vector<int>(20, 1));
    CHECK(calls(20, 8, few_threads<std::bad_alloc>{made, {}}) == std::vector<int>(20, 1));
  }
}

TEST_CASE("in_parallel: the first exception comes out once every thread has ended") {
  std::atomic<int> called = 0;
  CHECK_THROWS_WITH_AS(in_parallel(1000, 4,
                                   [&](std::size_t i) {
                                     ++called;
                                     if (i == 3) throw std::runtime_error("third");
                                     // Time for a thread that waits for a processor to throw.
                                     if (i > 3)
                                       std::this_thread::sleep_for(std::chrono::milliseconds(1));
                                   }),
                       "third", std::runtime_error);
  CHECK(called < 1000);
}
