// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Bit-widths that are learned: where they arrive, what they cost, where they start.

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <set>
#include <vector>

#include <trainer/nn/architectures.hpp>
#include <trainer/nn/initialize.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/quantization.hpp>
#include <trainer/settings.hpp>
#include <trainer/tiny_run.hpp>

namespace {

using namespace detent_trainer;
using tiny_run::mlp;
using tiny_run::weight_of;
using floats = std::vector<float>;

}  // namespace

namespace {

/// Steps over a whole run with gradients that are small in fc1 and large in fc3.
void learn_bits(model& m, quantization& q) {
  const int steps = 120;
  floats normal(weight_of(m, "fc1.weight").value.size());
  for (std::size_t k = 0; k < normal.size(); ++k)
    normal[k] = static_cast<float>(normal_number(5, 1, k));
  for (int i = 0; i <= steps; ++i) {
    q.prepare();
    float size = 0.01F;
    for (const char* name : {"fc1.weight", "fc2.weight", "fc3.weight"}) {
      parameter& p = weight_of(m, name);
      for (std::size_t k = 0; k < p.gradient.size(); ++k)
        p.gradient[k] = size * normal[k];
      size *= 16;
    }
    q.finish_gradients(0.1, static_cast<double>(i) / steps);
  }
}

}  // namespace

TEST_CASE("quantization: learned bits arrive at most at their target, more where it costs more") {
  for (const char* method : {"dorefa+waveq", "wrpn+waveq"}) {
    settings s = tiny_run::options(method);
    s.target_bits = 4;
    model m = mlp();
    quantization q{m, s};
    CHECK(q.average_bits() == 8);
    learn_bits(m, q);
    CHECK(q.search()->frozen());
    CHECK(q.average_bits() <= 4);
    CHECK(q.average_bits() > 2.5);
    const auto widths = q.bit_widths();
    REQUIRE(widths.size() == 3);
    CHECK(widths[0].layer == "fc1.weight");
    CHECK(widths[2].bit_width > widths[0].bit_width);
    CHECK(widths[0].data_pull < 0);
    const auto layers = q.layers();
    for (std::size_t l = 0; l < 3; ++l)
      CHECK(layers[l].bits == widths[l].bit_width);
    // The levels are those of the frozen bits.
    q.prepare();
    const floats& levels = weight_of(m, "fc3.weight").operand;
    CHECK(std::set<float>(levels.begin(), levels.end()).size() <= (1U << layers[2].bits));
  }
}

TEST_CASE("quantization: a bit may cost operations, and layers start where they are told to") {
  settings s = tiny_run::options("dorefa+waveq");
  s.bit_cost = "operations";
  s.start_bits = {{"conv2", 4.25}};
  model m = make_model("lenet5", {1, 28, 28}, 10, 1);
  const quantization q{m, s};
  const auto& state = q.search()->state();
  const parameter& conv = weight_of(m, "conv2.weight");
  CHECK(conv.operations > 10 * conv.value.size());
  CHECK(state.costs[1] == static_cast<double>(conv.operations));
  CHECK(state.bit_widths[0] == 8);
  CHECK(state.bit_widths[1] == 4.25);
  CHECK(q.layers()[1].bits == 5);
  // In a short run they move faster, but never by jumps.
  CHECK(state.options.rate == 0.03);
  CHECK(quantization(m, s, 2500).search()->state().options.rate == 0.015);
  CHECK(quantization(m, s, 10).search()->state().options.rate == 0.1);
}

TEST_CASE("quantization: the paper's pull does not tell layers of the same shape apart") {
  settings s = tiny_run::options("dorefa+waveq");
  s.pull = "waveq";
  model m = mlp();
  quantization q{m, s};
  learn_bits(m, q);
  const auto widths = q.bit_widths();
  CHECK(std::abs(widths[0].bit_width - widths[1].bit_width) <= 1);
}

TEST_CASE("quantization: without learned bits there is no search") {
  model m = mlp();
  const settings s = tiny_run::options("dorefa+sinreq");
  const quantization q{m, s};
  CHECK_FALSE(q.search().has_value());
  CHECK(q.bit_widths().empty());
}
