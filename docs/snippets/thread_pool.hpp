// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// A plain thread pool, as many an application has one.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

/// Threads that run what is posted, in order; the destructor first runs what is left.
class thread_pool {
 public:
  explicit thread_pool(int threads) {
    for (int t = 0; t < threads; ++t)
      team_.emplace_back([this] { run(); });
  }
  ~thread_pool() {
    {
      std::lock_guard const lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    for (std::thread& member : team_)
      member.join();
  }
  thread_pool(thread_pool const&) = delete;
  thread_pool& operator=(thread_pool const&) = delete;

  void post(std::function<void()> task) {
    {
      std::lock_guard const lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closed_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      auto const task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool closed_ = false;
  std::vector<std::thread> team_;
};
