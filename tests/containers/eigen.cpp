// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Eigen's matrices, maps, blocks and tensors, and its 16-bit types.

#include "check.hpp"

#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <unsupported/Eigen/CXX11/Tensor>

#include <array>
#include <cstdint>
#include <cstring>
#include <detent/math/storage.hpp>
#include <type_traits>
#include <vector>

using containers::check_elements;
using containers::refusal;
using detent::readable;
using detent::writable;

namespace {

using by_columns = Eigen::MatrixXf;
using by_rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class W, class G>
void check_matrices(W&& w, G&& g) {
  check_elements(w, g, static_cast<std::size_t>(w.size()), [&](auto f) {
    for (Eigen::Index r = 0; r < w.rows(); ++r) {
      for (Eigen::Index c = 0; c < w.cols(); ++c)
        f(w.coeffRef(r, c), g.coeffRef(r, c));
    }
  });
}

template <class A, class B>
concept contradict = detent::detail::types_contradict<A, B>();

static_assert(contradict<by_rows, by_columns> && contradict<by_columns, by_rows>);
static_assert(contradict<by_rows, Eigen::Transpose<by_rows>>);
static_assert(!contradict<by_rows, Eigen::Transpose<by_columns>>);
static_assert(contradict<Eigen::Matrix<float, 5, 7>, Eigen::Matrix<float, 7, 5>>);
static_assert(!contradict<Eigen::Matrix<float, 5, 7>, by_columns>);
static_assert(!contradict<Eigen::VectorXf, by_rows> && !contradict<Eigen::RowVectorXf, by_columns>);
static_assert(contradict<float[5][7], by_columns> && !contradict<float[5][7], by_rows>);

// Expressions have no elements in memory.
using matrix = by_columns;
static_assert(!readable<decltype(std::declval<matrix>() + std::declval<matrix>())>);
static_assert(!readable<decltype(std::declval<matrix>().reverse())>);
static_assert(!readable<decltype(std::declval<matrix>()(std::vector<int>{}, Eigen::all))>);
static_assert(!readable<decltype(std::declval<matrix>()(Eigen::all, Eigen::seq(0, 9, 2)))>);
static_assert(!readable<decltype(std::declval<matrix>().asDiagonal())>);
static_assert(!readable<decltype(std::declval<matrix>().triangularView<Eigen::Upper>())>);
static_assert(!readable<Eigen::SparseMatrix<float>> && !readable<Eigen::SparseVector<float>>);
static_assert(!readable<Eigen::TensorRef<Eigen::Tensor<float, 2>>>);
static_assert(!readable<Eigen::MatrixXi> && !readable<Eigen::MatrixXcf>);
static_assert(writable<Eigen::Map<matrix>> && readable<Eigen::Map<matrix const>>);
static_assert(!writable<Eigen::Map<matrix const>> && !writable<matrix const>);
static_assert(readable<Eigen::Ref<matrix const>> && !writable<Eigen::Ref<matrix const>>);

}  // namespace

TEST_CASE("eigen: matrices and arrays in either order") {
  check_matrices(by_columns(13, 29), by_columns(13, 29));
  check_matrices(by_rows(13, 29), by_rows(13, 29));
  check_matrices(Eigen::Matrix<float, 5, 7>(), Eigen::Matrix<float, 5, 7>());
  check_matrices(Eigen::ArrayXXf(13, 29), by_columns(13, 29));
  check_matrices(Eigen::VectorXf(41), Eigen::RowVectorXf(41).transpose());
}

TEST_CASE("eigen: maps, references, transposes and contiguous blocks") {
  std::vector<float> memory(400), other(400);
  check_matrices(Eigen::Map<by_rows>(memory.data(), 20, 20), by_rows(20, 20));
  check_matrices(Eigen::Map<by_columns>(memory.data(), 20, 20),
                 Eigen::Map<by_columns>(other.data(), 20, 20));
  by_columns w(20, 20), g(20, 20);
  by_rows rows(20, 20);
  check_matrices(Eigen::Ref<by_columns>(w), Eigen::Ref<by_columns>(g));
  check_matrices(w.transpose(), rows);
  check_matrices(w.middleCols(3, 9), g.leftCols(9));
  check_matrices(rows.middleRows(3, 9), by_rows(9, 20));
  check_matrices(w.col(3), g.col(4));
  check_matrices(w.reshaped(10, 40), by_columns(10, 40));
}

TEST_CASE("eigen: other shapes and strides are refused, and nothing is written") {
  by_columns const w = by_columns::Constant(5, 7, 0.3f);
  by_columns g = by_columns::Zero(7, 5);
  CHECK(refusal(w, g) ==
        "detent: g: has 7 x 5 elements stored by columns where w has 5 x 7 elements stored by "
        "columns");
  CHECK(g.isZero());
  by_columns larger = by_columns::Zero(10, 10);
  std::string const strided = "detent: g: is not contiguous: its elements have strides";
  CHECK(refusal(w, larger.block(0, 0, 5, 7)) == strided);
  CHECK(refusal(w, larger.topRows(5).leftCols(7)) == strided);
  CHECK(refusal(Eigen::VectorXf(10), larger.diagonal()) == strided);
  CHECK(refusal(Eigen::VectorXf(10), larger.row(2).transpose()) == strided);
  using spread = Eigen::Map<Eigen::VectorXf, 0, Eigen::InnerStride<2>>;
  CHECK(refusal(Eigen::VectorXf(10), spread(larger.data(), 10)) == strided);
  using overlaid = Eigen::Map<by_columns, 0, Eigen::OuterStride<>>;
  CHECK(refusal(w, overlaid(larger.data(), 5, 7, Eigen::OuterStride<>(0))) == strided);
  CHECK(larger.isZero());
}

TEST_CASE("eigen: a flat container goes with any shape") {
  by_columns w = by_columns::Random(5, 7);
  std::vector<float> g(35);
  Eigen::VectorXf vector = Eigen::VectorXf::Zero(35);
  CHECK(refusal(w, g).empty());
  CHECK(refusal(g, w).empty());
  CHECK(refusal(w, vector).empty());
  CHECK(refusal(by_columns(1, 7), Eigen::VectorXf(7)).empty());
  CHECK(refusal(by_columns(0, 7), by_columns(7, 0)).empty());
}

TEST_CASE("eigen: in lists, shapes and orders are compared as well") {
  by_columns w = by_columns::Random(5, 7), g = by_columns::Zero(5, 7), turned(7, 5);
  by_rows rows = by_rows::Zero(5, 7);
  using layer = detent::regularized_layer<std::remove_const_t<decltype(containers::half_square)>,
                                          float, float>;
  std::array<detent::result<>, 1> results;
  auto const message = [&](layer const& one) {
    return tensors::message_of([&] { detent::accumulate(detent::seq, std::array{one}, results); });
  };
  CHECK(message({containers::half_square, w, g, 0.5}).empty());
  CHECK(g == w);
  std::string const other =
      "detent: g of layer 0: has another shape, or another order in memory, than its w";
  CHECK(message({containers::half_square, w, turned, 0.5}) == other);
  CHECK(message({containers::half_square, w, rows, 0.5}) == other);
  CHECK(rows.isZero());
  CHECK(tensors::message_of([&] {
          auto rows_of_w = w.topRows(3);
          [[maybe_unused]] layer const strided{containers::half_square, rows_of_w, g, 0.5};
        }).find("is not contiguous") != std::string::npos);
}

TEST_CASE("eigen: tensors in either order") {
  auto const check = [](auto& w, auto& g) {
    check_elements(w, g, 60, [&](auto f) {
      for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 4; ++j) {
          for (int k = 0; k < 5; ++k)
            f(w(i, j, k), g(i, j, k));
        }
      }
    });
  };
  Eigen::Tensor<float, 3> w(3, 4, 5), g(3, 4, 5), other(5, 4, 3);
  Eigen::Tensor<float, 3, Eigen::RowMajor> rows(3, 4, 5), more_rows(3, 4, 5);
  Eigen::TensorFixedSize<float, Eigen::Sizes<3, 4, 5>> fixed;
  check(w, g);
  check(rows, more_rows);
  check(w, fixed);
  std::vector<float> memory(60);
  Eigen::TensorMap<Eigen::Tensor<float, 3>> map(memory.data(), 3, 4, 5);
  check(w, map);
  CHECK(refusal(w, rows) ==
        "detent: g: has 3 x 4 x 5 elements stored by rows where w has 3 x 4 x 5 elements stored by "
        "columns");
  CHECK(!refusal(w, other).empty());
  Eigen::Tensor<float, 2> matrix(3, 20);
  CHECK(!refusal(w, matrix).empty());
  CHECK(refusal(by_columns(3, 20), matrix).empty());
  CHECK(!refusal(by_rows(3, 20), matrix).empty());
}

TEST_CASE("eigen: half and bfloat16 are elements, with the bits of the library's own") {
  static_assert(detent::storage_format_of<Eigen::half>.exponent_bits == 5);
  static_assert(detent::storage_format_of<Eigen::bfloat16>.exponent_bits == 8);
  auto const check = []<class Foreign, class Own>(Foreign, Own) {
    Eigen::Matrix<Foreign, Eigen::Dynamic, 1> w(1000), g(1000);
    std::vector<Own> own_w(1000), own_g(1000);
    for (int i = 0; i < 1000; ++i) {
      float const x = 0.01f * static_cast<float>(i % 211) - 1.0f;
      w[i] = static_cast<Foreign>(x);
      g[i] = static_cast<Foreign>(0.5f);
      own_w[static_cast<std::size_t>(i)] = Own(x);
      own_g[static_cast<std::size_t>(i)] = Own(0.5f);
    }
    CHECK(std::memcmp(w.data(), own_w.data(), 2000) == 0);
    double const value = detent::accumulate(containers::half_square, w, g, 0.5).value;
    CHECK(value == detent::accumulate(containers::half_square, own_w, own_g, 0.5).value);
    CHECK(std::memcmp(g.data(), own_g.data(), 2000) == 0);
    detent::quantize(containers::wrpn, w, g);
    detent::quantize(containers::wrpn, own_w, own_g);
    CHECK(std::memcmp(g.data(), own_g.data(), 2000) == 0);
  };
  check(Eigen::half(), detent::half());
  check(Eigen::bfloat16(), detent::bfloat16());
}
