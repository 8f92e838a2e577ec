// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Policies: the same bits from one thread, OpenMP, an application's threads, and chunks in any
// order.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <detent/detent.hpp>
#include <execution/every_verb.hpp>
#include <limits>
#include <stdexcept>
#include <support/tensors.hpp>
#include <thread>
#include <vector>

using detent::bits;
using detent::on;
using every_verb::any_executor;
using every_verb::check_same_as_seq;
using every_verb::learned;

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace {

/// Starts its threads anew for every call; each takes the next index that is left.
struct thread_executor {
  int threads;
  template <class F>
  void bulk(std::size_t count, F f) {
    std::atomic<std::size_t> next{0};
    auto const work = [&] {
      for (std::size_t i = next++; i < count; i = next++)
        f(i);
    };
    std::vector<std::thread> team;
    for (int t = 1; t < threads; ++t)
      team.emplace_back(work);
    work();
    for (std::thread& member : team)
      member.join();
  }
};

struct reversed_executor {
  std::size_t calls = 0;
  template <class F>
  void bulk(std::size_t count, F f) {
    ++calls;
    while (count-- > 0)
      f(count);
  }
};

/// Uses the library itself, on the same thread, between the chunks.
struct reentrant_executor {
  std::vector<float> w = tensors::random<float>(70000, 77);
  std::vector<double> inner;
  template <class F>
  void bulk(std::size_t count, F f) {
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<double> g(w.size());
      inner.push_back(
          detent::accumulate(detent::sinusoidal{detent::wrpn_grid(bits{2})}, w, g, 1.0).value);
      f(i);
    }
  }
};

struct failing_executor {
  template <class F>
  void bulk(std::size_t, F) {
    throw std::runtime_error("no threads left");
  }
};

struct without_bulk {};
struct of_another_shape {
  void bulk(int);
};

static_assert(detent::executor<thread_executor> && detent::executor<reversed_executor>);
static_assert(!detent::executor<without_bulk> && !detent::executor<of_another_shape>);
static_assert(!detent::executor<int>);
static_assert(detent::execution_policy<detent::seq_policy>);
static_assert(detent::execution_policy<detent::executor_policy<thread_executor> const&>);
static_assert(!detent::execution_policy<thread_executor> && !detent::execution_policy<int>);
#if defined(_OPENMP)
static_assert(detent::execution_policy<detent::openmp_policy>);
#endif

}  // namespace

TEST_CASE("policy: an application's threads give the bits of one thread") {
  for (int const threads : {1, 2, 3, 8}) {
    thread_executor executor{threads};
    check_same_as_seq(any_executor(executor));
  }
}

TEST_CASE("policy: chunks in reverse order give the same bits") {
  reversed_executor executor;
  check_same_as_seq(any_executor(executor));
  CHECK(executor.calls > 0);
}

TEST_CASE("policy: a single chunk is not worth an executor's trouble") {
  reversed_executor executor;
  auto w = tensors::random<float>(16384, 1);
  detent::penalty(on(executor), learned{}, w);
  detent::reduce(on(executor), detent::magnitude{}, w);
  detent::snap(on(executor), detent::wrpn_grid(bits{3}), w);
  CHECK(executor.calls == 0);
  w.push_back(0.5f);
  detent::penalty(on(executor), learned{}, w);
  CHECK(executor.calls == 1);
}

#if defined(_OPENMP)
TEST_CASE("policy: OpenMP gives the same bits for any number of threads") {
  check_same_as_seq(detent::openmp);
  for (int const threads : {1, 2, 3, 8})
    check_same_as_seq(detent::openmp_policy{threads});
}

TEST_CASE("policy: OpenMP rejects less than one thread") {
  CHECK(tensors::message_of([] { detent::openmp_policy{0}; }) ==
        "detent: threads: is 0; allowed are 1 to 1048576");
  CHECK(tensors::message_of([] { detent::openmp_policy{-3}; }) ==
        "detent: threads: is -3; allowed are 1 to 1048576");
}
#endif

TEST_CASE("policy: an executor may use the library itself between the chunks") {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(bits{3})};
  auto const w = tensors::random<float>(100000, 5);
  std::vector<float> want_g(w.size()), g(w.size());
  double const want = detent::accumulate(reg, w, want_g, 0.7).value;
  reentrant_executor executor;
  double const got = detent::accumulate(on(executor), reg, w, g, 0.7).value;
  CHECK(tensors::same_bits(got, want));
  CHECK(tensors::same_bits(g, want_g));
  CHECK(executor.inner.size() == 7);
  for (double const value : executor.inner)
    CHECK(tensors::same_bits(value, executor.inner[0]));
  // And what the inner calls left behind does not disturb the next one.
  CHECK(tensors::same_bits(detent::penalty(reg, w).value * 0.7, want));
}

TEST_CASE("policy: what an executor throws comes through, and the next call works") {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(bits{3})};
  auto const w = tensors::random<float>(100000, 5);
  double const want = detent::penalty(reg, w).value;
  failing_executor executor;
  CHECK_THROWS_AS(detent::penalty(on(executor), reg, w), std::runtime_error);
  CHECK(tensors::same_bits(detent::penalty(reg, w).value, want));
}

TEST_CASE("policy: several threads may call the library at once") {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(bits{3})};
  auto const w = tensors::random<float>(50000, 5);
  double const want = detent::penalty(reg, w).value;
  std::atomic<int> wrong{0};
  std::vector<std::thread> team;
  for (int t = 0; t < 4; ++t) {
    team.emplace_back([&] {
      std::vector<float> g(w.size());
      for (int i = 0; i < 5; ++i)
        wrong += !tensors::same_bits(detent::accumulate(reg, w, g, 1.0).value, want);
    });
  }
  for (std::thread& member : team)
    member.join();
  CHECK(wrong == 0);
}

#if defined(_OPENMP)
TEST_CASE(
    "policy: any number of OpenMP's threads is allowed, and no more are made than are of use") {
  std::size_t const many = static_cast<std::size_t>(std::max(64, omp_get_num_procs()));
  for (int const threads : {1, 3, 100000, std::numeric_limits<int>::max()}) {
    CAPTURE(threads);
    for (std::size_t const count : {0U, 1U, 5U, 200000U}) {
      CAPTURE(count);
      std::vector<std::atomic<int>> calls(count);
      std::atomic<std::size_t> most{0};
      detent::openmp_policy{threads}.bulk(count, [&](std::size_t i) {
        ++calls[i];
        most = static_cast<std::size_t>(omp_get_num_threads());
      });
      CHECK(std::all_of(calls.begin(), calls.end(), [](int times) { return times == 1; }));
      CHECK(most <= std::min({count, many, static_cast<std::size_t>(threads)}));
    }
  }
  check_same_as_seq(detent::openmp_policy{100000});
}

TEST_CASE("policy: OpenMP has the number of threads that is asked for") {
  if (omp_get_thread_limit() < 2 || omp_get_dynamic() != 0) return;
  std::atomic<int> threads{0};
  detent::openmp_policy{2}.bulk(8, [&](std::size_t) { threads = omp_get_num_threads(); });
  CHECK(threads == 2);
}
#endif

TEST_CASE("policy: an executor is not asked for nothing") {
  reversed_executor executor;
  on(executor).bulk(0, [](std::size_t) { FAIL("there is no chunk"); });
  CHECK(executor.calls == 0);
}
