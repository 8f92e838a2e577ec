// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The loops one would write without the library, on the grid of `bench::grid()`.

#include <algorithm>
#include <bench/support/tensors.hpp>
#include <cmath>
#include <cstddef>

namespace bench::raw {

inline constexpr double pi = 3.14159265358979323846;

/// sin²(π(w/Δ - ½)) and its slope, Δ = 2/7.
template <class T>
double accumulate(tensors<T>& t) {
  T const turn = T(3.5 * pi), shift = T(0.5 * pi);
  T const* const w = t.w.data();
  T* const g = t.g.data();
  double value = 0;
  for (std::size_t i = 0; i < t.size(); ++i) {
    T const s = std::sin(turn * w[i] - shift);
    value += static_cast<double>(s * s);
    g[i] += T(1e-3) * turn * std::sin(2 * (turn * w[i] - shift));
  }
  return value;
}

template <class T>
double penalty(tensors<T>& t) {
  T const turn = T(3.5 * pi), shift = T(0.5 * pi);
  T const* const w = t.w.data();
  double value = 0;
  for (std::size_t i = 0; i < t.size(); ++i) {
    T const s = std::sin(turn * w[i] - shift);
    value += static_cast<double>(s * s);
  }
  return value;
}

template <class T>
T nearest(T w) {
  T const n = std::nearbyint(T(3.5) * w - T(0.5));
  return T(2.0 / 7.0) * (std::clamp(n, T(-4), T(3)) + T(0.5));
}

template <class T>
void quantize(tensors<T>& t) {
  T const* const w = t.w.data();
  T* const out = t.other.data();
  for (std::size_t i = 0; i < t.size(); ++i)
    out[i] = nearest(w[i]);
}

template <class T>
void snap(tensors<T>& t) {
  T* const w = t.other.data();
  for (std::size_t i = 0; i < t.size(); ++i)
    w[i] = nearest(w[i]);
}

template <class T>
void backward(tensors<T>& t) {
  T const *const w = t.w.data(), *const upstream = t.other.data();
  T* const g = t.g.data();
  for (std::size_t i = 0; i < t.size(); ++i)
    if (std::abs(w[i]) <= T(1)) g[i] += upstream[i];
}

/// Extrema and mean magnitude.
template <class T>
double reduce(tensors<T>& t) {
  T const* const w = t.w.data();
  T low = w[0], high = w[0];
  double total = 0;
  for (std::size_t i = 0; i < t.size(); ++i) {
    low = std::min(low, w[i]);
    high = std::max(high, w[i]);
    total += static_cast<double>(std::abs(w[i]));
  }
  return total + static_cast<double>(high - low);
}

}  // namespace bench::raw
