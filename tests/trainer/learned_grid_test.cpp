// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Grids that are learned with the network: LSQ, RQ, SRQ, DropBits; of weights and of activations.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include <detent/detent.hpp>
#include <trainer/data/random.hpp>
#include <trainer/export/exported_network.hpp>
#include <trainer/nn/initialize.hpp>
#include <trainer/nn/learned_grid.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/nn/tensor.hpp>
#include <trainer/quantization.hpp>
#include <trainer/report/html.hpp>
#include <trainer/report/json.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>
#include <trainer/tiny_run.hpp>

namespace {

using namespace detent_trainer;
using floats = std::vector<float>;

constexpr std::array methods{grid_method::lsq, grid_method::relaxed,
                             grid_method::relaxed_straight_through, grid_method::semi_relaxed,
                             grid_method::semi_relaxed_all};

floats normal_numbers(std::size_t count, double size) {
  floats numbers(count);
  for (std::size_t i = 0; i < count; ++i)
    numbers[i] = static_cast<float>(size * normal_number(5, 1, i));
  return numbers;
}

learned_grid_options options(grid_method method, int bits = 4) {
  learned_grid_options o;
  o.method = method;
  o.bits = bits;
  o.step = 0.25;
  o.scale_rate = 0.02;
  o.gate_rate = 0.1;
  o.seed = 3;
  return o;
}

learned_grid_options gated(int bits = 4) {
  auto o = options(grid_method::semi_relaxed, bits);
  o.has_gates = true;
  return o;
}

floats quantized(learned_grid& grid, const floats& x) {
  floats out(x.size());
  grid.quantize(1, x, out);
  return out;
}

double squared_error(const detent::rounding& q, const floats& x) {
  return detent::reduce(detent::quantization_error{q}, x).mean_squared_error();
}

/// Steps that draw the levels to the numbers: the gradient of the squared error.
void learn_to_round(learned_grid& grid, const floats& x, int steps) {
  floats upstream(x.size()), gradient(x.size());
  for (int i = 0; i < steps; ++i) {
    const floats levels = quantized(grid, x);
    for (std::size_t k = 0; k < x.size(); ++k)
      upstream[k] = 2 * (levels[k] - x[k]) / static_cast<float>(x.size());
    grid.backward(1, x, upstream, gradient);
    grid.descend(1.0);
  }
}

}  // namespace

TEST_CASE("learned grid: LSQ and SRQ train on the levels of the rounding at rest") {
  const floats x = normal_numbers(500, 1);
  for (const auto method :
       {grid_method::lsq, grid_method::semi_relaxed, grid_method::semi_relaxed_all}) {
    learned_grid grid{options(method)};
    floats at_rest(x.size());
    detent::quantize(grid.at_rest(), x, at_rest);
    CHECK(quantized(grid, x) == at_rest);
  }
}

TEST_CASE("learned grid: every draw is another, the same for the same seed, tensor and step") {
  const floats x = normal_numbers(500, 1);
  for (const auto method : {grid_method::relaxed, grid_method::relaxed_straight_through}) {
    learned_grid first{options(method)}, second{options(method)};
    auto elsewhere = options(method);
    elsewhere.tensor = 1;
    learned_grid other{elsewhere};
    const floats one = quantized(first, x);
    CHECK(quantized(second, x) == one);
    CHECK(quantized(other, x) != one);
    CHECK(quantized(first, x) != one);
  }
}

TEST_CASE("learned grid: the step follows the loss, whatever the method, and stays positive") {
  const floats x = normal_numbers(2000, 1);
  for (const auto method :
       {grid_method::lsq, grid_method::relaxed, grid_method::semi_relaxed_all}) {
    for (const double start : {0.05, 1.5}) {
      CAPTURE(start);
      auto o = options(method);
      o.step = start;
      learned_grid grid{o};
      const double before = squared_error(grid.at_rest(), x);
      learn_to_round(grid, x, 150);
      CHECK(squared_error(grid.at_rest(), x) < 0.7 * before);
      CHECK(grid.step() > 0);
      CHECK(grid.noise() >= 0.05 * grid.step() * (1 - 1e-12));
      CHECK(grid.noise() <= 2 * grid.step() * (1 + 1e-12));
    }
  }
}

TEST_CASE("learned grid: a slope without end or a rate of 0 leaves the grid as it was") {
  const floats x = normal_numbers(100, 1);
  learned_grid grid{options(grid_method::lsq)};
  grid.descend(1.0);  // before any backward pass
  CHECK(grid.step() == doctest::Approx(0.25).epsilon(1e-12));
  floats gradient(x.size());
  quantized(grid, x);
  grid.backward(1, x, x, gradient);
  grid.descend(0.0);
  CHECK(grid.step() == doctest::Approx(0.25).epsilon(1e-12));
  quantized(grid, x);
  grid.backward(1, x, x, gradient);
  grid.descend(1.0);
  CHECK(std::abs(grid.step() - 0.25) > 0.001);
}

TEST_CASE("learned grid: the step starts at the least squared error, or by the papers' formula") {
  const floats x = normal_numbers(2000, 1);
  const detent::bits bits{3};
  for (const bool has_sign : {true, false}) {
    CAPTURE(has_sign);
    const auto grid_of = [&](double step) {
      const detent::step_size s{step};
      return detent::rounding{has_sign ? detent::twos_complement_grid(bits, s)
                                       : detent::unsigned_grid(bits, s)};
    };
    const double fit = start_step(x, bits, has_sign, "fit");
    for (const double factor : {0.9, 1.1})
      CHECK(squared_error(grid_of(fit), x) < squared_error(grid_of(factor * fit), x));
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    const double extent = has_sign ? static_cast<double>(*high) - static_cast<double>(*low)
                                   : static_cast<double>(*high);
    CHECK(start_step(x, bits, has_sign, "extent") ==
          doctest::Approx(extent / 8 + 3 * extent / 64).epsilon(1e-12));
  }
}

TEST_CASE("learned grid: a price closes the gates, none leaves them to the loss") {
  const floats x = normal_numbers(300, 1);
  floats zeros(x.size()), gradient(x.size());
  for (const double price : {0.0, 1.0}) {
    auto o = gated();
    o.learns_length = true;
    o.bit_price = price;
    learned_grid grid{o};
    CHECK(grid.bits() == 4);
    REQUIRE(grid.open_gates().size() == 2);
    const double before = grid.open_gates()[0];
    for (int i = 0; i < 80; ++i) {
      quantized(grid, x);
      grid.backward(1, x, zeros, gradient);
      grid.descend(1.0);
    }
    CHECK((grid.open_gates()[0] < 0.1 * before) == (price > 0));
    CHECK(grid.bits() == (price > 0 ? 2 : 4));
    CHECK(grid.at_rest().grid().size() == (price > 0 ? 4 : 16));
  }
}

TEST_CASE("learned grid: a frozen length stays, and no level above it is chosen any more") {
  const floats x = normal_numbers(3000, 1);
  floats zeros(x.size()), gradient(x.size());
  auto o = gated(5);
  o.learns_length = true;
  o.bit_price = 1;
  o.gate_rate = 1;
  learned_grid grid{o};
  while (grid.bits() == 5) {
    quantized(grid, x);
    grid.backward(1, x, zeros, gradient);
    grid.descend(1.0);
  }
  const int left = grid.bits();
  const double ratio = grid.noise() / grid.step(), before = grid.step();
  grid.freeze_length(x);
  // The levels that are left have the range that fits the numbers.
  CHECK(grid.step() == start_step(x, detent::bits{left}, true, "fit"));
  CHECK(grid.step() > 1.2 * before);
  CHECK(std::fabs(grid.noise() / grid.step() - ratio) < 1e-12);
  for (int i = 0; i < 30; ++i) {
    const floats levels = quantized(grid, x);
    const auto [low, high] = std::minmax_element(levels.begin(), levels.end());
    CHECK(static_cast<double>(*low) >= grid.at_rest().grid().lowest() - 1e-6);
    CHECK(static_cast<double>(*high) <= grid.at_rest().grid().highest() + 1e-6);
    grid.backward(1, x, levels, gradient);
    grid.descend(1.0);
    CHECK(grid.bits() == left);
  }
  for (std::size_t k = static_cast<std::size_t>(left - 2); k < 3; ++k)
    CHECK(grid.open_gates()[k] == 0);
  const double learned = grid.step();
  grid.freeze_length(x);
  CHECK(grid.step() == learned);
}

TEST_CASE("learned grid: where no bit is dropped, freezing leaves the step alone") {
  auto o = gated(4);
  o.learns_length = true;
  learned_grid grid{o};
  const double before = grid.step();
  grid.freeze_length(normal_numbers(1000, 2));
  CHECK(grid.bits() == 4);
  CHECK(grid.step() == before);
}

TEST_CASE("learned grid: bits that need no gate have none") {
  CHECK(learned_grid{gated(2)}.open_gates().empty());
  CHECK(learned_grid{gated(2)}.bits() == 2);
  for (int bits = 3; bits <= most_gated_bits; ++bits) {
    learned_grid grid{gated(bits)};
    CHECK(grid.open_gates().size() == static_cast<std::size_t>(bits - 2));
    const floats levels = quantized(grid, normal_numbers(2000, 4));
    CHECK(std::set<float>(levels.begin(), levels.end()).size() > (1U << (bits - 1)));
  }
}

TEST_CASE("relu: on a learned grid training draws, evaluation rounds, the lowest level is 0") {
  tensor input;
  input.resize(4, {3, 5, 5});
  input.data = normal_numbers(300, 1);
  for (const auto method : methods) {
    relu layer;
    auto o = options(method, 3);
    o.has_sign = false;
    layer.learned.emplace(o);
    const floats evaluated = layer.forward(input, false).data;
    std::set<float> levels(evaluated.begin(), evaluated.end());
    CHECK(levels.size() == 8);
    CHECK(*levels.begin() == 0);
    CHECK(static_cast<double>(*levels.rbegin()) == doctest::Approx(7 * 0.25).epsilon(1e-6));
    const floats trained = layer.forward(input, true).data;
    CHECK(*std::min_element(trained.begin(), trained.end()) >= 0);
    const bool draws =
        method == grid_method::relaxed || method == grid_method::relaxed_straight_through;
    CHECK((trained != evaluated) == draws);
    tensor upstream;
    upstream.resize(4, {3, 5, 5});
    upstream.data.assign(300, 1.0F);
    const floats gradient = layer.backward(upstream).data;
    const double step = layer.learned->step();
    layer.learned->descend(1.0);
    CHECK(layer.learned->step() < step);  // lower activations lower this loss
    if (method == grid_method::lsq || method == grid_method::semi_relaxed) {
      for (std::size_t i = 0; i < gradient.size(); ++i)
        CHECK((input.data[i] > 0 || gradient[i] == 0));
    }
  }
}

TEST_CASE("quantization: every method on a learned grid trains, at any number of threads alike") {
  for (const char* method :
       {"lsq", "rq", "rq-st", "srq", "srq-all", "srq+dropbits", "srq-all+dropbits"}) {
    CAPTURE(method);
    settings s = tiny_run::options(method, 4);
    s.activation_bits = 4;
    s.batch_size = 64;
    const run_result one = tiny_run::finetuned(s);
    s.threads = 3;
    const run_result three = tiny_run::finetuned(s);
    CHECK(one.test_accuracy == three.test_accuracy);
    CHECK(one.history.back().task_loss == three.history.back().task_loss);
    CHECK(one.test_accuracy > one.full_precision_accuracy - 0.3);
    CHECK(one.average_bits == 4);
    CHECK(std::isfinite(one.history.back().flips_per_step));
    const bool has_gates = s.drops_bits();
    REQUIRE(one.history.back().gates.size() == (has_gates ? 3 : 0));
    if (has_gates) CHECK(one.history.back().gates[0].open.size() == 2);
  }
}

TEST_CASE("quantization: lengths that are learned are frozen at half of the run, and reported") {
  settings s = tiny_run::options("srq+dropbits+learned-bits", 4);
  s.epochs = 4;
  s.strength = 100;
  s.gate_rate = 1;
  s.layer_bits = {{"fc3", 2}};
  const run_result result = tiny_run::finetuned(s);
  CHECK(result.average_bits == 2);
  CHECK(result.strength == 100);
  REQUIRE(result.history.size() == 4);
  for (const auto& record : result.history) {
    REQUIRE(record.gates.size() == 2);
    CHECK(record.gates[0].layer == "fc1.weight");
  }
  CHECK(result.history.back().gates[0].open == std::vector<double>{0, 0});
  const auto json = to_json(result);
  CHECK(json["history"][3]["gates"][1]["layer"] == "fc2.weight");
  CHECK(json["history"][3]["gates"][1]["bits"] == 2);
  CHECK(json["history"][3]["gates"][1]["open"].size() == 2);
  const std::string page = html_report({result}, "gates", "command");
  for (const char* title : {"Bit-lengths", "Gate of bit 3", "Gate of bit 4"})
    CHECK(page.find(title) != std::string::npos);
  CHECK(page.find("Gate of bit 5") == std::string::npos);
  CHECK(html_report({tiny_run::finetuned(tiny_run::options("lsq"))}, "none", "command")
            .find("Bit-lengths") == std::string::npos);
}

TEST_CASE("quantization: an export holds the levels and ranges of the grids at rest") {
  settings s = tiny_run::options("srq+dropbits", 3);
  s.activation_bits = 4;
  exported_network network;
  const run_result result =
      training(s, tiny_run::glyphs()).finetune(tiny_run::start(s.seed), {}, &network);
  CHECK(network.test_accuracy == result.test_accuracy);
  REQUIRE(network.activation_ranges.size() == 2);
  CHECK(network.activation_ranges[0] > 0);
  for (const auto& [name, layer] : network.layers) {
    CHECK(layer.bits == 3);
    CHECK(layer.grid.lowest_code() == -4);
    CHECK(layer.grid.highest_code() == 3);
  }
}
