// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// What a verb accepts as a container, and that every kind gives the same answer.

#include <doctest/doctest.h>

#if __has_include(<Eigen/Core>)
#include <Eigen/Core>
#define DETENT_TEST_EIGEN 1
#elif __has_include(<eigen3/Eigen/Core>)
#include <eigen3/Eigen/Core>
#define DETENT_TEST_EIGEN 1
#endif

#include <algorithm>
#include <array>
#include <deque>
#include <detent/detent.hpp>
#include <list>
#include <span>
#include <string>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::readable;
using detent::seq;
using detent::writable;

namespace {

auto const grid = detent::dorefa_grid(bits{3});
detent::sinusoidal<> const reg{grid};
detent::wrpn_weights const wrpn{bits{3}, 0.9};

/// A type of a user's, with the least that is a contiguous range.
struct user_tensor {
  std::vector<float> values;
  float* begin() { return values.data(); }
  float* end() { return values.data() + values.size(); }
  float const* begin() const { return values.data(); }
  float const* end() const { return values.data() + values.size(); }
  float* data() { return values.data(); }
  float const* data() const { return values.data(); }
  int size() const { return static_cast<int>(values.size()); }
};

struct device_pointer {
  float* raw;
};
struct device_tensor {
  device_pointer data() const { return {}; }
  std::size_t size() const { return 0; }
};
struct with_data_and_size {
  float* data();
  std::size_t size();
};
struct with_a_stride : std::vector<float> {
  std::size_t stride() const;
};

static_assert(writable<std::vector<float>> && writable<std::array<double, 3>>);
static_assert(writable<std::span<float>> && writable<std::span<float> const>);
static_assert(writable<user_tensor> && writable<user_tensor&>);
static_assert(readable<std::vector<float> const> && !writable<std::vector<float> const>);
static_assert(readable<std::span<float const>> && !writable<std::span<float const>>);
static_assert(readable<user_tensor const> && !writable<user_tensor const>);
static_assert(!readable<device_tensor> && !readable<with_data_and_size>);
static_assert(!readable<with_a_stride> && !readable<std::vector<int>> && !readable<float*>);
static_assert(writable<float[3]> && writable<float (&)[3][4]> && !writable<float const[3]>);
static_assert(!readable<std::list<float>> && !readable<std::deque<float>>);
static_assert(!readable<std::vector<std::vector<float>>> && !readable<int[3]>);
static_assert(!readable<std::vector<long double>> && !readable<std::vector<bool>>);

struct answers {
  double value;
  std::vector<float> gradient, levels, back;
  double maximum;
};

std::vector<float> copy(auto const& c) {
  return {c.data(), c.data() + c.size()};
}

/// Every verb on one kind of container; `zeros` makes one of zeros, as large as w.
template <class W, class Zeros>
answers ask(W const& w, Zeros zeros) {
  auto g = zeros(), levels = zeros(), back = zeros();
  answers a;
  a.value = detent::accumulate(reg, w, g, 0.5).value;
  CHECK(0.5 * detent::penalty(seq, reg, w).value == a.value);
  detent::quantize(wrpn, w, levels);
  auto snapped = levels;
  detent::snap(wrpn.grid(), snapped);
  CHECK(copy(snapped) == copy(levels));
  detent::backward(wrpn, w, levels, back);
  a.gradient = copy(g);
  a.levels = copy(levels);
  a.back = copy(back);
  a.maximum = detent::reduce(detent::magnitude{}, w).maximum();
  return a;
}

void check_same(answers const& a, answers const& b) {
  CHECK(tensors::same_bits(a.value, b.value));
  CHECK(tensors::same_bits(a.gradient, b.gradient));
  CHECK(tensors::same_bits(a.levels, b.levels));
  CHECK(tensors::same_bits(a.back, b.back));
  CHECK(a.maximum == b.maximum);
}

constexpr std::size_t size = 1200;

answers wanted(std::vector<float> const& w) {
  return ask(w, [] { return std::vector<float>(size); });
}

}  // namespace

TEST_CASE("view: vector, array, span, C array and a user's type give the same bits") {
  auto const w = tensors::random<float>(size, 1);
  auto const want = wanted(w);
  std::array<float, size> array;
  std::copy(w.begin(), w.end(), array.begin());
  check_same(ask(array, [] { return std::array<float, size>{}; }), want);

  std::vector<std::vector<float>> memory;
  memory.reserve(8);
  auto const fresh_span = [&] { return std::span(memory.emplace_back(size)); };
  check_same(ask(std::span<float const>(w), fresh_span), want);

  float plain[size];
  std::copy(w.begin(), w.end(), plain);
  check_same(ask(std::span(plain), fresh_span), want);
  check_same(ask(std::span<float const>(plain, size), fresh_span), want);

  check_same(ask(user_tensor{w}, [] { return user_tensor{std::vector<float>(size)}; }), want);
}

TEST_CASE("view: kinds may be mixed, and temporaries written to") {
  auto const w = tensors::random<float>(size, 1);
  auto const want = wanted(w);
  std::vector<float> g(size);
  user_tensor levels{std::vector<float>(size)};
  CHECK(detent::accumulate(reg, user_tensor{w}, std::span(g), 0.5).value == want.value);
  CHECK(tensors::same_bits(g, want.gradient));
  detent::quantize(wrpn, std::span(w), levels);
  CHECK(tensors::same_bits(levels.values, want.levels));
}

#if defined(DETENT_TEST_EIGEN)
TEST_CASE("view: Eigen vectors, matrices and contiguous maps and blocks give the same bits") {
  auto const w = tensors::random<float>(size, 1);
  auto const want = wanted(w);
  Eigen::VectorXf const vector = Eigen::VectorXf::Map(w.data(), size);
  check_same(ask(vector, [] { return Eigen::VectorXf(Eigen::VectorXf::Zero(size)); }), want);
  Eigen::MatrixXf const matrix = Eigen::MatrixXf::Map(w.data(), 30, 40);
  check_same(ask(matrix, [] { return Eigen::MatrixXf(Eigen::MatrixXf::Zero(30, 40)); }), want);
  using by_rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  by_rows const rows = by_rows::Map(w.data(), 30, 40);
  check_same(ask(rows, [] { return by_rows(by_rows::Zero(30, 40)); }), want);
  Eigen::Map<Eigen::ArrayXf const> const map(w.data(), size);
  check_same(ask(map, [] { return Eigen::ArrayXf(Eigen::ArrayXf::Zero(size)); }), want);

  Eigen::MatrixXf larger(30, 50);
  larger.middleCols(5, 40) = matrix;
  check_same(
      ask(larger.middleCols(5, 40), [] { return Eigen::MatrixXf(Eigen::MatrixXf::Zero(30, 40)); }),
      want);
  std::vector<float> g(size);
  CHECK(detent::accumulate(reg, matrix, Eigen::Map<Eigen::VectorXf>(g.data(), size), 0.5).value ==
        want.value);
  CHECK(tensors::same_bits(g, want.gradient));
  Eigen::MatrixXd const empty(0, 7);
  CHECK(detent::penalty(reg, empty).value == 0.0);
}

TEST_CASE("view: strided Eigen blocks and maps are rejected before anything is written") {
  std::string const w_strided = "detent: w: is not contiguous: its elements have strides";
  std::string const g_strided = "detent: g: is not contiguous: its elements have strides";
  Eigen::MatrixXf m = Eigen::MatrixXf::Constant(30, 40, 0.3f);
  Eigen::MatrixXf const before = m;
  std::vector<float> g(100);
  auto const message = [](auto const& w, auto&& gradient) {
    return tensors::message_of([&] { detent::accumulate(reg, w, gradient, 1.0); });
  };
  CHECK(message(m.block(0, 0, 10, 10), g) == w_strided);
  CHECK(message(m.block(0, 0, 10, 2), std::span(g).first(20)) == w_strided);
  CHECK(message(m.row(3), std::span(g).first(40)) == w_strided);
  CHECK(message(m.topRows(29), std::vector<float>(29 * 40)) == w_strided);
  CHECK(message(g, m.block(0, 0, 10, 10)) == g_strided);
  using strided = Eigen::Map<Eigen::VectorXf, 0, Eigen::InnerStride<2>>;
  CHECK(message(strided(m.data(), 50), std::span(g).first(50)) == w_strided);
  CHECK(message(m.col(3), std::span(g).first(30)).empty());
  CHECK(m == before);
  CHECK(tensors::message_of([&] { detent::snap(grid, m.block(1, 1, 5, 5)); }) == w_strided);
  CHECK(tensors::message_of([&] { detent::quantize(wrpn, g, m.row(1)); }).find("detent: out: is") ==
        0);
  CHECK(m == before);
}
#else
TEST_CASE("view: Eigen containers") {
  MESSAGE("skipped: Eigen is not installed");
}
#endif

TEST_CASE("view: layers may hold views of any of them") {
  auto w = tensors::random<float>(size, 1);
  auto const want = wanted(w);
  std::vector<float> g(size), g2(size);
  user_tensor other{w};
  std::array layers{detent::regularized_layer{reg, w, g, 0.5},
                    detent::regularized_layer<detent::sinusoidal<>, float, float>{
                        reg, {other.data(), size}, g2, 0.5}};
  std::array<detent::result<>, 2> results;
  detent::accumulate(seq, layers, results);
  CHECK(results[0].value == want.value);
  CHECK(results[1].value == want.value);
  CHECK(tensors::same_bits(g, want.gradient));
  CHECK(tensors::same_bits(g2, want.gradient));
  detent::accumulate(seq, std::span(layers).first(1), std::span(results).last(1));
}
