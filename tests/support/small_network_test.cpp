// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The network of the tests writes the gradient of the loss that it returns.

#include <doctest/doctest.h>

#include <cmath>
#include <support/small_network.hpp>
#include <vector>

using namespace detent_test;

TEST_CASE("small_network: writes the gradient of its loss, by the offsets too") {
  for (bend const b : {bend::tanh, bend::relu}) {
    small_network const net(b, 5, 7);
    auto weights = net.weights<double>(3);
    weights.emplace_back(net.batch * net.hidden, 0.01);
    tensors_of_network<double> at(weights), moved(weights);
    at.differentiate(net);
    auto const layers = moved.layers();
    auto const loss = [&] { return net(detent::oracle_layers<double>(layers)); };
    double worst = 0, largest = 0;
    constexpr double h = 0x1p-20;
    for (std::size_t l = 0; l < at.w.size(); ++l) {
      for (std::size_t i = 0; i < at.w[l].size(); ++i) {
        double& w = moved.w[l][i];
        w = at.w[l][i] + h;
        double const above = loss();
        w = at.w[l][i] - h;
        double const slope = (above - loss()) / (2 * h);
        w = at.w[l][i];
        worst = std::fmax(worst, std::fabs(slope - at.g[l][i]));
        largest = std::fmax(largest, std::fabs(slope));
      }
    }
    CHECK(worst < 1e-8 * largest);
  }
}

TEST_CASE("small_network: relative_distance is that of all tensors together") {
  std::vector<std::vector<double>> const b{{3}, {0, 4}};
  CHECK(relative_distance(b, b) == 0);
  CHECK(relative_distance(std::vector<std::vector<float>>{{3}, {3, 0}}, b) == 1);
}
