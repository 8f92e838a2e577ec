// expect: one is stored by rows and the other by columns
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Element i of w is not element i of g; the types say so.

#include <cstddef>
#include <detent/detent.hpp>

template <bool ByRows>
struct matrix {
  static constexpr bool IsRowMajor = ByRows;
  static constexpr int RowsAtCompileTime = -1, ColsAtCompileTime = -1;
  float* data() const;
  std::ptrdiff_t size() const;
  std::ptrdiff_t rows() const;
  std::ptrdiff_t cols() const;
  std::ptrdiff_t innerSize() const;
  std::ptrdiff_t outerSize() const;
  std::ptrdiff_t innerStride() const;
  std::ptrdiff_t outerStride() const;
};

double loss(matrix<true> const& w, matrix<false>& g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
