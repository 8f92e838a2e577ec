// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// dlib's matrices, arrays and tensors.

#include "check.hpp"

#include <dlib/array.h>
#include <dlib/array2d.h>
#include <dlib/cuda/tensor.h>
#include <dlib/matrix.h>

#include <utility>
#include <vector>

using containers::check_elements;
using containers::refusal;
using detent::readable;
using detent::writable;

namespace {

template <class W, class G>
void check_matrices(W&& w, G&& g) {
  check_elements(w, g, static_cast<std::size_t>(w.size()), [&](auto f) {
    for (long r = 0; r < w.nr(); ++r) {
      for (long c = 0; c < w.nc(); ++c)
        f(w(r, c), g(r, c));
    }
  });
}

using matrix = dlib::matrix<float>;
using by_columns =
    dlib::matrix<float, 0, 0, dlib::default_memory_manager, dlib::column_major_layout>;

static_assert(writable<matrix> && readable<matrix const> && !writable<matrix const>);
static_assert(!readable<decltype(dlib::trans(std::declval<matrix&>()))>);
static_assert(!readable<decltype(dlib::subm(std::declval<matrix&>(), 0, 0, 1, 1))>);
static_assert(!readable<decltype(dlib::rowm(std::declval<matrix&>(), 0))>);
static_assert(!readable<decltype(dlib::set_subm(std::declval<matrix&>(), 0, 0, 1, 1))>);
static_assert(!readable<decltype(dlib::mat(static_cast<float*>(nullptr), 1, 1))>);
// Which copy, the host's or the device's, has to be said.
static_assert(!readable<dlib::tensor> && !readable<dlib::resizable_tensor>);
static_assert(!readable<dlib::alias_tensor_instance>);

}  // namespace

TEST_CASE("dlib: matrices in either order") {
  check_matrices(matrix(13, 29), matrix(13, 29));
  check_matrices(by_columns(13, 29), by_columns(13, 29));
  check_matrices(dlib::matrix<float, 5, 7>(), matrix(5, 7));
  check_matrices(dlib::matrix<float, 0, 1>(41), dlib::matrix<float, 0, 1>(41));
}

TEST_CASE("dlib: other orders and shapes are refused, flat containers are not") {
  matrix w(5, 7);
  w = 0.3f;
  by_columns g(5, 7);
  g = 0.0f;
  CHECK(refusal(w, g) ==
        "detent: g: has 5 x 7 elements stored by columns where w has 5 x 7 elements stored by "
        "rows");
  CHECK(g(4, 6) == 0.0f);
  CHECK(!refusal(w, matrix(7, 5)).empty());
  CHECK(refusal(w, std::vector<float>(35)).empty());
}

TEST_CASE("dlib: an array2d is stored by rows") {
  dlib::array2d<float> w(13, 29);
  matrix g(13, 29);
  check_elements(w, g, 13 * 29, [&](auto f) {
    for (long r = 0; r < 13; ++r) {
      for (long c = 0; c < 29; ++c)
        f(w[r][c], g(r, c));
    }
  });
  CHECK(!refusal(w, by_columns(13, 29)).empty());
}

TEST_CASE("dlib: an array is a vector") {
  dlib::array<float> w, g;
  w.resize(300);
  g.resize(300);
  check_elements(w, g, 300, [&](auto f) {
    for (std::size_t i = 0; i < 300; ++i)
      f(w[i], g[i]);
  });
}
