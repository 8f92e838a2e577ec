// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Where the library meets the trainer: levels, straight-through gradients, the penalty, snapping.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <detent/detent.hpp>
#include <support/message.hpp>
#include <trainer/error.hpp>
#include <trainer/nn/initialize.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/nn/tensor.hpp>
#include <trainer/quantization.hpp>
#include <trainer/settings.hpp>
#include <trainer/tiny_run.hpp>

namespace {

using namespace detent_trainer;
using floats = std::vector<float>;

/// Normal numbers of deviation 0.2, as a parameter with a gradient that is not 0.
parameter some_weights(std::size_t count = 2000) {
  parameter p{"fc.weight", count, 0.0F};
  for (std::size_t i = 0; i < count; ++i) {
    p.value[i] = static_cast<float>(0.2 * normal_number(3, 1, i));
    p.gradient[i] = static_cast<float>(normal_number(3, 2, i));
  }
  return p;
}

double mean_magnitude(const floats& values) {
  double sum = 0;
  for (const float v : values)
    sum += std::abs(static_cast<double>(v));
  return sum / static_cast<double>(values.size());
}

double largest_tanh(const floats& values) {
  double largest = 0;
  for (const float v : values)
    largest = std::max(largest, std::abs(std::tanh(static_cast<double>(v))));
  return largest;
}

/// DoReFa's level of a weight by its definition, for an output range of 1.
double dorefa_level(double w, double largest, int bits) {
  const double steps = (1 << bits) - 1;
  return 2 * std::nearbyint(steps * (std::tanh(w) / (2 * largest) + 0.5)) / steps - 1;
}

/// The quantizer that the trainer documents: DoReFa with the mean magnitude of the layer kept.
detent::dorefa_weights dorefa_of(const floats& weights, int bits) {
  const auto magnitudes = detent::reduce(detent::magnitude{}, weights);
  floats levels(weights.size());
  detent::quantize(detent::dorefa_weights{detent::bits{bits}, magnitudes, 1.0}, weights, levels);
  const double range = magnitudes.mean() / detent::reduce(detent::magnitude{}, levels).mean();
  return {detent::bits{bits}, magnitudes, range};
}

detent::rounding wrpn_of(const floats& weights, int bits) {
  const auto unit = detent::wrpn_grid(detent::bits{bits});
  return detent::rounding{unit.scaled(detent::fit_range(unit, weights))};
}

/// The gradient of a regularizer alone, on top of `before`.
template <class Regularizer>
floats with_gradient_of(const Regularizer& r, const floats& weights, floats before, double scale) {
  detent::accumulate(r, weights, before, scale);
  return before;
}

using tiny_run::mlp;
using tiny_run::weight_of;

std::vector<int> bits_of(const std::vector<layer_result>& layers) {
  std::vector<int> bits;
  for (const auto& layer : layers)
    bits.push_back(layer.bits);
  return bits;
}

std::vector<int> bits_with(const settings& s) {
  model m = mlp();
  return bits_of(quantization(m, s).layers());
}

}  // namespace

TEST_CASE("quantization: the operands of DoReFa are its levels with the mean magnitude kept") {
  for (const int bits : {2, 3, 8}) {
    CAPTURE(bits);
    const settings s = tiny_run::options("dorefa", bits);
    parameter p = some_weights();
    quantized_parameter q{p, bits, s};
    q.prepare(operand::levels);
    REQUIRE(p.operand.size() == p.value.size());

    const double largest = largest_tanh(p.value);
    floats by_definition;
    for (const float w : p.value)
      by_definition.push_back(static_cast<float>(dorefa_level(w, largest, bits)));
    const double range = mean_magnitude(p.value) / mean_magnitude(by_definition);
    const double step = 2 * range / ((1 << bits) - 1);
    std::size_t different = 0;
    for (std::size_t i = 0; i < p.value.size(); ++i) {
      const double expected = range * static_cast<double>(by_definition[i]);
      different += std::abs(p.operand[i] - expected) > 1e-4 * step ? 1U : 0U;
    }
    CHECK(different <= 1);  // a weight within float rounding of a tie may go either way
    CHECK(std::abs(mean_magnitude(p.operand) / mean_magnitude(p.value) - 1) < 1e-3);
    CHECK(std::set<float>(p.operand.begin(), p.operand.end()).size() <= (std::size_t{1} << bits));
  }
}

TEST_CASE("quantization: the operands are exactly the levels of the library's quantizers") {
  for (const int bits : {2, 3, 5}) {
    CAPTURE(bits);
    const settings dorefa = tiny_run::options("dorefa+sinreq", bits);
    parameter p = some_weights();
    floats expected(p.value.size());
    quantized_parameter{p, bits, dorefa}.prepare(operand::levels);
    detent::quantize(dorefa_of(p.value, bits), p.value, expected);
    CHECK(p.operand == expected);

    const settings wrpn = tiny_run::options("wrpn", bits);
    quantized_parameter{p, bits, wrpn}.prepare(operand::levels);
    detent::quantize(wrpn_of(p.value, bits), p.value, expected);
    CHECK(p.operand == expected);
  }
}

TEST_CASE("quantization: one bit is the sign with the mean magnitude") {
  const settings s = tiny_run::options("dorefa", 1);
  parameter p = some_weights();
  quantized_parameter{p, 1, s}.prepare(operand::levels);
  const double mean = mean_magnitude(p.value);
  for (std::size_t i = 0; i < p.value.size(); ++i) {
    const double expected = std::copysign(mean, static_cast<double>(p.value[i]));
    REQUIRE(std::abs(p.operand[i] - expected) <= 1e-6 * mean);
  }
}

TEST_CASE("quantization: operands not rounded are the domain by the gain, and none the weights") {
  parameter p = some_weights();
  const settings wrpn = tiny_run::options("wrpn", 2);
  quantized_parameter plain{p, 2, wrpn};
  plain.prepare(operand::unrounded);
  CHECK(p.operand == p.value);
  plain.prepare(operand::trained);
  CHECK(p.operand.empty());

  const settings dorefa = tiny_run::options("dorefa", 3);
  quantized_parameter q{p, 3, dorefa};
  q.prepare(operand::unrounded);
  const double gain = dorefa_of(p.value, 3).gain();
  for (std::size_t i = 0; i < p.value.size(); ++i) {
    const double expected = gain * std::tanh(static_cast<double>(p.value[i]));
    REQUIRE(std::abs(p.operand[i] - expected) <= 1e-6 * std::abs(expected));
  }
}

TEST_CASE("quantization: gradients go straight through, by DoReFa's tanh and within WRPN's range") {
  parameter p = some_weights();
  const floats upstream = p.gradient;
  SUBCASE("DoReFa") {
    const settings s = tiny_run::options("dorefa", 3);
    quantized_parameter q{p, 3, s};
    q.prepare(operand::levels);
    const double range = *std::max_element(p.operand.begin(), p.operand.end());
    q.lead_back();
    const double largest = largest_tanh(p.value);
    for (std::size_t i = 0; i < p.value.size(); ++i) {
      const double t = std::tanh(static_cast<double>(p.value[i]));
      const double expected = upstream[i] * range * (1 - t * t) / largest;
      REQUIRE(std::abs(p.gradient[i] - expected) <= 1e-5 * std::abs(expected));
    }
  }
  SUBCASE("WRPN") {
    const settings s = tiny_run::options("wrpn", 2);
    quantized_parameter q{p, 2, s};
    q.prepare(operand::levels);
    const float range = *std::max_element(p.operand.begin(), p.operand.end());
    q.lead_back();
    std::size_t outside = 0;
    for (std::size_t i = 0; i < p.value.size(); ++i) {
      const bool passes = std::abs(p.value[i]) <= range;
      outside += passes ? 0U : 1U;
      REQUIRE(p.gradient[i] == (passes ? upstream[i] : 0.0F));
    }
    CHECK(outside > 10);
  }
}

TEST_CASE("quantization: the regularizer adds the gradient of the matched sinusoid") {
  using detent::extent;
  parameter p = some_weights();
  const floats before = p.gradient;
  const double count = static_cast<double>(p.value.size());
  SUBCASE("DoReFa, squared distance, by the sum") {
    const settings s = tiny_run::options("dorefa+sinreq", 3);
    const auto sinusoid = detent::matched<extent::bounded>(dorefa_of(p.value, 3));
    const double value = quantized_parameter{p, 3, s}.regularize(0.7);
    CHECK(p.gradient == with_gradient_of(sinusoid, p.value, before, 0.7));
    const double expected = detent::penalty(sinusoid, p.value).value;
    CHECK(std::abs(value - expected) <= 1e-12 * expected);
  }
  SUBCASE("WRPN, unit amplitude, by the mean, periodic") {
    settings s = tiny_run::options("wrpn+sinreq", 3);
    s.amplitude = "unit";
    s.extent = "periodic";
    const auto q = wrpn_of(p.value, 3);
    const double step = q.grid().step();
    const double value = quantized_parameter{p, 3, s}.regularize(50);
    const double pi = std::acos(-1.0);
    double mean = 0;
    for (std::size_t i = 0; i < p.value.size(); ++i) {
      const double u = static_cast<double>(p.value[i]) / step;
      const double slope = 50 / count * pi / step * std::sin(2 * pi * u);
      REQUIRE(std::abs(p.gradient[i] - (before[i] + slope)) <= 1e-5);
      mean += std::sin(pi * u) * std::sin(pi * u) / count;
    }
    CHECK(std::abs(value - mean) <= 1e-5 * mean);
  }
  SUBCASE("octave amplitude") {
    settings s = tiny_run::options("wrpn+sinreq", 3);
    s.amplitude = "octave";
    const auto sinusoid =
        detent::matched<extent::bounded>(wrpn_of(p.value, 3), detent::amplitude::octave);
    quantized_parameter{p, 3, s}.regularize(3);
    CHECK(p.gradient == with_gradient_of(sinusoid, p.value, before, 3 / count));
  }
}

TEST_CASE("quantization: the raw domain is another function for DoReFa and the same for WRPN") {
  for (const char* method : {"dorefa+sinreq", "wrpn+sinreq"}) {
    CAPTURE(method);
    settings s = tiny_run::options(method, 3);
    parameter matched = some_weights();
    parameter raw = matched;
    const floats before = matched.gradient;
    quantized_parameter{matched, 3, s}.regularize(1);
    s.domain = "raw";
    quantized_parameter{raw, 3, s}.regularize(1);
    CHECK(raw.gradient != before);
    CHECK((raw.gradient == matched.gradient) == (s.quantizer() == "wrpn"));
  }
}

TEST_CASE("quantization: strength 0 leaves the gradient and costs no penalty") {
  const settings s = tiny_run::options();
  parameter p = some_weights();
  const floats before = p.gradient;
  CHECK(quantized_parameter{p, 3, s}.regularize(0) == 0);
  CHECK(p.gradient == before);
}

TEST_CASE("quantization: snapping puts every weight on its nearest level, once and for all") {
  for (const char* method : {"dorefa", "dorefa+sinreq", "wrpn", "wrpn+sinreq"}) {
    CAPTURE(method);
    settings s = tiny_run::options(method, 3);
    s.forward = "float";
    model m = mlp();
    const floats before = weight_of(m, "fc2.weight").value;
    quantization q{m, s};
    CHECK(q.on_grid_fraction() < 0.5);
    q.snap();
    const floats after = weight_of(m, "fc2.weight").value;
    const bool wrpn = s.quantizer() == "wrpn";
    const auto unit =
        wrpn ? detent::wrpn_grid(detent::bits{3}) : detent::dorefa_grid(detent::bits{3});
    const auto grid = unit.scaled(detent::fit_range(unit, before));
    floats expected(before.size());
    detent::quantize(detent::rounding{grid}, before, expected);
    CHECK(after == expected);
    CHECK(std::set<float>(after.begin(), after.end()).size() <= (wrpn ? 7U : 8U));
    if (s.regularized()) {
      CHECK(q.on_grid_fraction() == 1);
      q.snap();
      CHECK(weight_of(m, "fc2.weight").value == after);
    }
  }
}

TEST_CASE("quantization: a float forward pass keeps the weights themselves") {
  settings s = tiny_run::options();
  s.forward = "float";
  model m = mlp();
  quantization q{m, s};
  q.prepare();
  CHECK(weight_of(m, "fc1.weight").operand.empty());
  weight_of(m, "fc1.weight").gradient.assign(256 * 784, 0.25F);
  q.finish_gradients(0, 0);
  CHECK(weight_of(m, "fc1.weight").gradient == floats(256 * 784, 0.25F));
}

TEST_CASE("quantization: first, last and single layers have their own bits") {
  settings s = tiny_run::options("dorefa", 3);
  CHECK(bits_with(s) == std::vector<int>{3, 3, 3});
  s.layer_bits = {{"fc2", 5}};
  CHECK(bits_with(s) == std::vector<int>{3, 5, 3});
  s.first_last = "8bit";
  CHECK(bits_with(s) == std::vector<int>{8, 5, 8});
  s.first_last = "float";
  CHECK(bits_with(s) == std::vector<int>{32, 5, 32});
  s.layer_bits["fc1"] = 2;  // what is asked for by name wins
  CHECK(bits_with(s) == std::vector<int>{2, 5, 32});
  s.layer_bits.clear();
  s.first_last = "8bit";
  s.bits = 10;  // "8bit" never means fewer bits than the rest
  CHECK(bits_with(s) == std::vector<int>{10, 10, 10});
  s.method = "none";
  CHECK(bits_with(s) == std::vector<int>{32, 32, 32});
}

TEST_CASE("quantization: average bits count weights, and layers carry their names and sizes") {
  settings s = tiny_run::options("wrpn", 3);
  s.first_last = "float";
  s.layer_bits = {{"fc3", 4}};
  model m = mlp();
  const quantization q{m, s};
  const double first = 784 * 256, second = 256 * 128, third = 128 * 10;
  const double expected = (32 * first + 3 * second + 4 * third) / (first + second + third);
  CHECK(std::abs(q.average_bits() - expected) < 1e-12);
  const auto layers = q.layers();
  REQUIRE(layers.size() == 3);
  CHECK(layers[0].name == "fc1.weight");
  CHECK(layers[0].weights == 784 * 256);
  CHECK(layers[0].on_grid_fraction == 0);
  CHECK(layers[1].on_grid_fraction > 0);
  CHECK(layers[2].name == "fc3.weight");
  CHECK(q.histograms().size() == 2);
  CHECK(q.histograms()[0].levels.size() == 7);
}

TEST_CASE("quantization: an unknown layer is named with those that exist") {
  settings s = tiny_run::options();
  s.layer_bits = {{"conv1", 8}};
  model m = mlp();
  CHECK(detent_test::message_of<error>([&] { quantization(m, s); }) ==
        "--layer-bits: there is no layer 'conv1'; there are fc1, fc2, fc3");
}

TEST_CASE("quantization: a weight that is not finite is named") {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    model m = mlp();
    weight_of(m, "fc2.weight").value[11] = bad;
    for (const char* method : {"none", "dorefa", "wrpn+sinreq"}) {
      const settings s = tiny_run::options(method);
      const std::string message = detent_test::message_of<error>([&] { quantization(m, s); });
      CHECK(message.starts_with("fc2.weight: weight 11 is not finite"));
    }
  }
}

TEST_CASE("quantization: weights that become infinite between two steps are named") {
  const settings s = tiny_run::options("dorefa");
  model m = mlp();
  quantization q{m, s};
  q.prepare();
  weight_of(m, "fc1.weight").value[3] = std::numeric_limits<float>::infinity();
  CHECK(detent_test::message_of<error>([&] {
          q.prepare();
        }).starts_with("fc1.weight: weight 3 is not finite"));
}

TEST_CASE("quantization: flips per step count the weights that change their level") {
  const settings s = tiny_run::options("wrpn", 2);
  model m = mlp();
  parameter& p = weight_of(m, "fc1.weight");
  std::fill_n(p.value.begin(), 7, 0.0F);
  quantization q{m, s};
  const double weights = 784 * 256 + 256 * 128 + 128 * 10;
  q.prepare();
  std::fill_n(p.value.begin(), 7, 1.0F);  // from level 0 to the highest
  q.prepare();
  q.prepare();
  CHECK(std::abs(q.flips_per_step() - 7 / weights / 2) < 1e-15);
  q.prepare();
  CHECK(q.flips_per_step() == 0);
  std::fill_n(p.value.begin(), 2, -1.0F);  // two levels away is one flip each
  q.prepare();
  CHECK(std::abs(q.flips_per_step() - 2 / weights) < 1e-15);
}

TEST_CASE("quantization: an epoch's last update flips levels in the next epoch's first step") {
  const settings s = tiny_run::options("wrpn", 2);
  for (const bool evaluated : {false, true}) {
    CAPTURE(evaluated);
    model m = mlp();
    parameter& p = weight_of(m, "fc1.weight");
    std::fill_n(p.value.begin(), 7, 0.0F);
    quantization q{m, s};
    const double weights = 784 * 256 + 256 * 128 + 128 * 10;
    q.prepare();
    q.prepare();
    std::fill_n(p.value.begin(), 7, 1.0F);
    if (evaluated) {
      q.use(operand::levels);
      q.use(operand::unrounded);
    }
    CHECK(q.flips_per_step() == 0);
    q.prepare();
    q.prepare();
    CHECK(std::abs(q.flips_per_step() - 7 / weights / 2) < 1e-15);
  }
}

TEST_CASE("quantization: without two steps on levels there are no flips, not 0 of them") {
  for (const char* forward : {"quantized", "float"}) {
    CAPTURE(forward);
    settings s = tiny_run::options("dorefa");
    s.forward = forward;
    model m = mlp();
    quantization q{m, s};
    q.prepare();
    CHECK(std::isnan(q.flips_per_step()));
    q.prepare();
    CHECK(std::isnan(q.flips_per_step()) == (s.forward == "float"));
  }
  const settings plain = tiny_run::options("none");
  model m = mlp();
  quantization none{m, plain};
  none.prepare();
  none.prepare();
  CHECK(std::isnan(none.flips_per_step()));
}

TEST_CASE("quantization: a scale that follows the weights is no flip") {
  const settings s = tiny_run::options("dorefa", 3);
  parameter p = some_weights();
  quantized_parameter q{p, 3, s};
  q.prepare(operand::levels);
  for (float& w : p.value)
    w *= 1.001F;
  q.refresh();
  q.prepare(operand::levels);
  CHECK(q.count_flips() < 5);
}

TEST_CASE("quantization: quantized activations are on the unit grid of their range") {
  model m = mlp();
  m.for_each_relu([](relu& r) { r.bits = 2, r.range = 0.75F; });
  tensor images;
  images.resize(8, {1, 28, 28});
  std::copy_n(tiny_run::glyphs().train.pixels.begin(), images.data.size(), images.data.begin());
  m.forward(images, true);
  int seen = 0;
  m.for_each_relu([&](relu& r) {
    for (const float y : r.output().data) {
      REQUIRE((y == 0 || y == 0.25F || y == 0.5F || y == 0.75F));
      seen += y == 0.5F ? 1 : 0;
    }
  });
  CHECK(seen > 0);
}
