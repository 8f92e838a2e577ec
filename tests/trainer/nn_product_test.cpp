// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Matrix products, unfolding, sums and parallel loops under the trainer's layers.

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <vector>

#include <trainer/nn/lane_sum.hpp>
#include <trainer/nn/matrix_product.hpp>
#include <trainer/nn/parallel.hpp>
#include <trainer/nn/unfold.hpp>
#include <trainer/nn_check.hpp>

namespace {

using namespace detent_trainer;
using nn_check::random_numbers;

struct product_case {
  int rows, columns, depth;
};

// One row, one column, depth one, sizes on both sides of Eigen's own switches.
const std::vector<product_case> product_cases{{1, 1, 1},  {1, 9, 5},   {7, 1, 30},   {3, 4, 5},
                                              {6, 50, 1}, {13, 17, 3}, {33, 20, 70}, {2, 100, 40}};

std::size_t index(int row, int column, int stride) {
  return static_cast<std::size_t>(row * stride + column);
}

// Random small integers make every sum exact, so the results must be equal.
std::vector<float> integers(int rows, int stride, std::uint64_t stream) {
  std::vector<float> numbers = random_numbers(index(rows, 0, stride), stream);
  for (float& number : numbers)
    number = std::round(8 * number);
  return numbers;
}

TEST_CASE("matrix_product: agrees with plain loops, for any stride") {
  for (const product_case& p : product_cases) {
    for (const int gap : {0, 3}) {
      CAPTURE(p.rows);
      CAPTURE(p.columns);
      CAPTURE(p.depth);
      const int c_stride = p.columns + gap;
      const int a_stride = p.depth + gap;
      const int at_stride = p.rows + gap;
      const int b_stride = p.columns + gap;
      const int bt_stride = p.depth + gap;
      const std::vector<float> a = integers(p.rows, a_stride, 1);
      const std::vector<float> b = integers(p.depth, b_stride, 2);
      const std::vector<float> start = integers(p.rows, c_stride, 3);
      std::vector<float> a_transposed(index(p.depth, 0, at_stride));
      std::vector<float> b_transposed(index(p.columns, 0, bt_stride));
      std::vector<float> expected = start;
      for (int k = 0; k < p.depth; ++k) {
        for (int i = 0; i < p.rows; ++i) {
          a_transposed[index(k, i, at_stride)] = a[index(i, k, a_stride)];
          for (int j = 0; j < p.columns; ++j) {
            b_transposed[index(j, k, bt_stride)] = b[index(k, j, b_stride)];
            expected[index(i, j, c_stride)] += a[index(i, k, a_stride)] * b[index(k, j, b_stride)];
          }
        }
      }
      const auto view = [](const std::vector<float>& v, int rows, int columns, int stride) {
        return const_matrix{v.data(), rows, columns, stride};
      };
      std::vector<float> c = start;
      add_product({c.data(), p.rows, p.columns, c_stride}, view(a, p.rows, p.depth, a_stride),
                  view(b, p.depth, p.columns, b_stride));
      CHECK(c == expected);
      c = start;
      add_product_right_transposed({c.data(), p.rows, p.columns, c_stride},
                                   view(a, p.rows, p.depth, a_stride),
                                   view(b_transposed, p.columns, p.depth, bt_stride));
      CHECK(c == expected);
      c = start;
      add_product_left_transposed({c.data(), p.rows, p.columns, c_stride},
                                  view(a_transposed, p.depth, p.rows, at_stride),
                                  view(b, p.depth, p.columns, b_stride));
      CHECK(c == expected);
    }
  }
}

TEST_CASE("matrix_product: the bits do not depend on where the memory starts") {
  for (const product_case& p : product_cases) {
    const std::vector<float> a = random_numbers(index(p.rows, 0, p.depth), 4);
    const std::vector<float> b = random_numbers(index(p.depth, 0, p.columns), 5);
    std::vector<float> first;
    for (std::size_t offset = 0; offset < 16; ++offset) {
      std::vector<float> moved_a(offset + a.size());
      std::vector<float> moved_b(offset + b.size());
      std::vector<float> c(offset + index(p.rows, 0, p.columns));
      std::copy(a.begin(), a.end(), moved_a.begin() + static_cast<std::ptrdiff_t>(offset));
      std::copy(b.begin(), b.end(), moved_b.begin() + static_cast<std::ptrdiff_t>(offset));
      add_product({c.data() + offset, p.rows, p.columns},
                  {moved_a.data() + offset, p.rows, p.depth},
                  {moved_b.data() + offset, p.depth, p.columns});
      const std::vector<float> result(c.begin() + static_cast<std::ptrdiff_t>(offset), c.end());
      if (offset == 0) first = result;
      CHECK(result == first);
    }
  }
}

TEST_CASE("unfold: every column holds the pixels under the window") {
  const image_shape shape{2, 5, 6};
  for (const window w : {window{3, 1, 0}, window{3, 1, 1}, window{2, 2, 0}, window{3, 2, 2},
                         window{5, 1, 4}, window{1, 3, 0}}) {
    CAPTURE(w.side);
    CAPTURE(w.stride);
    CAPTURE(w.padding);
    const std::vector<float> image = random_numbers(60, 6);
    const int positions = w.positions(shape);
    const int stride = positions + 2;
    std::vector<float> columns(index(w.taps(shape), 0, stride), -7.0F);
    unfold(image.data(), shape, w, columns.data(), stride);
    const int width = w.outputs(shape.width);
    std::vector<float> expected(columns.size(), -7.0F);
    for (int tap = 0; tap < w.taps(shape); ++tap) {
      for (int p = 0; p < positions; ++p) {
        const int channel = tap / (w.side * w.side);
        const int y = p / width * w.stride + tap / w.side % w.side - w.padding;
        const int x = p % width * w.stride + tap % w.side - w.padding;
        const bool inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width;
        expected[index(tap, p, stride)] =
            inside ? image[index(channel * shape.height + y, x, shape.width)] : 0.0F;
      }
    }
    CHECK(columns == expected);

    // fold is the transpose: <unfold(image), c> = <image, fold(c)>, exact for integers.
    std::vector<float> whole = integers(1, 60, 7);
    const std::vector<float> c = integers(w.taps(shape), stride, 8);
    std::vector<float> folded(60);
    fold(c.data(), stride, shape, w, folded.data());
    std::fill(columns.begin(), columns.end(), 0.0F);
    unfold(whole.data(), shape, w, columns.data(), stride);
    CHECK(nn_check::dot(columns, c) == nn_check::dot(whole, folded));
    CHECK(nn_check::dot(columns, c) != 0.0);
  }
}

TEST_CASE("lane_sum: sums every term once") {
  for (const int count : {0, 1, 15, 16, 17, 160, 163}) {
    const auto square = [](int i) { return i * i; };
    CHECK(lane_sum<double>(count, square) == (count - 1.0) * count * (2.0 * count - 1) / 6);
  }
}

TEST_CASE("parallel_for: calls every index once, with a worker below the number of threads") {
  for (const int threads : {1, 2, 3}) {
    std::vector<std::atomic<int>> calls(100);
    std::atomic<bool> workers_fit{true};
    parallel_for(100, threads, [&](int i, int worker) {
      ++calls[static_cast<std::size_t>(i)];
      if (worker < 0 || worker >= threads) workers_fit = false;
    });
    CHECK(workers_fit);
    for (const auto& count : calls)
      CHECK(count == 1);
  }
}

TEST_CASE("for_each_shard: cuts the same ranges for any number of threads") {
  for (const int count : {0, 1, 7, 8, 9, 128}) {
    for (const int threads : {1, 2, 3}) {
      std::vector<std::vector<int>> seen(shards);
      for_each_shard(count, threads, [&](int begin, int end, int shard) {
        seen[static_cast<std::size_t>(shard)] = {begin, end};
      });
      int at = 0;
      for (const auto& range : seen) {
        if (range.empty()) continue;
        CHECK(range[0] == at);
        CHECK(range[1] > range[0]);
        CHECK(range[1] - range[0] <= count / shards + 1);
        at = range[1];
      }
      CHECK(at == count);
    }
  }
}

}  // namespace
