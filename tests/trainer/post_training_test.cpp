// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Post-training quantization: the accuracies are those of rounding by hand, and nothing is left.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <detent/detent.hpp>
#include <trainer/evaluation.hpp>
#include <trainer/nn/learned_grid.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/nn/relu.hpp>
#include <trainer/post_training.hpp>
#include <trainer/quantization.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>
#include <trainer/tiny_run.hpp>

namespace {

using namespace detent_trainer;
using tiny_run::finetuned;
using tiny_run::glyphs;
using tiny_run::options;

model trained_mlp() {
  model m = tiny_run::mlp();
  m.load(tiny_run::start().weights);
  return m;
}

/// Rounds the values of a weight to the levels of a range; of the least squared error without one.
void round_by_hand(parameter& p, int bits, double range = 0) {
  const auto unit = detent::wrpn_grid(detent::bits{bits});
  const auto grid = unit.scaled(range > 0 ? range : detent::fit_range(unit, p.value));
  for (float& w : p.value)
    w = static_cast<float>(grid.level(grid.code(static_cast<double>(w))));
}

/// The accuracies of `bits`, of the pretrained network by method none.
std::vector<post_training_result> accuracies(model& m, const std::vector<ptq_bits>& bits,
                                             settings s = options("none")) {
  quantization method{m, s};
  s.ptq = bits;
  return post_training_accuracies(m, method, s, glyphs());
}

/// The numbers that must be what they were.
struct remembered {
  explicit remembered(model& m) : values{m.state()} {
    m.visit([&](const parameter& p) { operands.push_back(p.operand); });
    m.for_each_relu([&](const relu& r) {
      rectifiers.push_back(r.bits);
      rectifiers.push_back(static_cast<double>(r.range));
      rectifiers.push_back(r.learned ? r.learned->step() : 0);
    });
  }
  friend bool operator==(const remembered&, const remembered&) = default;

  model::weights values;
  std::vector<std::vector<float>> operands;
  std::vector<double> rectifiers;
};

}  // namespace

TEST_CASE("post_training: the accuracies are those of weights rounded by hand, in their order") {
  model m = trained_mlp();
  const auto results = accuracies(m, {{3, 32}, {32, 32}, {2, 32}});
  REQUIRE(results.size() == 3);
  CHECK(results[1].test_accuracy == accuracy(m, glyphs().test));
  CHECK(results[1].validation_accuracy == accuracy(m, glyphs().validation));
  for (const std::size_t entry : {std::size_t{0}, std::size_t{2}}) {
    model rounded = trained_mlp();
    rounded.visit([&](parameter& p) {
      if (p.quantizable) round_by_hand(p, results[entry].bits);
    });
    CHECK(results[entry].activation_bits == 32);
    CHECK(results[entry].test_accuracy == accuracy(rounded, glyphs().test));
    CHECK(results[entry].validation_accuracy == accuracy(rounded, glyphs().validation));
  }
  CHECK(results[2].test_accuracy < results[1].test_accuracy);
}

TEST_CASE("post_training: ranges by the extent end at the largest magnitudes") {
  model m = trained_mlp();
  settings s = options("none");
  s.range = "extent";
  const auto results = accuracies(m, {{2, 32}, {32, 2}}, s);
  model rounded = trained_mlp();
  rounded.visit([&](parameter& p) {
    if (p.quantizable) round_by_hand(p, 2, detent::reduce(detent::magnitude{}, p.value).maximum());
  });
  CHECK(results[0].test_accuracy == accuracy(rounded, glyphs().test));
  CHECK(results[0].test_accuracy != accuracies(m, {{2, 32}})[0].test_accuracy);
  model watched = trained_mlp();
  show_training_images(watched, glyphs());
  watched.for_each_relu([](relu& r) {
    r.range = *std::max_element(r.output().data.begin(), r.output().data.end());
    r.bits = 2;
  });
  CHECK(results[1].test_accuracy == accuracy(watched, glyphs().test));
}

TEST_CASE("post_training: activations are rounded as in a run that quantizes them alone") {
  model m = trained_mlp();
  const auto results = accuracies(m, {{32, 2}, {32, 1}, {32, 2}});
  settings s = options("none");
  s.epochs = 0;
  s.activation_bits = 2;
  CHECK(results[0].test_accuracy == finetuned(s).test_accuracy);
  s.activation_bits = 1;
  CHECK(results[1].test_accuracy == finetuned(s).test_accuracy);
  CHECK(results[2].test_accuracy == results[0].test_accuracy);  // nothing is left of one bit
  CHECK(results[1].test_accuracy != results[0].test_accuracy);
}

TEST_CASE("post_training: the first and the last layer go by --first-last") {
  model m = trained_mlp();
  settings s = options("none");
  s.first_last = "float";
  s.layer_bits = {{"fc2", 8}};  // an exception from --bits
  const auto results = accuracies(m, {{2, 32}}, s);
  model rounded = trained_mlp();
  round_by_hand(tiny_run::weight_of(rounded, "fc2.weight"), 2);
  CHECK(results[0].test_accuracy == accuracy(rounded, glyphs().test));
  CHECK(results[0].test_accuracy != accuracies(m, {{2, 32}})[0].test_accuracy);
}

TEST_CASE("post_training: of a method that rounds, what it would round is rounded") {
  model m = trained_mlp();
  settings s = options("dorefa", 2);
  quantization method{m, s};
  s.ptq = {{32, 32}};
  method.use(operand::unrounded);
  const double unrounded = accuracy(m, glyphs().test);
  method.use(operand::levels);
  const auto results = post_training_accuracies(m, method, s, glyphs());
  CHECK(results[0].test_accuracy == unrounded);
  CHECK(unrounded != accuracy(m, glyphs().test));
}

TEST_CASE("post_training: the model is then what it was, bit for bit, whatever the method") {
  for (const char* word : {"none", "dorefa", "wrpn", "lsq"}) {
    CAPTURE(word);
    model m = trained_mlp();
    settings s = options(word, 3);
    quantization method{m, s};
    if (method.active()) method.use(operand::levels);
    show_training_images(m, glyphs());
    round_activations(m, detent::bits{5}, "fit");
    if (s.learns_grid()) {
      m.for_each_relu([&](relu& r) { r.learned.emplace(s.grid_options()); });
    }
    const remembered before{m};
    s.ptq = {{4, 4}, {2, 32}};
    CHECK(post_training_accuracies(m, method, s, glyphs()).size() == 2);
    CHECK(remembered{m} == before);
  }
}

TEST_CASE("post_training: a run has it beside its own figures, which stay, also before snapping") {
  for (const std::string forward : {"quantized", "float"}) {
    CAPTURE(forward);
    double two_bits = 0, eight_bits = 0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      settings s = options("wrpn+sinreq", 2);
      s.seed = seed;
      s.forward = forward;
      s.activation_bits = 4;
      const run_result without = finetuned(s);
      CHECK(without.post_training.empty());
      s.ptq = {{8, 8}, {32, 32}};
      const run_result with = finetuned(s);
      REQUIRE(with.post_training.size() == 2);
      CHECK(with.test_accuracy == without.test_accuracy);
      CHECK(with.validation_accuracy == without.validation_accuracy);
      CHECK(with.snap_loss == without.snap_loss);
      CHECK(with.on_grid_fraction == without.on_grid_fraction);
      two_bits += with.test_accuracy;
      eight_bits += with.post_training[0].test_accuracy;
    }
    // Two bits lose much, of which eight know nothing: over several networks, since one of so few
    // images may be near chance with either.
    CHECK(eight_bits > two_bits);
  }
}
