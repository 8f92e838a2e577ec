// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// A loop whose turns run in several threads.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace detent_trainer {

namespace in_parallel_detail {

struct start_thread {
  template <class F>
  std::thread operator()(F& f) const {
    return std::thread(std::ref(f));
  }
};

}  // namespace in_parallel_detail

/// Calls f(index) for every index below count, from at most `jobs` threads, never more than there
/// are indices, the calling thread among them. Where the system refuses a thread, those that there
/// are do the work.
///
/// The first exception ends the rest and is thrown again here.
/// @param  start  makes a thread that calls its argument; tests put one in its place that fails
template <class F, class Start = in_parallel_detail::start_thread>
void in_parallel(std::size_t count, std::size_t jobs, F f, Start start = {}) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        f(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  std::vector<std::thread> threads;
  try {
    threads.reserve(std::min(jobs, count));
    for (std::size_t j = 1; j < std::min(jobs, count); ++j)
      threads.push_back(start(work));
  } catch (const std::system_error&) {  // no more threads: fewer do the same
  } catch (const std::bad_alloc&) {
  }
  work();
  for (auto& t : threads)
    t.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace detent_trainer
