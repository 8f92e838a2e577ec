// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The verbs as Eigen expressions, compiled elsewhere with -O3 -march=native.

#include <bench/support/tensors.hpp>
#include <cstddef>

namespace bench::eigen {

// For float and double. Pointers only: what is compiled for this machine shares no inline function
// with the rest of the program.
template <class T>
T accumulate(T const* w, T* g, std::size_t size);
template <class T>
T penalty(T const* w, std::size_t size);
template <class T>
void quantize(T const* w, T* out, std::size_t size);
template <class T>
void backward(T const* w, T const* upstream, T* g, std::size_t size);
template <class T>
T reduce(T const* w, std::size_t size);

template <class T>
T accumulate(tensors<T>& t) {
  return accumulate(t.w.data(), t.g.data(), t.size());
}
template <class T>
T penalty(tensors<T>& t) {
  return penalty(t.w.data(), t.size());
}
template <class T>
void quantize(tensors<T>& t) {
  quantize(t.w.data(), t.other.data(), t.size());
}
template <class T>
void snap(tensors<T>& t) {
  quantize(t.other.data(), t.other.data(), t.size());
}
template <class T>
void backward(tensors<T>& t) {
  backward(t.w.data(), t.other.data(), t.g.data(), t.size());
}
template <class T>
T reduce(tensors<T>& t) {
  return reduce(t.w.data(), t.size());
}

}  // namespace bench::eigen
