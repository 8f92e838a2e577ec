// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Hessian-vector products against closed forms, second differences and dual numbers; what comes
// back, when the oracle throws too.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <detent/execution/isa.hpp>
#include <detent/execution/policy.hpp>
#include <detent/math/dual.hpp>
#include <detent/training/gradient_oracle.hpp>
#include <limits>
#include <span>
#include <stdexcept>
#include <support/backwards.hpp>
#include <support/small_network.hpp>
#include <support/tensors.hpp>
#include <utility>
#include <vector>

using namespace detent;
using detent_test::bend;
using detent_test::relative_distance;
using detent_test::small_network;

namespace {

template <class T>
using tensors_of = std::vector<std::vector<T>>;

/// Weights, gradients, directions and products, and the layers that show them.
template <class T>
struct problem {
  tensors_of<T> w, g, v, product;

  explicit problem(tensors_of<T> weights) : w(std::move(weights)), g(w), v(w), product(w) {
    std::uint64_t seed = 77;
    for (std::size_t l = 0; l < w.size(); ++l) {
      v[l] = tensors::random<T>(w[l].size(), seed++, 1.0);
      std::fill(product[l].begin(), product[l].end(), T(99));
    }
  }
  std::vector<directed_layer<T>> directed() {
    std::vector<directed_layer<T>> all;
    for (std::size_t l = 0; l < w.size(); ++l)
      all.push_back({w[l], g[l], v[l], product[l]});
    return all;
  }
  template <class F>
  void differentiate(F const& oracle) {
    std::vector<oracle_layer<T>> all;
    for (std::size_t l = 0; l < w.size(); ++l)
      all.push_back({w[l], g[l]});
    oracle(oracle_layers<T>(all));
  }
  template <class F>
  difference_report by_difference(F&& oracle, difference_options const& options = {}) {
    auto const layers = directed();
    difference_workspace workspace{layers};
    return hessian_vector_product(seq, oracle, layers, workspace, options);
  }
  template <class F>
  difference_report by_dual(F&& oracle) {
    auto const layers = directed();
    dual_workspace workspace{layers};
    return hessian_vector_product(seq, oracle, layers, workspace);
  }
};

template <class To, class From>
tensors_of<To> converted(tensors_of<From> const& from) {
  tensors_of<To> to;
  for (auto const& one : from)
    to.emplace_back(one.begin(), one.end());
  return to;
}

/// E = ½ wᵀA w - bᵀw over two tensors, A = Σ a_ij symmetric: its gradient is A w - b.
struct quadratic {
  static constexpr std::size_t size = 7;
  static double a(std::size_t i, std::size_t j) {
    return std::cos(static_cast<double>(i * j)) + (i == j ? 3.0 : 0.0);
  }
  template <class S>
  void operator()(oracle_layers<S> layers) const {
    std::size_t const cut = layers[0].w.size();
    auto const w = [&](std::size_t i) { return i < cut ? layers[0].w[i] : layers[1].w[i - cut]; };
    for (std::size_t i = 0; i < size; ++i) {
      S sum = S(-0.5);
      for (std::size_t j = 0; j < size; ++j)
        sum += S(static_cast<float>(a(i, j))) * w(j);
      (i < cut ? layers[0].g[i] : layers[1].g[i - cut]) = sum;
    }
  }
};

/// Logistic regression with labels in {0, 1}, mean over a batch.
struct logistic_regression {
  static constexpr std::size_t inputs = 6, batch = 25;
  std::vector<double> x = tensors::random<double>(inputs * batch, 3, 2.0);

  template <class S>
  static S chance(S z) {
    using std::exp;
    return S(1) / (S(1) + exp(-z));
  }
  template <class S>
  S predict(std::span<S const> w, std::size_t n) const {
    S z = S(0);
    for (std::size_t i = 0; i < inputs; ++i)
      z += S(x[n * inputs + i]) * w[i];
    return chance(z);
  }
  template <class S>
  void operator()(oracle_layers<S> layers) const {
    std::fill(layers[0].g.begin(), layers[0].g.end(), S(0));
    for (std::size_t n = 0; n < batch; ++n) {
      S const off = predict(std::span<S const>(layers[0].w), n) - S(n % 3 == 0 ? 1 : 0);
      for (std::size_t i = 0; i < inputs; ++i)
        layers[0].g[i] += off * S(x[n * inputs + i] / batch);
    }
  }
  /// (1/n) Xᵀ diag(p (1 - p)) X v.
  std::vector<double> exact(std::vector<double> const& w, std::vector<double> const& v) const {
    std::vector<double> product(inputs);
    for (std::size_t n = 0; n < batch; ++n) {
      double const p = predict(std::span<double const>(w), n);
      double along = 0;
      for (std::size_t i = 0; i < inputs; ++i)
        along += x[n * inputs + i] * v[i];
      for (std::size_t i = 0; i < inputs; ++i)
        product[i] += p * (1 - p) * along * x[n * inputs + i] / batch;
    }
    return product;
  }
};

/// An oracle that is called in its place, and counts.
template <class F>
struct counted {
  F const& oracle;
  int throws_at = -1;
  int calls = 0;

  template <class T>
  void operator()(oracle_layers<T> layers) {
    ++calls;
    oracle(layers);
    if (calls == throws_at) throw std::runtime_error("out of batches");
  }
};

constexpr difference_options all_options[] = {{difference::one_sided, 0, false},
                                              {difference::one_sided, 0, true},
                                              {difference::central, 0, false},
                                              {difference::central, 0, true}};

int evaluations(difference_options const& options) {
  return 1 + (options.form == difference::central) + options.check;
}

struct no_arguments {
  void operator()() const;
};
struct of_layers {
  void operator()(oracle_layers<float>) const;
};
struct of_weights_alone {
  void operator()(std::span<float const>) const;
};
static_assert(gradient_oracle<no_arguments, float> && gradient_oracle<of_layers, float>);
static_assert(gradient_oracle<of_layers&, float> && gradient_oracle<void (*)(), double>);
static_assert(!gradient_oracle<of_layers, double> && !gradient_oracle<of_weights_alone, float>);
static_assert(dual_gradient_oracle<quadratic, float> && gradient_oracle<quadratic, double>);
static_assert(!dual_gradient_oracle<of_layers, float>);

}  // namespace

TEST_CASE("gradient_oracle: a quadratic's product is A v, by every form") {
  problem<double> p({{0.5, -1, 2}, {0.25, 3, -0.75, 1}});
  quadratic const oracle;
  p.differentiate(oracle);
  tensors_of<double> exact = p.w;
  for (std::size_t i = 0; i < quadratic::size; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < quadratic::size; ++j) {
      sum += static_cast<double>(static_cast<float>(quadratic::a(i, j))) *
             (j < 3 ? p.v[0][j] : p.v[1][j - 3]);
    }
    (i < 3 ? exact[0][i] : exact[1][i - 3]) = sum;
  }
  for (auto const& options : all_options) {
    auto const report = p.by_difference(oracle, options);
    CHECK(relative_distance(p.product, exact) < 1e-7);
    // A quadratic has no truncation: what is seen of it is rounding.
    CHECK(report.truncation_error.value_or(0) < 1e-7);
  }
  CHECK(p.by_dual(oracle).evaluations == 1);
  CHECK(relative_distance(p.product, exact) < 1e-15);
  // In float as well as a float can.
  problem<float> narrow(converted<float>(p.w));
  for (std::size_t l = 0; l < 2; ++l)
    narrow.v[l] = std::vector<float>(p.v[l].begin(), p.v[l].end());
  narrow.differentiate(oracle);
  narrow.by_difference(oracle);
  CHECK(relative_distance(narrow.product, exact) < 2e-3);
  narrow.by_dual(oracle);
  CHECK(relative_distance(narrow.product, exact) < 1e-6);
}

TEST_CASE("gradient_oracle: logistic regression has the product of its closed form") {
  logistic_regression const oracle;
  problem<double> p({tensors::random<double>(logistic_regression::inputs, 8, 1.0)});
  p.differentiate(oracle);
  tensors_of<double> const exact{oracle.exact(p.w[0], p.v[0])};
  p.by_difference(oracle);
  CHECK(relative_distance(p.product, exact) < 1e-7);
  p.by_difference(oracle, {difference::central});
  CHECK(relative_distance(p.product, exact) < 1e-9);
  p.by_dual(oracle);
  CHECK(relative_distance(p.product, exact) < 1e-14);
}

TEST_CASE("gradient_oracle: v·H u is the second difference of the loss") {
  small_network const net;
  problem<double> p(net.weights<double>(3));
  p.differentiate(net);
  p.by_dual(net);
  auto const u = problem<double>(net.weights<double>(4)).w;
  double product = 0;
  for (std::size_t l = 0; l < u.size(); ++l) {
    for (std::size_t i = 0; i < u[l].size(); ++i)
      product += u[l][i] * p.product[l][i];
  }
  constexpr double h = 0x1p-11;
  auto const loss = [&](double along_u, double along_v) {
    problem<double> moved(p.w);
    for (std::size_t l = 0; l < u.size(); ++l) {
      for (std::size_t i = 0; i < u[l].size(); ++i)
        moved.w[l][i] += along_u * u[l][i] + along_v * p.v[l][i];
    }
    std::vector<oracle_layer<double>> all;
    for (std::size_t l = 0; l < u.size(); ++l)
      all.push_back({moved.w[l], moved.g[l]});
    return net(oracle_layers<double>(all));
  };
  double const second = (loss(h, h) - loss(h, -h) - loss(-h, h) + loss(-h, -h)) / (4 * h * h);
  CHECK(std::fabs(second - product) < 1e-4 * std::fabs(product));
}

TEST_CASE("gradient_oracle: in float a difference is within 1 % of dual numbers, and says so") {
  for (std::size_t const width : {16u, 128u}) {
    CAPTURE(width);
    small_network const net(bend::tanh, width);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CAPTURE(seed);
      problem<double> exact(net.weights<double>(seed));
      exact.by_dual(net);
      problem<float> p(net.weights<float>(seed));
      p.by_dual(net);
      CHECK(relative_distance(p.product, exact.product) < 1e-5);
      p.differentiate(net);
      for (auto const& options : all_options) {
        auto const report = p.by_difference(net, options);
        double const error = relative_distance(p.product, exact.product);
        CHECK(error < (options.form == difference::central ? 1e-3 : 1e-2));
        CHECK(report.rounding_error > 0);
        if (!options.check) continue;
        // The estimate is no bound, and yet of the size.
        CHECK(report.relative_error() > 0.5 * error);
        CHECK(report.relative_error() < 20 * error);
      }
    }
  }
}

TEST_CASE("gradient_oracle: the rounding error is estimated where the step is small") {
  small_network const net;
  problem<double> exact(net.weights<double>(1));
  exact.by_dual(net);
  problem<float> p(net.weights<float>(1));
  p.differentiate(net);
  for (auto const form : {difference::one_sided, difference::central}) {
    for (double const step : {0x1p-18, 0x1p-20, 0x1p-22}) {
      auto const report = p.by_difference(net, {form, step, false});
      CHECK(report.step == step);
      double const error = relative_distance(p.product, exact.product);
      CHECK(report.rounding_error > 0.5 * error);
      CHECK(report.rounding_error < 20 * error);
    }
  }
}

TEST_CASE("gradient_oracle: the truncation error in closed form") {
  // E = Σ w⁴/12: g = w³/3, H v = w² v. One-sided misses by h w v² + h² v³/3, central by h² v³/3.
  problem<double> p({{0.5, -1, 2}, {0.25, 3}});
  auto const oracle = [](auto layers) {
    for (auto const& layer : layers) {
      for (std::size_t i = 0; i < layer.w.size(); ++i)
        layer.g[i] = layer.w[i] * layer.w[i] * layer.w[i] / 3;
    }
  };
  p.differentiate(oracle);
  constexpr double h = 0x1p-4;
  for (bool const central : {false, true}) {
    auto const form = central ? difference::central : difference::one_sided;
    auto const report = p.by_difference(oracle, {form, h, true});
    double miss = 0, size = 0;
    for (std::size_t l = 0; l < 2; ++l) {
      for (std::size_t i = 0; i < p.w[l].size(); ++i) {
        double const w = p.w[l][i], v = p.v[l][i], third = h * h * v * v * v / 3;
        double const first = central ? 0 : h * w * v * v;
        CHECK(std::fabs(p.product[l][i] - (w * w * v + first + third)) < 1e-13);
        // What a check can see of one-sided is its distance from central.
        double const seen = central ? third : first;
        miss += seen * seen;
        size += p.product[l][i] * p.product[l][i];
      }
    }
    CHECK(std::fabs(report.truncation_error.value() / std::sqrt(miss / size) - 1) < 1e-10);
  }
}

TEST_CASE("gradient_oracle: on ReLU the check tells of the kinks a step has crossed") {
  // Dual numbers see one linear piece; a difference sees what lies between its ends. So the two may
  // differ by far more than a per cent, and where they do the truncation error says so.
  int crossed = 0, agreed = 0;
  for (std::size_t const width : {16u, 256u}) {
    small_network const net(bend::relu, width);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      problem<double> exact(net.weights<double>(seed));
      exact.by_dual(net);
      problem<float> p(net.weights<float>(seed));
      p.differentiate(net);
      auto const report = p.by_difference(net, {difference::one_sided, 0, true});
      double const error = relative_distance(p.product, exact.product);
      if (error > 0.01) CHECK(report.relative_error() > 0.01);
      (error > 0.01 ? crossed : agreed) += 1;
    }
  }
  CHECK(crossed > 0);
  CHECK(agreed > 0);
}

TEST_CASE("gradient_oracle: on ReLU a longer step finds the curvature that a short one misses") {
  small_network const net(bend::relu, 64, 256);
  double short_worst = 0, long_worst = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    problem<double> exact(net.weights<double>(seed));
    exact.differentiate(net);
    problem<float> p(net.weights<float>(seed));
    for (std::size_t l = 0; l < p.w.size(); ++l) {
      for (std::size_t i = 0; i < p.w[l].size(); ++i) {
        exact.v[l][i] = exact.g[l][i] > 0 ? 1 : -1;
        p.v[l][i] = static_cast<float>(exact.v[l][i]);
      }
    }
    exact.by_dual(net);
    p.differentiate(net);
    p.by_difference(net);
    short_worst = std::fmax(short_worst, relative_distance(p.product, exact.product));
    p.by_difference(net, {difference::one_sided, 0, false, kinked_share});
    long_worst = std::fmax(long_worst, relative_distance(p.product, exact.product));
  }
  CHECK(short_worst > 1);
  CHECK(long_worst < 0.5);
}

TEST_CASE("gradient_oracle: weights and gradients come back bit for bit") {
  small_network const net;
  problem<float> p(net.weights<float>(2));
  p.w[0][0] = -0.0f;
  p.w[0][1] = std::numeric_limits<float>::denorm_min();
  p.w[0][2] = 1e-30f;
  p.w[1][3] = 1e4f;
  p.differentiate(net);
  auto const w = p.w, g = p.g;
  auto const same = [](auto const& a, auto const& b) {
    bool all = true;
    for (std::size_t l = 0; l < a.size(); ++l)
      all = all && tensors::same_bits(a[l], b[l]);
    return all;
  };
  for (auto const& options : all_options) {
    p.by_difference(net, options);
    CHECK(same(p.w, w));
    CHECK(same(p.g, g));
  }
  p.by_dual(net);
  CHECK(same(p.w, w));
  CHECK(same(p.g, g));
  for (auto const& options : all_options) {
    for (int call = 1; call <= evaluations(options); ++call) {
      counted<small_network> oracle{net, call};
      CHECK_THROWS_AS(p.by_difference(oracle, options), std::runtime_error);
      CHECK(oracle.calls == call);
      CHECK(same(p.w, w));
      CHECK(same(p.g, g));
    }
  }
}

TEST_CASE("gradient_oracle: the oracle sees moved weights, as often as the report says") {
  small_network const net;
  problem<float> p(net.weights<float>(2));
  p.differentiate(net);
  for (auto const& options : all_options) {
    std::vector<double> moves;
    auto const before = p.w;
    auto const oracle = [&] {  // in place, without an argument
      moves.push_back(static_cast<double>(p.w[0][5] - before[0][5]) /
                      static_cast<double>(p.v[0][5]));
      p.differentiate(net);
    };
    auto const report = p.by_difference(oracle, options);
    CHECK(report.evaluations == evaluations(options));
    CHECK(moves.size() == static_cast<std::size_t>(report.evaluations));
    CHECK(report.truncation_error.has_value() == options.check);
    for (double const move : moves) {
      double const steps = move / report.step;
      CHECK(std::fabs(steps - std::round(steps)) < 0.01);
      CHECK(std::fabs(steps) > 0.9);
    }
  }
}

TEST_CASE("gradient_oracle: the same bits under every policy and instruction set") {
  small_network const net(bend::tanh, 700);  // 5600 weights in a tensor: chunks, rows and tails
  problem<float> a(net.weights<float>(1)), b(net.weights<float>(1));
  a.differentiate(net);
  b.differentiate(net);
  detent_test::backwards other_order;
  isa const best = active_isa();
  for (auto const& options : all_options) {
    auto const first = a.by_difference(net, options);
    for (isa const level : {isa::baseline, isa::avx2, isa::avx512}) {
      limit_isa(level);
      auto const layers = b.directed();
      difference_workspace workspace{layers};
      auto const second = hessian_vector_product(on(other_order), net, layers, workspace, options);
      for (std::size_t l = 0; l < a.w.size(); ++l)
        CHECK(tensors::same_bits(a.product[l], b.product[l]));
      CHECK(tensors::same_bits(first.rounding_error, second.rounding_error));
      CHECK(tensors::same_bits(first.truncation_error.value_or(-1),
                               second.truncation_error.value_or(-1)));
      CHECK(first.step == second.step);
    }
    limit_isa(best);
  }
  a.by_dual(net);
  auto const layers = b.directed();
  dual_workspace workspace{layers};
  hessian_vector_product(on(other_order), net, layers, workspace);
  for (std::size_t l = 0; l < a.w.size(); ++l)
    CHECK(tensors::same_bits(a.product[l], b.product[l]));
}

TEST_CASE("gradient_oracle: the step is a power of two by the rule, whatever the scale") {
  auto const step = [](auto zero, difference form, double ratio) {
    return difference_step(difference_share<decltype(zero)>(form), ratio);
  };
  CHECK(step(0.0f, difference::one_sided, 1.1) == 0x1p-11);  // √2^-23 is 2^-11.5
  CHECK(step(0.0f, difference::one_sided, 1.1 * 1024) == 0x1p-1);
  CHECK(step(0.0f, difference::central, 1.0) == 0x1p-8);
  CHECK(step(0.0, difference::one_sided, 1.0) == 0x1p-26);
  CHECK(step(0.0, difference::central, 1.0) == 0x1p-17);
  for (double const bad : {0.0, -1.0, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(tensors::message_of([&] { difference_step(0.5, bad); }).find("‖w‖/‖v‖: is") !=
          std::string::npos);
    CHECK(tensors::message_of([&] {
            difference_step(bad, 0.5);
          }).find("share of a difference: is") != std::string::npos);
  }
  small_network const net;
  problem<float> p(net.weights<float>(2));
  p.differentiate(net);
  double const before = p.by_difference(net).step;
  auto const product = p.product;
  for (auto& v : p.v) {
    for (float& x : v)
      x *= 0x1p-20f;
  }
  // v small: the step is large, the weights move as they did, and the product is 2^-20 of it.
  CHECK(p.by_difference(net).step == 0x1p20 * before);
  CHECK(p.product[0][3] == 0x1p-20f * product[0][3]);
  double const share = difference_share<float>(difference::one_sided);
  CHECK(p.by_difference(net, {difference::one_sided, 0, false, 8 * share}).step == 0x1p23 * before);
}

TEST_CASE("gradient_oracle: no direction, no call; no weights, a step all the same") {
  small_network const net;
  problem<float> p(net.weights<float>(2));
  p.differentiate(net);
  auto const v = p.v;
  for (auto& one : p.v)
    std::fill(one.begin(), one.end(), 0.0f);
  counted<small_network> oracle{net};
  auto const report = p.by_difference(oracle);
  CHECK(oracle.calls == 0);
  CHECK(report.evaluations == 0);
  CHECK(report.step == 0);
  for (auto const& one : p.product)
    CHECK(tensors::same_bits(one, std::vector<float>(one.size())));

  p.v = v;
  for (auto& one : p.w)
    std::fill(one.begin(), one.end(), 0.0f);
  p.differentiate(net);
  CHECK(p.by_difference(net).step > 0);
  problem<float> none({{}, {}});
  CHECK(none.by_difference([] {}).evaluations == 0);
  // An empty layer among others, at the end too.
  // An empty layer among others, at the end too.
  problem<double> mixed({{}, {0.5, -1, 2, 0.25, 3, -0.75, 1}, {}}), plain({mixed.w[1], {}});
  plain.v[0] = mixed.v[1];
  auto const within = [](auto layers) { quadratic{}(layers.subspan(1)); };
  mixed.differentiate(within);
  plain.differentiate(quadratic{});
  for (auto const& options : all_options) {
    mixed.by_difference(within, options);
    plain.by_difference(quadratic{}, options);
    CHECK(tensors::same_bits(mixed.product[1], plain.product[0]));
  }
  mixed.by_dual(within);
  plain.by_dual(quadratic{});
  CHECK(tensors::same_bits(mixed.product[1], plain.product[0]));
}

TEST_CASE("gradient_oracle: bad input is named, and nothing is written") {
  small_network const net;
  problem<float> p(net.weights<float>(2));
  p.differentiate(net);
  auto const layers = p.directed();
  difference_workspace workspace{layers};
  dual_workspace exact{layers};
  int calls = 0;
  auto const oracle = [&] { ++calls; };
  auto const says = [&](auto const& changed, difference_options const& options, char const* part) {
    auto const message = tensors::message_of(
        [&] { hessian_vector_product(seq, oracle, changed, workspace, options); });
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
  };
  auto const changed = [&](auto change) {
    auto copy = layers;
    change(copy);
    return copy;
  };
  says(changed([](auto& all) { all.pop_back(); }), {}, "layers: has 3 elements");
  says(changed([](auto& all) { std::swap(all[0], all[1]); }), {}, "w of a layer: has 16 elements");
  says(changed([](auto& all) { all[0].g = all[1].g; }), {}, "g of a layer: has 16 elements");
  says(changed([](auto& all) { all[0].v = all[1].v; }), {}, "v of a layer: has 16 elements");
  says(changed([](auto& all) { all[2].product = {}; }), {}, "product of a layer: has 0 elements");
  says(changed([](auto& all) {
         all[1].w = {static_cast<float*>(nullptr), 16};
       }),
       {}, "w of a layer: has null data");
  for (double const step :
       {-0.5, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    says(layers, {difference::one_sided, step}, "step of a difference");
    says(layers, {difference::one_sided, 0, false, step}, "share of a difference");
  }
  for (auto const& [tensor, name] : {std::pair{&p.w, "w of the layers: is not finite"},
                                     {&p.g, "g of the layers: is not finite"},
                                     {&p.v, "v of the layers: is not finite"}}) {
    float const before = std::exchange((*tensor)[1][1], std::numeric_limits<float>::infinity());
    says(layers, {}, name);
    (*tensor)[1][1] = before;
  }
  says(layers, {difference::one_sided, 1e-40}, "1/step of a difference: is not finite");
  auto const small = changed([](auto& all) { all.pop_back(); });
  CHECK(tensors::message_of([&] {
          hessian_vector_product(seq, net, small, exact);
        }).find("layers: has 3 elements") != std::string::npos);
  CHECK(calls == 0);
  for (auto const& one : p.product)
    CHECK(tensors::same_bits(one, std::vector<float>(one.size(), 99.0f)));
}
