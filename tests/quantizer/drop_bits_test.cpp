// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// DropBits: masked levels, gradients of every parameter against differences, limits.

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <detent/algorithm/backward.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/drop_bits.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/quantizer/semi_relaxed.hpp>
#include <detent/regularizer/bit_gates.hpp>
#include <limits>
#include <support/noisy_levels.hpp>
#include <support/tensors.hpp>
#include <utility>
#include <vector>

using namespace detent;

namespace {

using gates = std::array<double, 2>;
constexpr auto endpoints = mask_sharing::endpoints;
/// Masks by endpoints of four bits over two.
using pairs = drop_bits<6, endpoints>;

/// Instead of a level that is held.
constexpr int all_levels = 99;

/// α n_m π_m by the definition, for a held level m of the grid of four bits over two; for
/// `all_levels` their sum.
template <class Masks>
long double output(double step, double noise, Masks const& masks, double x, int m) {
  auto const sharing = masks.size() == 2 ? mask_sharing::bitwise : endpoints;
  auto const logistic = [&](long double c) { return 1 / (1 + std::exp(-(c - x) / noise)); };
  long double sum = 0, chosen = 0;
  for (int n = -8; n < 8; ++n) {
    int const k = mask_of(sharing, 2, n);
    long double const below = step * (n - 0.5L), above = step * (n + 0.5L);
    long double const share = below > x ? logistic(2 * x - below) - logistic(2 * x - above)
                                        : logistic(above) - logistic(below);
    long double const z = k < 0 ? 1 : masks[static_cast<std::size_t>(k)];
    sum += z * share;
    if (n == m || m == all_levels) chosen += step * n * z * share;
  }
  return chosen / sum;
}

/// Compares every gradient at x with the difference of `output`, for the level that is held or all.
template <class Quantizer, class Masks>
void check_gradients(Quantizer const& q, double step, double noise, Masks const& masks, double x,
                     bool all = false) {
  double const h = 1e-6;
  int const m = all ? all_levels : q.code(x);
  auto const p = q.backward(x, 2.0);
  auto const slope = [&](double dx, double da, double ds, Masks const& dz) {
    auto const at = [&](double t) {
      Masks moved = masks;
      for (std::size_t k = 0; k < masks.size(); ++k)
        moved[k] += t * dz[k];
      return output(step + t * da, noise + t * ds, moved, x + t * dx, m);
    };
    return static_cast<double>((at(h) - at(-h)) / h);  // twice: of upstream 2
  };
  // The held level moves with α itself.
  double const straight =
      all ? 0
          : 2 * m *
                static_cast<double>(1 - (m == 0 ? 1
                                                : output(step, noise, masks, x, m) /
                                                      (static_cast<long double>(step) * m)));
  auto const close = [](double a, double b) {
    return std::fabs(a - b) <= 2e-6 * (1 + std::fabs(a));
  };
  CHECK(close(p.gradient, slope(1, 0, 0, {})));
  CHECK(close(p.theta[0], slope(0, 1, 0, {}) + straight));
  CHECK(close(p.theta[1], slope(0, 0, 1, {})));
  for (std::size_t k = 0; k < masks.size(); ++k) {
    CAPTURE(k);
    Masks one{};
    one[k] = 1;
    CHECK(close(p.theta[2 + k], slope(0, 0, 0, one)));
  }
}

}  // namespace

TEST_CASE("drop_bits: with open gates it is semi-relaxed quantization") {
  drop_bits<2> const q(bits{4}, step_size{0.2}, 0.07, {1, 1});
  semi_relaxed<> const plain(twos_complement_grid(bits{4}, step_size{0.2}), 0.07);
  for (double const x : tensors::random<double>(500, 3, 2.0)) {
    auto const a = q.backward(x, 1.5);
    auto const b = plain.backward(x, 1.5);
    CHECK(q(x) == plain(x));
    CHECK(std::fabs(a.gradient - b.gradient) < 1e-10);
    CHECK(std::fabs(a.theta[0] - b.theta[0]) < 1e-10);
    CHECK(std::fabs(a.theta[1] - b.theta[1]) < 1e-9);
  }
}

TEST_CASE("drop_bits: with shut gates it is quantization with the bits that are left") {
  drop_bits<2> const none(bits{4}, step_size{0.2}, 0.07, {0, 0});
  drop_bits<2> const lower(bits{4}, step_size{0.2}, 0.07, {1, 0});
  rounding const two(twos_complement_grid(bits{2}, step_size{0.2}));
  rounding const three(twos_complement_grid(bits{3}, step_size{0.2}));
  for (double const x : tensors::random<double>(500, 4, 4.0)) {
    double const u = x / 0.2;
    if (std::fabs(u - std::floor(u) - 0.5) < 1e-3) continue;
    CHECK(none(x) == two(x));
    CHECK(lower(x) == three(x));
    CHECK(none.code(x) == two.code(x));
  }
}

TEST_CASE("drop_bits: every gradient is the derivative for the held level") {
  for (gates const& masks : {gates{1, 1}, gates{0.7, 0.3}, gates{0.2, 0.9}, gates{0.5, 0.02}}) {
    for (double const noise : {0.05, 0.2}) {
      double const step = 0.25;
      drop_bits<2> const q(bits{4}, step_size{step}, noise, masks);
      for (double x = -2.3; x < 2.3; x += 0.171) {
        CAPTURE(x);
        CAPTURE(noise);
        check_gradients(q, step, noise, masks, x);
      }
    }
  }
}

TEST_CASE("drop_bits: through all levels, every gradient is the derivative of their mean") {
  using through_all = drop_bits<2, mask_sharing::bitwise, relaxed_classes::all>;
  using pairs_through_all = drop_bits<6, endpoints, relaxed_classes::all>;
  std::array const six{0.7, 0.3, 0.9, 0.1, 0.5, 0.6};
  for (double const noise : {0.05, 0.2}) {
    for (double x = -2.3; x < 2.3; x += 0.171) {
      CAPTURE(x);
      CAPTURE(noise);
      for (gates const& masks : {gates{1, 1}, gates{0.7, 0.3}, gates{0.2, 0.9}}) {
        check_gradients(through_all(bits{4}, step_size{0.25}, noise, masks), 0.25, noise, masks, x,
                        true);
      }
      check_gradients(pairs_through_all(bits{4}, step_size{0.25}, noise, six), 0.25, noise, six, x,
                      true);
    }
  }
  // With open gates it is semi_relaxed's.
  through_all const q(bits{4}, step_size{0.2}, 0.07, {1, 1});
  semi_relaxed<relaxed_classes::all> const plain(twos_complement_grid(bits{4}, step_size{0.2}),
                                                 0.07);
  for (double const x : tensors::random<double>(500, 3, 2.0)) {
    CHECK(q(x) == plain(x));
    CHECK(std::fabs(q.backward(x, 1.5).gradient - plain.backward(x, 1.5).gradient) < 1e-10);
  }
}

TEST_CASE("drop_bits: through all levels, a gate is told what its levels are worth") {
  using through_all = drop_bits<1, mask_sharing::bitwise, relaxed_classes::all>;
  // x wants more than the level 1 that two bits have: the loss falls with the mask of 2 and 3.
  through_all const q(bits{3}, step_size{1.0}, 0.3, {0.01});
  double const x = 2.4;
  CHECK(q.code(x) == 1);
  double const upstream = 2 * (q(x) - x);
  CHECK(q.backward(x, upstream).theta[2] < 0);
  // Through the chosen level alone it is told the opposite.
  CHECK(drop_bits<1>(bits{3}, step_size{1.0}, 0.3, {0.01}).backward(x, upstream).theta[2] > 0);
}

TEST_CASE("drop_bits: by endpoints too, every gradient is the derivative for the held level") {
  using six = std::array<double, 6>;
  for (six const& masks : {six{1, 1, 1, 1, 1, 1}, six{0.7, 0.3, 0.9, 0.1, 0.5, 0.6},
                           six{0.02, 0.4, 0.3, 0.8, 0.03, 0.9}}) {
    for (double const noise : {0.05, 0.2}) {
      double const step = 0.25;
      pairs const q(bits{4}, step_size{step}, noise, masks);
      for (double x = -2.3; x < 2.3; x += 0.171) {
        CAPTURE(x);
        CAPTURE(noise);
        check_gradients(q, step, noise, masks, x);
      }
    }
  }
}

TEST_CASE("drop_bits: equal masks by endpoints are those of the bits") {
  drop_bits<2> const bitwise(bits{4}, step_size{0.2}, 0.07, {0.8, 0.3});
  pairs const q(bits{4}, step_size{0.2}, 0.07, {0.8, 0.8, 0.3, 0.3, 0.3, 0.3});
  for (double const x : tensors::random<double>(500, 3, 2.0)) {
    auto const a = q.backward(x, 1.5);
    auto const b = bitwise.backward(x, 1.5);
    auto const close = [](double of, double to) {
      return std::fabs(of - to) <= 1e-12 * (1 + std::fabs(to));
    };
    CHECK(q.code(x) == bitwise.code(x));
    CHECK(close(a.gradient, b.gradient));
    CHECK(close(a.theta[0], b.theta[0]));
    CHECK(close(a.theta[1], b.theta[1]));
    CHECK(close(a.theta[2] + a.theta[3], b.theta[2]));
    CHECK(close(a.theta[4] + a.theta[5] + a.theta[6] + a.theta[7], b.theta[3]));
  }
}

TEST_CASE("drop_bits: endpoints take levels off both ends alike, and leave gaps where they are") {
  for (double const noise : {1e-6, 0.01, 0.1}) {
    pairs const ends(bits{4}, step_size{1}, noise, {1, 1, 1, 0, 0, 0});
    pairs const gap(bits{4}, step_size{1}, noise, {1, 0, 1, 1, 1, 1});
    drop_bits<30, endpoints> const six(bits{6}, step_size{1}, noise, {1, 1, 1});
    for (double x = -40; x < 40; x += 0.093) {
      CAPTURE(noise);
      CAPTURE(x);
      double const nearest = std::nearbyint(x);
      if (std::fabs(x - nearest) > 0.499) continue;
      CHECK(ends(x) == std::fmin(std::fmax(nearest, -5), 4));
      CHECK(six(x) == ends(x));
      bool const is_shut = nearest == 3 || nearest == -4;
      double const within = std::fmin(std::fmax(nearest, -8), 7);
      if (!is_shut) CHECK(gap(x) == within);
      CHECK(gap(x) != 3);
      CHECK(gap(x) != -4);
    }
  }
}

TEST_CASE("drop_bits: a mask below 1e-20 is a shut one") {
  pairs const shut(bits{4}, step_size{1}, 0.01, {1, 0, 0, 1, 0, 0});
  pairs const tiny(bits{4}, step_size{1}, 0.01, {1, 1e-50, 9e-21, 1, 1e-30, 9e-21});
  for (float const x : tensors::random<float>(400, 4, 16.0)) {
    auto const a = shut.backward(x, 1.0f), b = tiny.backward(x, 1.0f);
    CHECK(shut(x) == tiny(x));
    CHECK(a.gradient == b.gradient);
  }
}

TEST_CASE("drop_bits: in a gap that shut gates leave, the nearest open level, at any noise") {
  for (double const noise : {1e-6, 1e-3, 0.01, 0.02, 0.2}) {
    drop_bits<2> const bitwise(bits{4}, step_size{1}, noise, {0, 1});
    pairs const endings(bits{4}, step_size{1}, noise, {1, 0, 0, 0, 0, 1});
    for (float const x : {1.6f, 2.0f, 2.4f, 2.6f, 3.0f, 3.4f, -2.6f, -3.0f, -3.4f, -3.6f, -4.2f}) {
      CAPTURE(noise);
      CAPTURE(x);
      auto const middle = x < 0 ? -3.5f : 2.5f;
      float const expected = x < 0 ? (x < middle ? -5.0f : -2.0f) : (x < middle ? 1.0f : 4.0f);
      CHECK(bitwise(x) == expected);
      CHECK(bitwise(static_cast<double>(x)) == static_cast<double>(expected));
      // Far from every level that is open the gradient by x is that of certainty: none.
      if (noise < 0.005 && std::fabs(x - middle) > 0.3f) {
        CHECK(std::fabs(bitwise.backward(x, 1.0f).gradient) < 1e-6f);
      }
    }
    for (float const x : {2.6f, 3.4f, 4.4f, 4.6f, 5.0f, 6.4f, -3.6f, -5.4f, -5.6f, -7.0f}) {
      float const middle = x < 0 ? -5.5f : 4.5f;
      float const expected = x < 0 ? (x < middle ? -8.0f : -3.0f) : (x < middle ? 2.0f : 7.0f);
      CHECK(endings(x) == expected);
      auto const p = endings.backward(x, 1.0f);
      for (float const t : p.theta)
        CHECK(std::isfinite(t));
      // By the mask of the level where x lies, which is shut: opening it takes x over.
      if (noise < 0.05 && std::fabs(x - 4.5f) < 0.2f) {
        CHECK(p.theta[static_cast<std::size_t>(x < middle ? 4 : 5)] < -1e10f);
      }
    }
  }
}

TEST_CASE("drop_bits: in a deep gap every gradient is still the derivative") {
  // The middle of the gap is 2 steps, 80 σ, from what the open levels cover.
  std::array<double, 6> const masks{1, 0, 0, 0, 0, 0.4};
  pairs const q(bits{4}, step_size{0.25}, 0.00625, masks);
  for (double const x : {4.3, 4.45, 4.52, 4.6, -5.4, -5.49, -5.53, 1.52, 2.4, 3.2, 6.3, -8.2}) {
    CAPTURE(x);
    double const at = 0.25 * x;
    int const m = q.code(at);
    auto const p = q.backward(at, 1.0);
    auto const value = [&](double dx, double da, double ds, double dz = 0) {
      auto moved = masks;
      moved[5] += dz;
      return output(0.25 + da, 0.00625 + ds, moved, at + dx, m);
    };
    double const h = 1e-7;
    auto const close = [](double a, long double b) {
      return std::fabs(a - static_cast<double>(b)) <= 1e-4 * (1 + std::fabs(a));
    };
    double const share = static_cast<double>(value(0, 0, 0) / (0.25L * m));
    CHECK(close(p.gradient, (value(h, 0, 0) - value(-h, 0, 0)) / (2 * h)));
    CHECK(close(p.theta[0], (value(0, h, 0) - value(0, -h, 0)) / (2 * h) + m * (1.0L - share)));
    CHECK(close(p.theta[1], (value(0, 0, h) - value(0, 0, -h)) / (2 * h)));
    CHECK(close(p.theta[7], (value(0, 0, 0, h) - value(0, 0, 0, -h)) / (2 * h)));
  }
}

TEST_CASE("drop_bits: sound far outside, with shut gates and any noise") {
  for (double const noise : {1e-6, 0.01, 1.0, 100.0}) {
    for (gates const& masks : {gates{1, 1}, gates{0, 0}, gates{0.001, 0}, gates{0, 0.5}}) {
      drop_bits<2> const q(bits{4}, step_size{1}, noise, masks);
      for (float const x : {-1e30f, -300.0f, -8.5f, -2.5f, 0.0f, 1.5f, 7.5f, 300.0f, 1e30f}) {
        CAPTURE(noise);
        CAPTURE(x);
        auto const p = q.backward(x, 1.0f);
        CHECK(std::isfinite(p.gradient));
        for (float const t : p.theta)
          CHECK(std::isfinite(t));
      }
    }
  }
  for (double const noise : {1e-6, 0.01, 1.0, 100.0}) {
    for (double const z : {0.0, 1e-30, 1e-17, 0.5, 1.0}) {
      pairs const q(bits{4}, step_size{1}, noise, {0, z, 0, 1, 0, z});
      for (float const x : {-1e30f, -8.5f, -4.0f, -3.0f, 0.0f, 2.0f, 3.5f, 4.0f, 6.0f, 1e30f}) {
        CAPTURE(noise);
        CAPTURE(x);
        auto const p = q.backward(x, 1.0f);
        CHECK(std::isfinite(p.gradient));
        for (float const t : p.theta)
          CHECK(std::isfinite(t));
      }
    }
  }
  drop_bits<2> const q(bits{4}, step_size{1}, 0.3, {1, 1});
  CHECK(std::isnan(q(std::numeric_limits<float>::quiet_NaN())));
}

namespace {

/// The code of the largest Z A by its logarithm in long double, and by how much it is larger.
std::pair<int, long double> most_probable(double step, double noise, double x, int fewest,
                                          auto const& masks, mask_sharing sharing, int bits) {
  int best = 0;
  long double largest = -HUGE_VALL, second = -HUGE_VALL;
  for (int n = -(1 << (bits - 1)); n < 1 << (bits - 1); ++n) {
    int const k = mask_of(sharing, fewest, n);
    long double const z = k < 0 ? 1 : masks[static_cast<std::size_t>(k)];
    if (!(z > 0)) continue;
    long double const share =
        detent_test::detail::log_share_of(step, noise, x, n).value + std::log(z);
    if (share > largest) {
      second = largest;
      largest = share;
      best = n;
    } else {
      second = std::fmax(second, share);
    }
  }
  return {best, largest - second};
}

}  // namespace

TEST_CASE("drop_bits: with open gates the level is semi_relaxed's, in float too, at any noise") {
  for (double const noise : {1e-6, 0.01, 0.3, 10.0, 100.0, 300.0, 1000.0}) {
    CAPTURE(noise);
    semi_relaxed<> const plain(twos_complement_grid(bits{4}, step_size{1}), noise);
    drop_bits<1> const one(bits{4}, step_size{1}, noise, {1});
    drop_bits<3> const three(bits{4}, step_size{1}, noise, {1, 1, 1});
    pairs const six(bits{4}, step_size{1}, noise, {1, 1, 1, 1, 1, 1});
    int differing = 0;
    for (float x = -12; x < 12; x += 0.0078125f) {  // thresholds included
      double const wide = static_cast<double>(x);
      differing += one(x) != plain(x) || three(x) != plain(x) || six(x) != plain(x);
      differing +=
          one(wide) != plain(wide) || three(wide) != plain(wide) || six(wide) != plain(wide);
    }
    CHECK(differing == 0);
  }
}

TEST_CASE("drop_bits: with any masks the level is the most probable one, at any noise") {
  std::array<std::array<double, 2>, 7> const bitwise{
      {{1, 0}, {0, 1}, {0.5, 0.5}, {1, 0.99999}, {0.999999, 1}, {0.3, 0.9}, {1e-10, 1}}};
  std::array<std::array<double, 6>, 4> const by_endpoints{{{1, 0, 1, 0.99999, 1, 0.5},
                                                           {0.5, 0.5, 0.5, 0.5, 0.5, 0.5},
                                                           {0, 0, 0, 0, 0, 1},
                                                           {1, 1, 0.9999999, 1, 0, 0.99}}};
  int differing = 0, compared = 0;
  for (double const noise : {1e-6, 1e-3, 0.1, 1.0, 30.0, 300.0, 1000.0}) {
    auto const check = [&](auto const& q, auto const& masks, mask_sharing sharing, float x) {
      auto const [code, lead] =
          most_probable(1, noise, static_cast<double>(x), 2, masks, sharing, 4);
      if (lead < 1e-14L) return;
      ++compared;
      differing += q.code(x) != code;
      differing += q.code(static_cast<double>(x)) != code;
    };
    for (float x = -12; x < 12; x += 0.0093f) {
      for (auto const& masks : bitwise) {
        check(drop_bits<2>(bits{4}, step_size{1}, noise, masks), masks, mask_sharing::bitwise, x);
      }
      for (auto const& masks : by_endpoints)
        check(pairs(bits{4}, step_size{1}, noise, masks), masks, endpoints, x);
    }
  }
  CHECK(compared > 150000);
  CHECK(differing == 0);
}

TEST_CASE("drop_bits: backward sums the masks' gradients over a tensor; it goes to the logits") {
  auto const w = tensors::random<float>(2000, 1), up = tensors::random<float>(2000, 2);
  bit_gates nested(bits{4}, bits{2}, 0.6);
  auto const draws = nested.sample(philox_draws{1, 2, 3});
  drop_bits<2> const q(bits{4}, step_size{0.2}, 0.07, {draws[0].mask, draws[1].mask});
  std::vector<float> g(w.size());
  auto const r = backward(q, w, up, g);
  double by_mask = 0;
  for (std::size_t i = 0; i < w.size(); ++i)
    by_mask += static_cast<double>(q.backward(w[i], up[i]).theta[3]);
  CHECK(std::fabs(r.theta[3] - by_mask) < 1e-3 * (1 + std::fabs(by_mask)));
  nested.descend(std::vector<double>{r.theta[2] * draws[0].slope, r.theta[3] * draws[1].slope},
                 0.01);
  CHECK(std::isfinite(nested.expected_bits()));
}

TEST_CASE("drop_bits: nonsense is refused") {
  auto const message = [](int b, double noise, gates const& masks) {
    return tensors::message_of([&] { (void)drop_bits<2>(bits{b}, step_size{1}, noise, masks); });
  };
  CHECK(message(4, 0.3, {1, 1}).empty());
  CHECK(message(4, 0, {1, 1}).starts_with("detent: noise"));
  CHECK(message(4, 0.3, {1, 1.5}) == "detent: mask: is 1.5; it lies in [0, 1]");
  CHECK(message(4, 0.3, {std::numeric_limits<double>::quiet_NaN(), 1}).starts_with("detent: mask"));
  CHECK(message(2, 0.3, {1, 1}).starts_with("detent: bits of drop_bits: is 2"));
  CHECK(message(11, 0.3, {1, 1}).starts_with("detent: bits of drop_bits: is 11"));
  for (int const b : {3, 5})
    CHECK(tensors::message_of([&] {
            (void)pairs(bits{b}, step_size{1}, 0.3, {});
          }).starts_with("detent: bits of drop_bits: is"));
}

TEST_CASE("drop_bits: a mask of 1e-15 leaves its levels open, one of 1e-21 shuts them") {
  drop_bits<2> const open(bits{3}, step_size{1}, 0.01, {1, 1e-15});
  drop_bits<2> const shut(bits{3}, step_size{1}, 0.01, {1, 1e-21});
  CHECK(open(3.0) == 3);
  CHECK(open(-4.0) == -4);
  CHECK(shut(3.0) == 1);
  CHECK(shut(-4.0) == -2);
}
