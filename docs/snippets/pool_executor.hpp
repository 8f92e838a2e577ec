// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// An executor over a thread pool: anything with `post(function)`.

#include <atomic>
#include <cstddef>
#include <memory>

/// `detent::on(executor)` shares the chunks between the calling thread and `helpers` of the pool's.
///
/// The caller does what the pool does not come to, so a busy pool delays nothing, and a call from
/// one of the pool's own threads cannot wait for itself.
template <class Pool>
struct pool_executor {
  Pool& pool;
  int helpers;

  template <class F>
  void bulk(std::size_t count, F f) {
    struct shared {  // a helper may begin after the call has ended, and then find nothing left
      std::atomic<std::size_t> next{0}, done{0};
    };
    auto const work = [f, count, s = std::make_shared<shared>()] {
      for (std::size_t i; (i = s->next++) < count;) {
        f(i);
        if (++s->done == count) s->done.notify_one();
      }
      return s;
    };
    for (int h = 0; h < helpers; ++h)
      pool.post(work);
    auto const s = work();
    for (std::size_t done; (done = s->done) < count;)
      s->done.wait(done);
  }
};
