// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Products of row-major matrices.

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

/// c += a · b
void add_product(matrix c, const_matrix a, const_matrix b);

/// c += a · bᵀ
void add_product_right_transposed(matrix c, const_matrix a, const_matrix b);

/// c += aᵀ · b
void add_product_left_transposed(matrix c, const_matrix a, const_matrix b);

}  // namespace detent_trainer
