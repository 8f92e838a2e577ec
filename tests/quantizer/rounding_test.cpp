// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Plain uniform rounding: levels, codes, ties, the ends of the range, the straight-through
// gradient.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/rounding.hpp>
#include <limits>
#include <support/tensors.hpp>

using detent::bits;
using detent::rounding;
using detent::step_size;
using detent::uniform;

namespace {

/// (⌊clip(w/Δ - φ)⌉ + φ)Δ by the formula, in double.
double reference(uniform<double> const& grid, double w) {
  double const n = std::nearbyint(w / grid.step() - grid.phase());
  double const code = std::clamp(n, static_cast<double>(grid.lowest_code()),
                                 static_cast<double>(grid.highest_code()));
  return (code + grid.phase()) * grid.step();
}

/// How far w is from the nearest rounding threshold, in steps.
double threshold_distance(uniform<double> const& grid, double w) {
  double const u = w / grid.step() - grid.phase();
  return std::abs(u - std::floor(u) - 0.5);
}

std::vector<uniform<double>> grids() {
  std::vector<uniform<double>> all;
  for (int b = 1; b <= 8; ++b) {
    all.push_back(detent::dorefa_grid(bits{b}));
    all.push_back(detent::dorefa_grid(bits{b}).scaled(0.37));
    all.push_back(detent::unit_grid(bits{b}));
    all.push_back(detent::twos_complement_grid(bits{b}, step_size{0.1}));
    all.push_back(detent::unsigned_grid(bits{b}, step_size{0.03}));
    if (b > 1) all.push_back(detent::wrpn_grid(bits{b}).scaled(1.7));
  }
  return all;
}

template <class T>
void check_against_formula() {
  T const epsilon = std::numeric_limits<T>::epsilon();
  for (auto const& grid : grids()) {
    rounding const q{grid};
    int compared = 0;
    for (T const w : tensors::random<T>(2000, 7)) {
      double const want = reference(grid, static_cast<double>(w));
      double const blur = 4.0 * static_cast<double>(epsilon) * (2.0 / grid.step() + 1.0);
      if (threshold_distance(grid, static_cast<double>(w)) < blur) continue;
      ++compared;
      double const got = static_cast<double>(q(w));
      CHECK(std::abs(got - want) <= static_cast<double>(epsilon) * std::abs(want));
      CHECK(q(w) == grid.template as<T>().level(q.code(w)));
      CHECK(q(q(w)) == q(w));
    }
    CHECK(compared > 1900);
  }
}

}  // namespace

TEST_CASE("rounding: agrees with the formula on every convention") {
  check_against_formula<float>();
  check_against_formula<double>();
}

TEST_CASE("rounding: every level is its own image and has its own code") {
  for (auto const& grid : grids()) {
    rounding const q{grid};
    auto const narrow = grid.as<float>();
    for (int n = grid.lowest_code(); n <= grid.highest_code(); ++n) {
      CHECK(q.code(grid.level(n)) == n);
      CHECK(q(grid.level(n)) == grid.level(n));
      CHECK(q.code(narrow.level(n)) == n);
      CHECK(q(narrow.level(n)) == narrow.level(n));
    }
  }
}

TEST_CASE("rounding: ties go to the even code") {
  rounding const tread{detent::twos_complement_grid(bits{4}, step_size{0.5})};
  CHECK(tread(0.25) == 0.0);
  CHECK(tread(0.75) == 1.0);
  CHECK(tread(1.25) == 1.0);
  CHECK(tread(-0.25) == 0.0);
  CHECK(tread(-0.75) == -1.0);
  rounding const rise{uniform<double>{step_size{0.5}, 0.5, -4, 3}};
  CHECK(rise.code(0.5f) == 0);
  CHECK(rise(0.5f) == 0.25f);
  CHECK(rise.code(1.0f) == 2);
  CHECK(rise.code(0.0f) == 0);
  CHECK(rise.code(-0.5f) == -2);
}

TEST_CASE("rounding: clips to the outermost levels") {
  rounding const q{detent::twos_complement_grid(bits{3}, step_size{0.5})};
  for (float const w : {1.5f, 1.76f, 9.0f, 1e30f}) {
    CHECK(q(w) == 1.5f);
    CHECK(q.code(w) == 3);
    CHECK(q(-w - 1.0f) == -2.0f);
    CHECK(q.code(-w - 1.0f) == -4);
  }
}

TEST_CASE("rounding: the gradient passes up to the ends and stops beyond them") {
  for (auto const& grid : grids()) {
    rounding const q{grid};
    auto const narrow = grid.as<float>();
    constexpr float infinite = std::numeric_limits<float>::max();
    CHECK(q.backward(narrow.lowest(), 3.0f).gradient == 3.0f);
    CHECK(q.backward(narrow.highest(), 3.0f).gradient == 3.0f);
    CHECK(q.backward(std::nextafter(narrow.lowest(), infinite), 3.0f).gradient == 3.0f);
    CHECK(q.backward(std::nextafter(narrow.highest(), -infinite), 3.0f).gradient == 3.0f);
    // At least the smallest normal number: -ffast-math flushes what is below.
    float const beyond = std::max(std::nextafter(narrow.highest(), infinite),
                                  narrow.highest() + std::numeric_limits<float>::min());
    CHECK(q.backward(beyond, 3.0f).gradient == 0.0f);
    CHECK(q.backward(grid.lowest(), -2.0).gradient == -2.0);
    CHECK(q.backward(grid.highest(), -2.0).gradient == -2.0);
    CHECK(q.backward(grid.highest() + 1e-12, -2.0).gradient == 0.0);
    CHECK(q.backward(grid.lowest() - 1e-12, -2.0).gradient == 0.0);
  }
}

TEST_CASE("rounding: a value on the range that was given is inside") {
  // The largest weight lies exactly there when the range is max |w|.
  for (int b = 2; b <= 16; ++b) {
    auto const unit = detent::wrpn_grid(bits{b});
    for (float const w : tensors::random<float>(300, 11)) {
      if (!(std::abs(w) > 1e-3f)) continue;
      rounding const q{unit.scaled(std::abs(static_cast<double>(w)))};
      CHECK(q.backward(w, 1.0f).gradient == 1.0f);
      CHECK(q.backward(-w, 1.0f).gradient == 1.0f);
      CHECK(q.backward(w * 1.000001f, 1.0f).gradient == 0.0f);
    }
  }
}

TEST_CASE("rounding: unrounded is the weight, gain is 1") {
  rounding const q{detent::wrpn_grid(bits{3})};
  CHECK(q.gain() == 1.0);
  CHECK(q.unrounded(5.25f) == 5.25f);
}

TEST_CASE("rounding: a NaN stays NaN, and infinities clip") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  rounding const q{detent::wrpn_grid(bits{3})};
  CHECK(std::isnan(q(std::numeric_limits<float>::quiet_NaN())));
  CHECK(std::isnan(q(std::numeric_limits<double>::quiet_NaN())));
  CHECK(q(std::numeric_limits<float>::infinity()) == 1.0f);
  CHECK(q(-std::numeric_limits<double>::infinity()) == -1.0);
  CHECK(q.code(std::numeric_limits<float>::quiet_NaN()) == -3);
  CHECK(q.backward(std::numeric_limits<float>::quiet_NaN(), 1.0f).gradient == 0.0f);
#endif
}

TEST_CASE("rounding: through a domain with a gain") {
  detent::rounding_through<detent::tanh_domain, detent::outside::passes> const q{
      detent::wrpn_grid(bits{3}), {}, 2.0};
  CHECK(std::abs(q(0.5) - 2.0 / 3.0) < 1e-15);  // tanh ½ = 0.46, 1.39 steps
  CHECK(std::abs(q.unrounded(0.5) - 2.0 * std::tanh(0.5)) < 1e-15);
  double const slope = 1.0 - std::tanh(0.5) * std::tanh(0.5);
  CHECK(std::abs(q.backward(0.5, 3.0).gradient - 6.0 * slope) < 1e-14);
}

TEST_CASE("rounding: rejects a gain that is not above 0") {
  using through = detent::rounding_through<detent::identity_domain, detent::outside::stops>;
  auto const message = [](double gain) {
    return tensors::message_of([&] { through(detent::wrpn_grid(bits{3}), {}, gain); });
  };
  CHECK(message(0.0) == "detent: gain: is 0; a finite number above 0 is needed");
  CHECK(message(-1.0) == "detent: gain: is -1; a finite number above 0 is needed");
  CHECK(message(std::numeric_limits<double>::infinity()) ==
        "detent: gain: is not finite; a finite number above 0 is needed");
  CHECK(message(1.0).empty());
}
