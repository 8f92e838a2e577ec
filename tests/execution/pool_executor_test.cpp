// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The documented adapter for a thread pool: every verb has the bits of one thread.

#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <detent/detent.hpp>
#include <execution/every_verb.hpp>
#include <functional>
#include <snippets/pool_executor.hpp>
#include <snippets/thread_pool.hpp>
#include <support/tensors.hpp>
#include <utility>
#include <vector>

using detent::on;

static_assert(detent::executor<pool_executor<thread_pool>>);

TEST_CASE("pool_executor: every verb on 1 to 16 threads has the bits of one thread") {
  for (int const threads : {1, 2, 8, 16}) {
    thread_pool pool{threads};
    pool_executor<thread_pool> executor{pool, threads};
    every_verb::check_same_as_seq(every_verb::any_executor(executor));
  }
}

TEST_CASE("pool_executor: calls every index once, and the pool's threads take part") {
  thread_pool pool{8};
  pool_executor<thread_pool> executor{pool, 8};
  std::vector<std::atomic<int>> calls(1000);
  executor.bulk(calls.size(), [&](std::size_t i) { ++calls[i]; });
  for (auto const& count : calls)
    CHECK(count == 1);
  // However busy the machine is, two calls that wait for each other need two threads.
  std::atomic<int> met{0};
  executor.bulk(2, [&](std::size_t) {
    ++met;
    met.notify_all();
    for (int before; (before = met) < 2;)
      met.wait(before);
  });
  CHECK(met == 2);
}

TEST_CASE("pool_executor: a pool that runs nothing delays nothing") {
  struct idle_pool {
    std::vector<std::function<void()>> tasks;
    void post(std::function<void()> task) { tasks.push_back(std::move(task)); }
  } idle;
  pool_executor<idle_pool> executor{idle, 3};
  every_verb::check_same_as_seq(every_verb::any_executor(executor));
  for (auto const& task : idle.tasks)
    task();  // too late: nothing is left, nothing is touched
  CHECK(idle.tasks.size() % 3 == 0);
}

TEST_CASE("pool_executor: threads of the pool may call the library themselves") {
  thread_pool pool{8};
  pool_executor<thread_pool> executor{pool, 8};
  auto const w = tensors::random<float>(100000, 3);
  double const want = detent::penalty(every_verb::learned{}, w).value;
  std::atomic<int> wrong{0};
  executor.bulk(16, [&](std::size_t) {
    wrong +=
        !tensors::same_bits(detent::penalty(on(executor), every_verb::learned{}, w).value, want);
  });
  CHECK(wrong == 0);
}
