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
#include <detent/training/hessian_vector_product.hpp>
#include <limits>
#include <span>
#include <stdexcept>
#include <support/backwards.hpp>
#include <support/oracle_problem.hpp>
#include <support/small_network.hpp>
#include <support/tensors.hpp>
#include <utility>
#include <vector>

using namespace detent;
using namespace detent_test;

namespace {

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

TEST_CASE("hessian_vector_product: a quadratic's product is A v, by every form") {
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

TEST_CASE("hessian_vector_product: logistic regression has the product of its closed form") {
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

TEST_CASE("hessian_vector_product: v·H u is the second difference of the loss") {
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

TEST_CASE("hessian_vector_product: weights and gradients come back bit for bit") {
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

TEST_CASE("hessian_vector_product: the oracle sees moved weights, as often as the report says") {
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

TEST_CASE("hessian_vector_product: the same bits under every policy and instruction set") {
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

TEST_CASE("hessian_vector_product: no direction, no call; no weights, a step all the same") {
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

TEST_CASE("hessian_vector_product: bad input is named, and nothing is written") {
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
  says(changed([](auto& all) { std::swap(all[0], all[1]); }), {}, "w of layer 0: has 16 elements");
  says(changed([](auto& all) { all[0].g = all[1].g; }), {}, "g of layer 0: has 16 elements");
  says(changed([](auto& all) { all[0].v = all[1].v; }), {}, "v of layer 0: has 16 elements");
  says(changed([](auto& all) { all[2].product = {}; }), {}, "product of layer 2: has 0 elements");
  says(changed([](auto& all) {
         all[1].w = {static_cast<float*>(nullptr), 16};
       }),
       {}, "w of layer 1: has null data");
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

TEST_CASE("hessian_vector_product: weights of 0 move as weights of size 1 would") {
  problem<double> p({std::vector<double>(12, 0.0), std::vector<double>(4, 0.0)});
  for (auto& v : p.v)
    std::fill(v.begin(), v.end(), 1.0);
  auto const oracle = [](auto layers) {
    for (auto const& layer : layers) {
      for (std::size_t i = 0; i < layer.w.size(); ++i)
        layer.g[i] = layer.w[i];
    }
  };
  p.differentiate(oracle);
  double const share = difference_share<double>(difference::one_sided);
  CHECK(p.by_difference(oracle).step == difference_step(share, 1.0));
}
