// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The verbs as Eigen expressions; this file alone is compiled with -O3 -march=native.

#include <Eigen/Core>
#include <cstddef>

namespace bench::eigen {

namespace {

constexpr double pi = 3.14159265358979323846;

template <class T>
using column = Eigen::Array<T, Eigen::Dynamic, 1>;
template <class T>
Eigen::Map<column<T> const> view(T const* x, std::size_t size) {
  return {x, static_cast<Eigen::Index>(size)};
}
template <class T>
Eigen::Map<column<T>> view(T* x, std::size_t size) {
  return {x, static_cast<Eigen::Index>(size)};
}

}  // namespace

template <class T>
T accumulate(T const* w, T* g, std::size_t size) {
  auto const u = T(3.5 * pi) * view(w, size) - T(0.5 * pi);
  view(g, size) += T(3.5e-3 * pi) * (T(2) * u).sin();
  return u.sin().square().sum();
}

template <class T>
T penalty(T const* w, std::size_t size) {
  return (T(3.5 * pi) * view(w, size) - T(0.5 * pi)).sin().square().sum();
}

template <class T>
void quantize(T const* w, T* out, std::size_t size) {
  auto const n = (T(3.5) * view(w, size) - T(0.5)).rint();
  view(out, size) = T(2.0 / 7.0) * (n.max(T(-4)).min(T(3)) + T(0.5));
}

template <class T>
void backward(T const* w, T const* upstream, T* g, std::size_t size) {
  view(g, size) += (view(w, size).abs() <= T(1)).select(view(upstream, size), T(0));
}

template <class T>
T reduce(T const* w, std::size_t size) {
  auto const x = view(w, size);
  return x.abs().sum() + x.maxCoeff() - x.minCoeff();
}

template float accumulate(float const*, float*, std::size_t);
template double accumulate(double const*, double*, std::size_t);
template float penalty(float const*, std::size_t);
template double penalty(double const*, std::size_t);
template void quantize(float const*, float*, std::size_t);
template void quantize(double const*, double*, std::size_t);
template void backward(float const*, float const*, float*, std::size_t);
template void backward(double const*, double const*, double*, std::size_t);
template float reduce(float const*, std::size_t);
template double reduce(double const*, std::size_t);

}  // namespace bench::eigen
