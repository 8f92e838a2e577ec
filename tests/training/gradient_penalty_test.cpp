// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The gradient of gradient norms: against differences of the penalty in double, and by differences
// against dual numbers in float; weights and activations.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <detent/execution/policy.hpp>
#include <detent/regularizer/gradient_norm.hpp>
#include <detent/training/gradient_penalty.hpp>
#include <limits>
#include <span>
#include <stdexcept>
#include <support/backwards.hpp>
#include <support/counted_allocations.hpp>
#include <support/fast_math.hpp>
#include <support/small_network.hpp>
#include <support/tensors.hpp>
#include <utility>
#include <vector>

using namespace detent;
using detent_test::bend;
using detent_test::relative_distance;
using detent_test::small_network;
using detent_test::tensors_of_network;

namespace {

template <class T>
using tensors_of = std::vector<std::vector<T>>;

/// The network's tensors with strengths, and offsets of its activations as the fifth layer.
template <class T>
struct problem {
  tensors_of_network<T> of;
  std::vector<double> scales{0.5, 0.25, 1.5, 0, 2.0};
  bool activations;

  problem(small_network const& net, std::uint64_t seed, bool with_activations)
      : of([&] {
          auto w = net.weights<T>(seed);
          if (with_activations) w.emplace_back(net.batch * net.hidden);
          return w;
        }()),
        activations(with_activations) {}

  std::vector<penalized_layer<T>> layers() {
    std::vector<penalized_layer<T>> all;
    for (std::size_t l = 0; l < of.w.size(); ++l) {
      all.push_back({of.w[l], of.g[l], scales[l],
                     l == 4 ? gradient_of::activations : gradient_of::weights, 0.5});
    }
    return all;
  }
};

/// Runs `penalize`, which adds to g, and gives what it has added to the weights' gradients.
template <class T, class F>
tensors_of<T> added(problem<T>& p, small_network const& net, F const& penalize) {
  p.of.differentiate(net);
  auto const before = p.of.g;
  penalize();
  tensors_of<T> change(p.of.g.begin(), p.of.g.begin() + 4);
  for (std::size_t l = 0; l < 4; ++l) {
    for (std::size_t i = 0; i < change[l].size(); ++i)
      change[l][i] -= before[l][i];
  }
  if (p.activations) {
    CHECK(tensors::same_bits(p.of.g[4], before[4]));
    CHECK(tensors::same_bits(p.of.w[4], std::vector<T>(before[4].size())));
  }
  return change;
}

/// Σ λ‖g‖ at the current weights, from its definition.
template <norm Norm>
double penalty_at(problem<double>& p, small_network const& net) {
  p.of.differentiate(net);
  double total = 0;
  for (std::size_t l = 0; l < p.of.g.size(); ++l) {
    double l1 = 0, square = 0, maximum = 0;
    for (double const x : p.of.g[l]) {
      l1 += std::fabs(x);
      square += x * x;
      maximum = std::fmax(maximum, std::fabs(x));
    }
    double const size = Norm == norm::l1 ? l1 : Norm == norm::l2 ? std::sqrt(square) : maximum;
    total += p.scales[l] * size;
  }
  return total;
}

template <norm Norm>
void check_against_differences(bool activations) {
  CAPTURE(activations);
  small_network const net;
  problem<double> p(net, 4, activations);
  auto const layers = p.layers();
  dual_workspace exact{layers};
  gradient_penalty r;
  auto const dual =
      added(p, net, [&] { r = accumulate(seq, gradient_norm<Norm>{}, net, layers, exact); });
  CHECK(std::fabs(r.value - penalty_at<Norm>(p, net)) <= 1e-13 * r.value);
  CHECK(r.values.size() == p.of.w.size());
  CHECK(r.values[3] == 0);
  CHECK(r.product.evaluations == 1);

  tensors_of<double> slopes = dual;
  constexpr double h = 0x1p-20;
  for (std::size_t l = 0; l < 4; ++l) {
    for (std::size_t i = 0; i < slopes[l].size(); ++i) {
      double const w = p.of.w[l][i];
      p.of.w[l][i] = w + h;
      double const above = penalty_at<Norm>(p, net);
      p.of.w[l][i] = w - h;
      slopes[l][i] = (above - penalty_at<Norm>(p, net)) / (2 * h);
      p.of.w[l][i] = w;
    }
  }
  CHECK(relative_distance(dual, slopes) < 1e-7);

  difference_workspace workspace{layers};
  for (auto const form : {difference::one_sided, difference::central}) {
    auto const change = added(p, net, [&] {
      r = accumulate(seq, gradient_norm<Norm>{}, net, layers, workspace, {form, 0, false});
    });
    CHECK(relative_distance(change, slopes) < (form == difference::central ? 1e-7 : 1e-5));
    CHECK(r.product.evaluations == (form == difference::central ? 2 : 1));
  }
}

template <norm Norm>
void check_in_float(bool activations) {
  CAPTURE(activations);
  small_network const net;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    problem<double> wide(net, seed, activations);
    auto const wide_layers = wide.layers();
    dual_workspace exact_workspace{wide_layers};
    auto const exact = added(wide, net, [&] {
      accumulate(seq, gradient_norm<Norm>{}, net, wide_layers, exact_workspace);
    });
    problem<float> p(net, seed, activations);
    auto const layers = p.layers();
    difference_workspace workspace{layers};
    gradient_penalty r;
    auto const change = added(p, net, [&] {
      r = accumulate(seq, gradient_norm<Norm>{}, net, layers, workspace,
                     {difference::one_sided, 0, true});
    });
    double const error = relative_distance(change, exact);
    CHECK(error < 1e-2);
    CHECK(r.product.relative_error() > 0.3 * error);
    CHECK(r.product.relative_error() < 30 * error);
  }
}

struct throwing {
  small_network const& net;
  template <class T>
  void operator()(oracle_layers<T> layers) const {
    net(layers);
    throw std::runtime_error("out of batches");
  }
};

}  // namespace

TEST_CASE("gradient_penalty: the gradient is that of the norm, by dual numbers and differences") {
  for (bool const activations : {false, true}) {
    check_against_differences<norm::l1>(activations);
    check_against_differences<norm::l2>(activations);
    check_against_differences<norm::maximum>(activations);
  }
}

TEST_CASE("gradient_penalty: in float within 1 % of the exact gradient, and says so") {
  for (bool const activations : {false, true}) {
    check_in_float<norm::l1>(activations);
    check_in_float<norm::l2>(activations);
    check_in_float<norm::maximum>(activations);
  }
}

TEST_CASE("gradient_penalty: the error is that of the weights' product, not of the activations'") {
  // E = Σ w⁴/12 over both: what central misses of H v is h² v³/3, and of 100 as much is not asked.
  std::vector<double> w{0.5, -1, 2}, offsets{30, 20}, g(3), g_offsets(2);
  auto const cube = [](auto const& from, auto& to) {
    for (std::size_t i = 0; i < from.size(); ++i)
      to[i] = from[i] * from[i] * from[i] / 3;
  };
  auto const oracle = [&] {
    cube(w, g);
    cube(offsets, g_offsets);
  };
  oracle();
  std::vector<penalized_layer<double>> const layers{
      {w, g, 1.0}, {offsets, g_offsets, 50.0, gradient_of::activations}};
  difference_workspace workspace{layers};
  constexpr double h = 0x1p-6;
  auto const r = accumulate(seq, gradient_norm<norm::l1>{}, oracle, layers, workspace,
                            {difference::central, h, true});
  double miss = 0, size = 0;
  for (double const x : w) {
    miss += h * h * h * h / 9;
    size += (x * x + h * h / 3) * (x * x + h * h / 3);
  }
  CHECK(std::fabs(r.product.truncation_error.value() / std::sqrt(miss / size) - 1) < 1e-6);
}

TEST_CASE("gradient_penalty: elements that share the maximum share its direction") {
  std::vector<double> w{1, -1, 0.5}, g(3);
  auto const oracle = [&] { g = w; };  // E = ½ Σ w²
  oracle();
  std::vector<penalized_layer<double>> const layers{{w, g, 3.0}};
  difference_workspace workspace{layers};
  auto const r = accumulate(
      seq, gradient_norm<norm::maximum>{},
      [&](auto all) { std::copy(w.begin(), w.end(), all[0].g.begin()); }, layers, workspace);
  CHECK(r.value == 3);
  CHECK(std::fabs(g[0] - 2.5) < 1e-7);
  CHECK(std::fabs(g[1] + 2.5) < 1e-7);
  CHECK(std::fabs(g[2] - 0.5) < 1e-7);
}

TEST_CASE("gradient_penalty: descent along it makes the gradient small") {
  small_network const net;
  problem<float> p(net, 1, false);
  p.scales = {1, 1, 1, 1};
  auto const layers = p.layers();
  difference_workspace workspace{layers};
  std::vector<double> values;
  for (int step = 0; step < 60; ++step) {
    auto const slope = added(p, net, [&] {
      values.push_back(accumulate(seq, gradient_norm<norm::l2>{}, net, layers, workspace).value);
    });
    for (std::size_t l = 0; l < 4; ++l) {
      for (std::size_t i = 0; i < slope[l].size(); ++i)
        p.of.w[l][i] -= 0.05f * slope[l][i];
    }
  }
  CHECK(values.back() < 0.5 * values.front());
}

TEST_CASE("gradient_penalty: everything comes back when the oracle throws") {
  small_network const net;
  problem<float> p(net, 2, true);
  p.of.differentiate(net);
  auto const w = p.of.w, g = p.of.g;
  auto const layers = p.layers();
  difference_workspace workspace{layers};
  dual_workspace exact{layers};
  gradient_norm<norm::l1> const kind;
  CHECK_THROWS_AS(accumulate(seq, kind, throwing{net}, layers, workspace), std::runtime_error);
  CHECK_THROWS_AS(accumulate(seq, kind, throwing{net}, layers, exact), std::runtime_error);
  for (std::size_t l = 0; l < w.size(); ++l) {
    CHECK(tensors::same_bits(p.of.w[l], w[l]));
    CHECK(tensors::same_bits(p.of.g[l], g[l]));
  }
  // And the workspace is as good as new.
  CHECK(accumulate(seq, kind, net, layers, workspace).product.evaluations == 1);
  for (std::size_t l = 0; l < w.size(); ++l)
    CHECK(tensors::same_bits(p.of.w[l], w[l]));
}

TEST_CASE("gradient_penalty: without strength or gradient the oracle is not called") {
  small_network const net;
  problem<float> p(net, 2, false);
  p.of.differentiate(net);
  p.scales = {0, 0, 0, 0};
  int calls = 0;
  auto const oracle = [&] { ++calls; };
  auto const g = p.of.g;
  auto layers = p.layers();
  difference_workspace workspace{layers};
  auto r = accumulate(seq, gradient_norm<norm::l1>{}, oracle, layers, workspace);
  CHECK(r.value == 0);
  CHECK(r.product.evaluations == 0);
  CHECK(tensors::same_bits(p.of.g[0], g[0]));
  p.scales = {1, 1, 1, 1};
  for (auto& one : p.of.g)
    std::fill(one.begin(), one.end(), 0.0f);
  layers = p.layers();
  for (norm const which : {norm::l1, norm::l2, norm::maximum}) {
    r = which == norm::l1 ? accumulate(seq, gradient_norm<norm::l1>{}, oracle, layers, workspace)
        : which == norm::l2
            ? accumulate(seq, gradient_norm<norm::l2>{}, oracle, layers, workspace)
            : accumulate(seq, gradient_norm<norm::maximum>{}, oracle, layers, workspace);
    CHECK(r.value == 0);
  }
  CHECK(calls == 0);
}

TEST_CASE("gradient_penalty: a NaN in a gradient gives a NaN penalty, and moves nothing") {
  small_network const net;
  problem<float> p(net, 2, false);
  p.of.differentiate(net);
  p.of.g[1][1] = std::numeric_limits<float>::quiet_NaN();
  auto const g = p.of.g;
  int calls = 0;
  auto const oracle = [&] { ++calls; };
  auto const layers = p.layers();
  difference_workspace workspace{layers};
  auto const r = accumulate(seq, gradient_norm<norm::l1>{}, oracle, layers, workspace);
  CHECK(detent_test::is_nan(r.value));
  CHECK(calls == 0);
  for (std::size_t l = 0; l < g.size(); ++l)
    CHECK(tensors::same_bits(p.of.g[l], g[l]));
}

TEST_CASE("gradient_penalty: the same bits under every policy") {
  small_network const net(bend::tanh, 700);
  problem<float> a(net, 2, false), b(net, 2, false);
  detent_test::backwards other_order;
  auto const layers_a = a.layers(), layers_b = b.layers();
  difference_workspace workspace{layers_a};
  gradient_penalty one, other;
  auto const first = added(
      a, net, [&] { one = accumulate(seq, gradient_norm<norm::l1>{}, net, layers_a, workspace); });
  double const value = one.values[0];
  auto const second = added(b, net, [&] {
    other = accumulate(on(other_order), gradient_norm<norm::l1>{}, net, layers_b, workspace);
  });
  for (std::size_t l = 0; l < 4; ++l)
    CHECK(tensors::same_bits(first[l], second[l]));
  CHECK(tensors::same_bits(one.value, other.value));
  CHECK(tensors::same_bits(value, other.values[0]));
  CHECK(tensors::same_bits(one.product.rounding_error, other.product.rounding_error));
#if defined(_OPENMP)
  auto const third = added(b, net, [&] {
    accumulate(openmp_policy(3), gradient_norm<norm::l1>{}, net, layers_b, workspace);
  });
  for (std::size_t l = 0; l < 4; ++l)
    CHECK(tensors::same_bits(first[l], third[l]));
#endif
}

TEST_CASE("gradient_penalty: no activation is moved by a larger share than the weights") {
  small_network const net;
  auto const step_of = [&](double strength, double magnitude) {
    problem<float> p(net, 2, true);
    p.of.differentiate(net);
    p.scales = {1, 1, 1, 1, strength};
    auto layers = p.layers();
    layers[4].magnitude = magnitude;
    difference_workspace workspace{layers};
    return accumulate(seq, gradient_norm<norm::l1>{}, net, layers, workspace).product.step;
  };
  double const alone = step_of(0, 1);
  CHECK(step_of(1, 1) == alone);
  CHECK(step_of(64, 1) <= alone / 16);
  CHECK(step_of(64, 1) == 4 * step_of(64, 0.25));
}

TEST_CASE("gradient_penalty: no allocation after the first call") {
  std::vector<float> w = tensors::random<float>(40000, 1), g(w.size());
  std::vector<penalized_layer<float>> const layers{
      {std::span(w).first(30000), std::span(g).first(30000)},
      {std::span(w).last(10000), std::span(g).last(10000)}};
  auto const oracle = [&] {  // E = Σ w⁴/4
    for (std::size_t i = 0; i < w.size(); ++i)
      g[i] = w[i] * w[i] * w[i];
  };
  oracle();
  difference_workspace workspace{layers};
  for (difference_options const options : {difference_options{}, {difference::central, 0, true}}) {
    auto const call = [&] {
      accumulate(seq, gradient_norm<norm::l1>{}, oracle, layers, workspace, options);
      accumulate(seq, gradient_norm<norm::maximum>{}, oracle, layers, workspace, options);
    };
    call();
    long const before = allocations.load();
    call();
    CHECK(allocations.load() == before);
  }
  long const before = allocations.load();
  difference_workspace const another{layers};
  CHECK(allocations.load() > before);  // they are counted
}

TEST_CASE("gradient_penalty: bad input is named, and nothing is written") {
  small_network const net;
  problem<float> p(net, 2, true);
  p.of.differentiate(net);
  auto const layers = p.layers();
  difference_workspace workspace{layers};
  dual_workspace exact{layers};
  auto const g = p.of.g;
  auto const says = [&](auto change, difference_options const& options, char const* part) {
    auto copy = layers;
    change(copy);
    gradient_norm<norm::l1> const kind;
    auto const message =
        tensors::message_of([&] { accumulate(seq, kind, net, copy, workspace, options); });
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
    if (options.step != 0) return;
    CHECK(tensors::message_of([&] { accumulate(seq, kind, net, copy, exact); }) == message);
  };
  double const infinite = std::numeric_limits<double>::infinity();
  says([](auto& all) { all.pop_back(); }, {}, "layers: has 4 elements");
  says([](auto& all) { std::swap(all[0], all[1]); }, {}, "w of layer 0: has 16 elements");
  says([](auto& all) { all[0].g = all[1].g; }, {}, "g of layer 0: has 16 elements");
  says([=](auto& all) { all[2].scale = infinite; }, {}, "scale of layer 2");
  says([=](auto& all) { all[2].scale = 1e300; }, {}, "scale of layer 2");
  says([](auto& all) { all[4].magnitude = 0; }, {}, "magnitude of layer 4: is 0");
  says([](auto&) {}, {difference::central, -1}, "step of a difference: is -1");
  for (std::size_t l = 0; l < g.size(); ++l)
    CHECK(tensors::same_bits(p.of.g[l], g[l]));
}
