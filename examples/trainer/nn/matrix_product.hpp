// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Products of row-major matrices: the only header that knows Eigen.

#ifndef EIGEN_DONT_PARALLELIZE
#define EIGEN_DONT_PARALLELIZE  // threads are ours to start, and Eigen's would change the bits
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
// g++ 12 warns about its own AVX-512 intrinsics (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

namespace detent_trainer {

/// A row-major matrix in someone else's memory; rows start `stride` apart.
template <class Number>
struct matrix_view {
  Number* data;
  int rows;
  int columns;
  int stride;

  matrix_view(Number* first, int its_rows, int its_columns)
      : matrix_view{first, its_rows, its_columns, its_columns} {}
  matrix_view(Number* first, int its_rows, int its_columns, int its_stride)
      : data{first}, rows{its_rows}, columns{its_columns}, stride{its_stride} {}
};

using matrix = matrix_view<float>;
using const_matrix = matrix_view<const float>;

namespace matrix_product_detail {

using dense_matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline auto map(matrix m) {
  return Eigen::Map<dense_matrix, 0, Eigen::OuterStride<>>(m.data, m.rows, m.columns,
                                                           Eigen::OuterStride<>(m.stride));
}

inline auto map(const_matrix m) {
  return Eigen::Map<const dense_matrix, 0, Eigen::OuterStride<>>(m.data, m.rows, m.columns,
                                                                 Eigen::OuterStride<>(m.stride));
}

// For these Eigen leaves its blocked product for code whose rounding depends on where the memory
// starts, which may differ from run to run.
inline bool leaves_blocked_product(int rows, int columns, int depth) {
  return rows == 1 || columns == 1 || rows + columns + depth < 20;
}

// c(i, j) += sum over k of a[i·a_row + k·a_depth] · b[j·b_column + k·b_depth]
struct strides {
  int a_row, a_depth, b_column, b_depth;
};

inline void add_plainly(matrix c, const float* a, const float* b, int depth, strides s) {
  for (int i = 0; i < c.rows; ++i) {
    float* row = c.data + std::ptrdiff_t{i} * c.stride;
    for (int j = 0; j < c.columns; ++j) {
      const float* left = a + std::ptrdiff_t{i} * s.a_row;
      const float* right = b + std::ptrdiff_t{j} * s.b_column;
      float sum = 0;
      for (std::ptrdiff_t k = 0; k < depth; ++k)
        sum += left[k * s.a_depth] * right[k * s.b_depth];
      row[j] += sum;
    }
  }
}

}  // namespace matrix_product_detail

/// c += a · b
inline void add_product(matrix c, const_matrix a, const_matrix b) {
  using namespace matrix_product_detail;
  if (leaves_blocked_product(c.rows, c.columns, a.columns)) {
    return add_plainly(c, a.data, b.data, a.columns, {a.stride, 1, 1, b.stride});
  }
  map(c).noalias() += map(a) * map(b);
}

/// c += a · bᵀ
inline void add_product_right_transposed(matrix c, const_matrix a, const_matrix b) {
  using namespace matrix_product_detail;
  if (leaves_blocked_product(c.rows, c.columns, a.columns)) {
    return add_plainly(c, a.data, b.data, a.columns, {a.stride, 1, b.stride, 1});
  }
  map(c).noalias() += map(a) * map(b).transpose();
}

/// c += aᵀ · b
inline void add_product_left_transposed(matrix c, const_matrix a, const_matrix b) {
  using namespace matrix_product_detail;
  if (leaves_blocked_product(c.rows, c.columns, a.rows)) {
    return add_plainly(c, a.data, b.data, a.rows, {1, a.stride, 1, b.stride});
  }
  map(c).noalias() += map(a).transpose() * map(b);
}

}  // namespace detent_trainer
