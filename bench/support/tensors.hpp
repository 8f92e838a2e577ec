// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// tensors: the arrays of a measurement, touched first by the threads that will work on them.

#include <bench/support/element.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

namespace bench {

/// An uninitialized array on cache lines of its own.
template <class T>
class buffer {
 public:
  explicit buffer(std::size_t size) : memory_(allocate(size)), size_(size) {}

  T* data() noexcept { return memory_.get(); }
  T const* data() const noexcept { return memory_.get(); }
  std::size_t size() const noexcept { return size_; }
  T* begin() noexcept { return data(); }
  T* end() noexcept { return data() + size_; }
  T const* begin() const noexcept { return data(); }
  T const* end() const noexcept { return data() + size_; }

 private:
  struct release {
    void operator()(T* p) const noexcept { std::free(p); }
  };

  static T* allocate(std::size_t size) {
    void* const p = std::aligned_alloc(64, (size * sizeof(T) + 63) / 64 * 64);
    if (p == nullptr) throw std::bad_alloc();
    return static_cast<T*>(p);
  }

  std::unique_ptr<T, release> memory_;
  std::size_t size_;
};

/// Calls f(first, last) for equal parts of 0 … size, one on each of the threads.
template <class F>
void split(int threads, std::size_t size, F f) {
#if defined(_OPENMP)
  if (threads > 1) {
    auto const part =
        (size + static_cast<std::size_t>(threads) - 1) / static_cast<std::size_t>(threads);
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int t = 0; t < threads; ++t) {
      std::size_t const first = part * static_cast<std::size_t>(t);
      f(first < size ? first : size, first + part < size ? first + part : size);
    }
    return;
  }
#endif
  static_cast<void>(threads);
  f(std::size_t(0), size);
}

/// What the verbs read and write: weights in [-1.1, 1.1), a gradient and an array of the weights'
/// type for whatever else there is.
template <class T>
struct tensors {
  using element = T;
  buffer<T> w, other;
  buffer<gradient_of<T>> g;
  int threads;

  explicit tensors(std::size_t size, int thread_count = 1)
      : w(size), other(size), g(size), threads(thread_count) {
    split(threads, size, [this](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) {
        auto const bits = static_cast<std::uint32_t>(i) * 2654435769u;
        w.data()[i] = static_cast<T>(1.1f * (static_cast<float>(bits >> 8) * 0x1p-23f - 1.0f));
        other.data()[i] = static_cast<T>(0.5f);
        g.data()[i] = gradient_of<T>(0);
      }
    });
  }

  std::size_t size() const noexcept { return w.size(); }
};

}  // namespace bench
