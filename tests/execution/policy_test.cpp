// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Policies: the same bits from one thread, OpenMP, an application's threads, and chunks in any
// order.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <detent/detent.hpp>
#include <span>
#include <stdexcept>
#include <support/tensors.hpp>
#include <thread>
#include <type_traits>
#include <vector>

using detent::bits;
using detent::on;
using detent::seq;

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

/// A parameter each for the penalty and for the quantizer, so that all sums are compared.
struct learned {
  static constexpr int parameters = 1;
  template <class T>
  DETENT_HD detent::term<T, 1> operator()(T w) const noexcept {
    T const square = w * w;
    return {square, T(2) * w, {square * w}};
  }
};

struct everything {
  std::vector<double> numbers;
  std::vector<std::vector<float>> tensors;
};

/// Every verb, on one tensor and on layers.
template <class Policy>
everything results(Policy const& policy, std::size_t size) {
  auto const w = tensors::random<float>(size, 1);
  auto const upstream = tensors::random<float>(size, 2);
  everything all;
  auto const m = detent::reduce(policy, detent::magnitude{}, w);
  detent::dorefa_weights const q{bits{3}, m};
  auto const reg = detent::matched(q);
  std::vector<float> g(size), back(size), out(size), snapped = w, layered(size), learned_g(size);
  std::vector<std::int8_t> codes(size);
  auto const value = detent::accumulate(policy, reg, w, g, 0.3).value;
  auto const learned_result = detent::accumulate(policy, learned{}, w, learned_g, 0.1);
  detent::backward(policy, q, w, upstream, back);
  detent::quantize(policy, q, w, out);
  detent::snap(policy, q.grid(), snapped, codes);
  auto const part = [&](auto& x, std::size_t t) {
    return std::span(x).subspan(size * t / 5, size * (t + 1) / 5 - size * t / 5);
  };
  std::vector<detent::regularized_layer<std::remove_cv_t<decltype(reg)>, float, float>> layers;
  std::vector<detent::observed_layer<detent::moments, float>> observed;
  for (std::size_t t = 0; t < 5; ++t) {
    layers.push_back({reg, part(w, t), part(layered, t), 0.2});
    observed.push_back({detent::moments{}, part(w, t)});
  }
  std::vector<detent::result<>> sums(5), penalties(5);
  std::vector<detent::moments> moments(5);
  detent::accumulate(policy, layers, sums);
  detent::penalty(policy, layers, penalties);
  detent::reduce(policy, observed, moments);
  all.numbers = {m.mean(),
                 m.maximum(),
                 value,
                 learned_result.value,
                 learned_result.theta[0],
                 detent::penalty(policy, reg, w).value,
                 detent::reduce(policy, detent::quantization_error{q}, w).mean_squared_error()};
  for (std::size_t t = 0; t < 5; ++t) {
    all.numbers.push_back(sums[t].value);
    all.numbers.push_back(penalties[t].value);
    all.numbers.push_back(moments[t].fourth());
  }
  all.tensors = {
      g, back, out, snapped, layered, learned_g, std::vector<float>(codes.begin(), codes.end())};
  return all;
}

constexpr std::size_t sizes[] = {0, 1, 1000, 16384, 16385, 200001};

template <class Policy>
void check_same_as_seq(Policy const& policy) {
  for (std::size_t const size : sizes) {
    everything const want = results(seq, size), got = results(policy, size);
    CHECK(tensors::same_bits(got.numbers, want.numbers));
    for (std::size_t i = 0; i < want.tensors.size(); ++i)
      CHECK(tensors::same_bits(got.tensors[i], want.tensors[i]));
  }
}

}  // namespace

TEST_CASE("policy: an application's threads give the bits of one thread") {
  for (int const threads : {1, 2, 3, 8}) {
    thread_executor executor{threads};
    check_same_as_seq(on(executor));
  }
}

TEST_CASE("policy: chunks in reverse order give the same bits") {
  reversed_executor executor;
  check_same_as_seq(on(executor));
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
