// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// xtensor's containers, in every layout, and its views.

#include "check.hpp"

#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xbroadcast.hpp>
#include <xtensor/xfixed.hpp>
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include <array>
#include <utility>
#include <vector>

using containers::check_elements;
using containers::refusal;
using detent::readable;
using detent::writable;

namespace {

template <class W, class G>
void check_matrices(W&& w, G&& g) {
  check_elements(w, g, w.size(), [&](auto f) {
    for (std::size_t r = 0; r < w.shape()[0]; ++r) {
      for (std::size_t c = 0; c < w.shape()[1]; ++c)
        f(w(r, c), g(r, c));
    }
  });
}

using matrix = xt::xtensor<float, 2>;
using by_columns = xt::xtensor<float, 2, xt::layout_type::column_major>;
using any_order = xt::xarray<float, xt::layout_type::dynamic>;

static_assert(writable<matrix> && readable<matrix const> && !writable<matrix const>);
static_assert(!readable<decltype(xt::view(std::declval<matrix&>(), xt::range(2, 4), xt::all()))>);
static_assert(!readable<decltype(xt::view(std::declval<matrix&>(), 2))>);
static_assert(!readable<decltype(xt::view(std::declval<matrix&>(), xt::all(), 2))>);
static_assert(!readable<decltype(xt::row(std::declval<matrix&>(), 2))>);
static_assert(!readable<decltype(xt::strided_view(std::declval<matrix&>(), {xt::range(2, 4)}))>);
static_assert(!readable<decltype(xt::transpose(std::declval<matrix&>()))>);
static_assert(!readable<decltype(xt::broadcast(std::declval<matrix&>(), std::array<int, 2>{}))>);
static_assert(!readable<decltype(std::declval<matrix&>() + 1.0f)>);

}  // namespace

TEST_CASE("xtensor: containers and adaptors") {
  check_matrices(matrix::from_shape({13, 29}), matrix::from_shape({13, 29}));
  check_matrices(xt::xarray<float>::from_shape({13, 29}), matrix::from_shape({13, 29}));
  check_matrices(by_columns::from_shape({13, 29}), by_columns::from_shape({13, 29}));
  check_matrices(xt::xtensor_fixed<float, xt::xshape<5, 7>>(), matrix::from_shape({5, 7}));
  std::vector<float> memory(35), other(35);
  std::array<std::size_t, 2> const shape{5, 7};
  check_matrices(xt::adapt(memory, shape),
                 xt::adapt(other.data(), other.size(), xt::no_ownership(), shape));
  any_order w(std::vector<std::size_t>{13, 29}, xt::layout_type::column_major);
  check_matrices(w, by_columns::from_shape({13, 29}));
}

TEST_CASE("xtensor: a flattened matrix is its elements by rows") {
  auto w = matrix::from_shape({13, 29}), g = matrix::from_shape({13, 29});
  auto flat_w = xt::flatten(w);
  auto flat_g = xt::flatten(g);
  check_elements(flat_w, flat_g, 13 * 29, [&](auto f) {
    for (std::size_t r = 0; r < 13; ++r) {
      for (std::size_t c = 0; c < 29; ++c)
        f(w(r, c), g(r, c));
    }
  });
}

TEST_CASE("xtensor: other orders, shapes and strides are refused") {
  matrix const w = xt::ones<float>({5, 7});
  by_columns g = xt::zeros<float>({5, 7});
  CHECK(refusal(w, g) ==
        "detent: g: has 5 x 7 elements stored by columns where w has 5 x 7 elements stored by "
        "rows");
  CHECK(g(4, 6) == 0.0f);
  CHECK(!refusal(w, matrix::from_shape({7, 5})).empty());
  CHECK(!refusal(w, any_order(std::vector<std::size_t>{5, 7}, xt::layout_type::column_major))
             .empty());
  CHECK(refusal(w, std::vector<float>(35)).empty());
  any_order::shape_type const shape{5, 7};
  any_order::strides_type const strides{10, 1}, reversed{-7, 1}, repeated{0, 1};
  for (auto const& of : {strides, reversed, repeated}) {
    any_order view(shape, of);
    CHECK(refusal(w, view) == "detent: g: is not contiguous: its elements have strides");
  }
}
