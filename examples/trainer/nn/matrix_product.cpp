// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The products by Eigen, which no other file knows, and plainly where its own would differ.

#include <cstddef>

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

#include <trainer/nn/matrix_product.hpp>

namespace detent_trainer {

namespace {

using dense_matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

auto map(matrix m) {
  return Eigen::Map<dense_matrix, 0, Eigen::OuterStride<>>(m.data, m.rows, m.columns,
                                                           Eigen::OuterStride<>(m.stride));
}

auto map(const_matrix m) {
  return Eigen::Map<const dense_matrix, 0, Eigen::OuterStride<>>(m.data, m.rows, m.columns,
                                                                 Eigen::OuterStride<>(m.stride));
}

// For these Eigen leaves its blocked product for code whose rounding depends on where the memory
// starts, which may differ from run to run.
bool leaves_blocked_product(int rows, int columns, int depth) {
  return rows == 1 || columns == 1 || rows + columns + depth < 20;
}

// c(i, j) += sum over k of a[i·a_row + k·a_depth] · b[j·b_column + k·b_depth]
struct strides {
  int a_row, a_depth, b_column, b_depth;
};

void add_plainly(matrix c, const float* a, const float* b, int depth, strides s) {
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

}  // namespace

void add_product(matrix c, const_matrix a, const_matrix b) {
  if (leaves_blocked_product(c.rows, c.columns, a.columns)) {
    return add_plainly(c, a.data, b.data, a.columns, {a.stride, 1, 1, b.stride});
  }
  map(c).noalias() += map(a) * map(b);
}

void add_product_right_transposed(matrix c, const_matrix a, const_matrix b) {
  if (leaves_blocked_product(c.rows, c.columns, a.columns)) {
    return add_plainly(c, a.data, b.data, a.columns, {a.stride, 1, b.stride, 1});
  }
  map(c).noalias() += map(a) * map(b).transpose();
}

void add_product_left_transposed(matrix c, const_matrix a, const_matrix b) {
  if (leaves_blocked_product(c.rows, c.columns, a.rows)) {
    return add_plainly(c, a.data, b.data, a.rows, {1, a.stride, 1, b.stride});
  }
  map(c).noalias() += map(a).transpose() * map(b);
}

}  // namespace detent_trainer
