// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// DoReFa weights against the paper's formula in double, level by level, and its bad inputs.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <detent/algorithm/reduce.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/statistic/quantization_error.hpp>
#include <limits>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::dorefa_weights;
using detent::magnitude;

namespace {

struct forward_reference {
  double level;
  double threshold_distance;  // in steps
};

/// t = tanh w/(2 max|tanh w|) + ½, q = ⌊(2^b - 1) t⌉/(2^b - 1), ŵ = s (2q - 1).
forward_reference forward(int b, double largest, double s, double w) {
  double const codes = std::exp2(b) - 1.0;
  double const t = codes * (std::tanh(w) / (2.0 * std::tanh(largest)) + 0.5);
  // 2q - 1 over the common denominator: the numerator is exact.
  double const level = s * ((2.0 * std::nearbyint(t) - codes) / codes);
  return {level, std::abs(t - std::floor(t) - 0.5)};
}

double largest_of(auto const& w) {
  double largest = 0;
  for (auto const x : w)
    largest = std::max(largest, std::abs(static_cast<double>(x)));
  return largest;
}

template <class T>
void check_forward(int b, double range, double s, bool with_range) {
  auto const w = tensors::random<T>(3000, 5, range);
  auto const m = detent::reduce(magnitude{}, w);
  dorefa_weights const q = with_range ? dorefa_weights{bits{b}, m, s} : dorefa_weights{bits{b}, m};
  double const epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  int compared = 0;
  for (T const x : w) {
    auto const want = forward(b, largest_of(w), s, static_cast<double>(x));
    if (want.threshold_distance < 8.0 * epsilon * std::exp2(b)) continue;
    ++compared;
    CHECK(std::abs(static_cast<double>(q(x)) - want.level) <= 2.0 * epsilon * std::abs(want.level));
    T const level = q.grid().template as<T>().level(q.code(x));
    CHECK(q(x) == static_cast<T>(q.gain()) * level);
  }
  CHECK(compared > 2900);
}

template <class T>
void check_backward(int b, double s) {
  auto const w = tensors::random<T>(3000, 6, 1.5);
  dorefa_weights const q{bits{b}, detent::reduce(magnitude{}, w), s};
  double const largest = std::tanh(largest_of(w));
  for (T const x : w) {
    double const t = std::tanh(static_cast<double>(x));
    double const want = s * (1.0 - t * t) / largest * 0.7;
    double const got = static_cast<double>(q.backward(x, T(0.7)).gradient);
    // 1 - tanh² loses what tanh is rounded by, at most a few units of the 1.
    double const bound = 10.0 * static_cast<double>(std::numeric_limits<T>::epsilon());
    CHECK(std::abs(got - want) <= bound * s / largest);
  }
}

}  // namespace

TEST_CASE("dorefa_weights: agrees with the formula for 2 to 8 bits, with and without a range") {
  for (int b = 2; b <= 8; ++b) {
    for (double const range : {0.05, 1.0, 3.0}) {
      check_forward<float>(b, range, 1.0, false);
      check_forward<double>(b, range, 1.0, false);
      check_forward<float>(b, range, 0.25, true);
      check_forward<double>(b, range, 0.3, true);
    }
  }
}

TEST_CASE("dorefa_weights: every level is reached, also at 16 bits") {
  for (int const b : {2, 3, 4, 8, 16}) {
    std::vector<float> const w{0.9f, -0.3f};
    dorefa_weights const q{bits{b}, detent::reduce(magnitude{}, w)};
    int missed = 0;
    for (int n = q.grid().lowest_code(); n <= q.grid().highest_code(); ++n) {
      double const level = q.grid().level(n);
      missed += q.code(static_cast<float>(std::atanh(level))) != n;
      missed += q.code(std::atanh(level)) != n;
    }
    CHECK(missed == 0);
    CHECK(q(0.9f) == 1.0f);
    CHECK(q(-0.9f) == -1.0f);
  }
}

TEST_CASE("dorefa_weights: the straight-through gradient is s(1 - tanh² w)/max|tanh w|") {
  for (int b = 2; b <= 8; ++b) {
    for (double const s : {1.0, 0.2}) {
      check_backward<float>(b, s);
      check_backward<double>(b, s);
    }
  }
}

TEST_CASE("dorefa_weights: the gradient passes at and beyond the largest weight") {
  std::vector<float> const w{0.5f, -0.25f};
  dorefa_weights const q{bits{2}, detent::reduce(magnitude{}, w)};
  for (float const x : {0.5f, -0.5f, 0.75f, -2.0f})
    CHECK(q.backward(x, 1.0f).gradient > 0.0f);
}

TEST_CASE("dorefa_weights: one bit is the sign times the mean magnitude, derivative 1") {
  std::vector<float> const w{0.5f, -0.25f, 0.125f, -1.125f};
  dorefa_weights const q{bits{1}, detent::reduce(magnitude{}, w)};
  for (float const x : {0.5f, 0.0f, 1e-30f, 7.0f})
    CHECK(q(x) == 0.5f);
  for (float const x : {-0.5f, -1e-7f, -1e-9f, -1e-45f, -7.0f}) {
    CHECK(q(x) == -0.5f);
    CHECK(q.code(x) == -1);
  }
  for (float const x : {0.0f, 0.3f, -0.3f, 4.0f, -1.125f})
    CHECK(q.backward(x, 0.7f).gradient == 0.7f);
  CHECK(q.code(-0.1f) == -1);
  CHECK(q.code(0.1f) == 0);
  CHECK(q.unrounded(0.3f) == 0.3f);
}

TEST_CASE("dorefa_weights: one bit with an output range has levels ±s and derivative 1") {
  std::vector<double> const w{0.5, -0.25, 0.125, -1.125};
  dorefa_weights const q{bits{1}, detent::reduce(magnitude{}, w), 3.0};
  CHECK(q(0.01) == 3.0);
  CHECK(q(-0.01) == -3.0);
  CHECK(q.backward(0.5, 0.7).gradient == 0.7);
  CHECK(q.backward(-9.0, 0.7).gradient == 0.7);
}

TEST_CASE("dorefa_weights: zero goes to the even code, the upper of the two inner levels") {
  for (int b = 2; b <= 8; ++b) {
    std::vector<float> const w{0.5f};
    dorefa_weights const q{bits{b}, detent::reduce(magnitude{}, w)};
    CHECK(q.code(0.0f) == 0);
    CHECK(std::abs(q(0.0) - 1.0 / (std::exp2(b) - 1.0)) < 1e-15);
  }
}

TEST_CASE("dorefa_weights: a tensor of zeros stays zero, and so do the channels that are") {
  for (int b = 1; b <= 8; ++b) {
    for (std::size_t const size : {0u, 5u}) {
      std::vector<float> const w(size);
      auto const m = detent::reduce(magnitude{}, w);
      for (dorefa_weights const& q :
           {dorefa_weights{bits{b}, m}, dorefa_weights{bits{b}, m, 0.5}}) {
        for (float const x : {0.0f, -0.0f, 0.25f})
          CHECK(q(x) == 0.0f);
        CHECK(q.gain() == 0.0);
        CHECK(q.unrounded(0.25f) == 0.0f);
        CHECK(q.backward(0.0f, 1.0f).gradient > 0.0f);
        CHECK(detent::reduce(detent::quantization_error{q}, std::vector<float>(3))
                  .mean_squared_error() == 0.0);
      }
    }
  }
}

TEST_CASE("dorefa_weights: one bit has the sign and the mean magnitude of weights of any size") {
  for (float const size : {1e-37f, 1e-31f, 1e-9f, 1.0f, 1e15f}) {
    std::vector<float> const w{size, -size, size};
    dorefa_weights const q{bits{1}, detent::reduce(magnitude{}, w)};
    for (float const x : w) {
      CHECK(q(x) == x);
      CHECK(q.code(x) == (x < 0 ? -1 : 0));
    }
  }
  std::vector<float> const w{0.05f, -0.05f, -1e-9f};
  dorefa_weights const q{bits{1}, detent::reduce(magnitude{}, w)};
  CHECK(q(w[2]) == -q(w[0]));
  CHECK(q(w[2]) == q(w[1]));
}

TEST_CASE("dorefa_weights: weights too small for a grid come out as 0 or, with one bit, as small") {
  for (float const small : {1e-30f, 1e-38f, 1e-45f}) {
    for (int const b : {1, 2, 16}) {
      std::vector<float> const w(3, small);
      dorefa_weights const q{bits{b}, detent::reduce(magnitude{}, w)};
      CHECK(q(small) <= small);
      CHECK(q(small) >= 0.0f);
      CHECK(std::isfinite(q.backward(small, 1.0f).gradient));
    }
  }
}

TEST_CASE("dorefa_weights: huge weights saturate tanh and stay finite") {
  std::vector<float> const w{1e30f, -3e38f, 1.0f};
  dorefa_weights const q{bits{3}, detent::reduce(magnitude{}, w)};
  CHECK(q(1e30f) == 1.0f);
  CHECK(q(-3e38f) == -1.0f);
  CHECK(q.backward(1e30f, 1.0f).gradient == 0.0f);
}

TEST_CASE("dorefa_weights: rejects NaN and infinite weights") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  std::string const expected = "detent: largest |w|: is not finite; a finite number is needed";
  for (float const bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    for (std::size_t const where : {0u, 999u, 16384u, 39999u}) {
      auto w = tensors::random<float>(40000, 1);
      w[where] = bad;
      auto const m = detent::reduce(magnitude{}, w);
      for (int const b : {1, 2, 8}) {
        CHECK(tensors::message_of([&] { dorefa_weights(bits{b}, m); }) == expected);
        CHECK(tensors::message_of([&] { dorefa_weights(bits{b}, m, 1.0); }) == expected);
      }
    }
  }
#endif
}

TEST_CASE("dorefa_weights: rejects an output range that is not above 0") {
  std::vector<float> const w{0.5f};
  auto const m = detent::reduce(magnitude{}, w);
  for (int const b : {1, 3}) {
    for (double const s : {0.0, -1.0, std::numeric_limits<double>::infinity()}) {
      auto const message = tensors::message_of([&] { dorefa_weights(bits{b}, m, s); });
      CHECK(message.find("detent: output range: is ") == 0);
      CHECK(message.find("a finite number above 0 is needed") != std::string::npos);
    }
  }
}

TEST_CASE("dorefa_weights: unrounded is tanh in the units of the level") {
  auto const m = detent::reduce(detent::magnitude{}, std::vector<double>{-0.5, 1.5, 0.25});
  for (double const range : {0.6, 1.0}) {
    dorefa_weights const q(bits{3}, m, range);
    for (double const w : {-1.5, -0.3, 0.2, 1.0}) {
      double const expected = range * std::tanh(w) / std::tanh(1.5);
      CHECK(std::fabs(q.unrounded(w) - expected) < 1e-14);
    }
  }
}
