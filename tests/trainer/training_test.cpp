// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Whole runs of the trainer on a few glyphs: determinism, the regularizer's effect, how runs end.

#include <doctest/doctest.h>
#include <signal.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <support/message.hpp>
#include <trainer/error.hpp>
#include <trainer/report/interrupt.hpp>
#include <trainer/report/progress.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>
#include <trainer/tiny_run.hpp>

namespace {

using namespace detent_trainer;
using tiny_run::finetuned;
using tiny_run::options;

/// Every figure of a run that must not depend on threads and time, for comparison bit for bit.
std::vector<double> figures(const run_result& r) {
  std::vector<double> all{r.validation_accuracy, r.test_accuracy, r.full_precision_accuracy,
                          r.on_grid_fraction,    r.snap_loss,     r.flips_per_step,
                          r.average_bits};
  for (const auto& e : r.history) {
    all.insert(all.end(), {e.task_loss, e.penalty, e.train_accuracy, e.validation_accuracy,
                           e.on_grid_fraction, e.flips_per_step});
  }
  for (const auto& layer : r.layers)
    all.push_back(layer.on_grid_fraction);
  return all;
}

run_result whole_run(const settings& s) {
  training t{s, tiny_run::glyphs()};
  const pretrained start = t.pretrain({});
  return t.finetune(start, {});
}

/// Strong and fast enough to put nearly all weights on levels within a dozen steps: each step
/// halves a small distance, 1 - 0.02 · 2λ = 0.4.
settings strong(const char* method) {
  settings s = options(method);
  s.strength = 15;
  s.ramp = 0;
  s.momentum = 0;
  s.epochs = 2;
  return s;
}

/// Presses Ctrl-C when it is first flushed: after the line of the first epoch.
class interrupting_buffer : public std::stringbuf {
 private:
  int sync() override {
    if (!done_) ::raise(SIGINT);
    done_ = true;
    return 0;
  }
  bool done_ = false;
};

}  // namespace

TEST_CASE("training: a run does not depend on the number of threads, bit for bit") {
  for (const char* method : {"dorefa+sinreq", "wrpn+sinreq"}) {
    CAPTURE(method);
    settings s = options(method);
    s.ramp = 0;
    s.pretrain_epochs = 1;
    s.activation_bits = 4;
    const auto one = figures(whole_run(s));
    CHECK(one.size() == 7 + 6 + 3);
    for (const int threads : {2, 3}) {
      if (threads == 2 && s.quantizer() == "wrpn") continue;  // one is enough
      CAPTURE(threads);
      s.threads = threads;
      CHECK(figures(whole_run(s)) == one);
    }
  }
}

TEST_CASE("training: the same seed gives the same run, another seed another one") {
  settings s = options();
  s.pretrain_epochs = 1;
  const auto first = figures(whole_run(s));
  CHECK(figures(whole_run(s)) == first);
  s.seed = 2;
  CHECK(figures(whole_run(s)) != first);
}

TEST_CASE("training: strength 0 is the base method, bit for bit") {
  for (const char* base : {"dorefa", "wrpn"}) {
    CAPTURE(base);
    settings with = options((std::string(base) + "+sinreq").c_str());
    with.strength = 0;
    const auto expected = figures(finetuned(options(base)));
    CHECK(figures(finetuned(with)) == expected);
    with.strength = 0.1;
    with.ramp = 0;
    CHECK(figures(finetuned(with)) != expected);
  }
}

TEST_CASE("training: a strong regularizer puts the weights on the grid, the base method does not") {
  for (const char* base : {"dorefa", "wrpn"}) {
    CAPTURE(base);
    const run_result without = finetuned(strong(base));
    const run_result with = finetuned(strong((std::string(base) + "+sinreq").c_str()));
    CHECK(with.on_grid_fraction > 0.9);
    CHECK(without.on_grid_fraction < 0.3);
    CHECK(with.history.back().penalty < 0.5 * with.history.front().penalty);
    CHECK(with.regularizer_share > 0);
    CHECK(without.regularizer_share < with.regularizer_share);
  }
}

TEST_CASE("training: rounding after a float forward pass loses nothing where all is on the grid") {
  settings s = strong("wrpn+sinreq");
  s.bits = 4;
  s.forward = "float";
  const run_result r = finetuned(s);
  CHECK(r.on_grid_fraction > 0.9);
  CHECK(std::abs(r.snap_loss) <= 3.0 / tiny_run::test_images);
  CHECK(std::isnan(r.flips_per_step));
  CHECK(std::isnan(r.history.back().flips_per_step));
  CHECK(r.forward == "float");
}

TEST_CASE("training: the record says what was run, and its policies reach the layers") {
  settings s = options("wrpn", 4);
  s.first_last = "8bit";
  s.layer_bits = {{"fc2", 5}};
  s.seed = 2;
  const run_result r = finetuned(s);
  CHECK(r.model == "mlp");
  CHECK(r.data == "glyphs");
  CHECK(r.method == "wrpn");
  CHECK(r.bits == 4);
  CHECK(r.seed == 2);
  CHECK(r.strength == 0);
  CHECK_FALSE(r.interrupted);
  REQUIRE(r.layers.size() == 3);
  CHECK(r.layers[0].bits == 8);
  CHECK(r.layers[1].bits == 5);
  CHECK(r.layers[2].bits == 8);
  CHECK(r.average_bits > 7);
  CHECK(r.average_bits < 8);
  CHECK(r.full_precision_accuracy == tiny_run::start(2).test_accuracy);
  REQUIRE(r.history.size() == 1);
  CHECK(r.history[0].histograms.size() == 3);
  CHECK(r.seconds_per_epoch > 0);
}

TEST_CASE("training: one bit, activations of one bit, and full precision run") {
  settings s = options("dorefa+sinreq", 1);
  const run_result one = finetuned(s);
  CHECK(one.average_bits == 1);
  CHECK(std::isfinite(one.history.at(0).task_loss));
  s.bits = 3;
  const double loss = finetuned(s).history.at(0).task_loss;
  s.activation_bits = 1;
  const run_result coarse = finetuned(s);
  CHECK(coarse.activation_bits == 1);
  CHECK(coarse.history.at(0).task_loss != loss);

  const run_result plain = finetuned(options("none"));
  CHECK(plain.average_bits == 32);
  CHECK(plain.bits == 32);
  CHECK(plain.snap_loss == 0);
  CHECK(plain.regularizer_share < 0.01);
}

TEST_CASE("training: no epochs give the pretrained network, quantized") {
  settings s = options("none");
  s.epochs = 0;
  const run_result r = finetuned(s);
  CHECK(r.test_accuracy == tiny_run::start().test_accuracy);
  CHECK(r.validation_accuracy == tiny_run::start().validation_accuracy);
  CHECK(r.epochs == 0);
  CHECK(r.history.empty());
  CHECK_FALSE(r.interrupted);
  s.method = "dorefa";
  s.bits = 16;
  CHECK(std::abs(finetuned(s).snap_loss) <= 1.0 / tiny_run::test_images);
}

TEST_CASE("training: learning improves the loss") {
  settings s = options("none");
  s.epochs = 3;
  const run_result r = finetuned(s);
  CHECK(r.history.back().task_loss < r.history.front().task_loss);
}

TEST_CASE("training: the learning rate is constant or half a cosine") {
  CHECK(learning_rate_at(0.0, 0.3, "constant") == 0.3);
  CHECK(learning_rate_at(0.9, 0.3, "constant") == 0.3);
  CHECK(learning_rate_at(0.0, 0.3, "cosine") == 0.3);
  CHECK(std::abs(learning_rate_at(1.0 / 3, 0.3, "cosine") - 0.225) < 1e-15);
  CHECK(std::abs(learning_rate_at(0.5, 0.3, "cosine") - 0.15) < 1e-15);
  CHECK(std::abs(learning_rate_at(1.0, 0.3, "cosine")) < 1e-15);
}

TEST_CASE("training: the strength rises to its value, half of it at the ramp") {
  CHECK(strength_at(0.2, 3, 0.2) == 1.5);
  CHECK(strength_at(0.0, 3, 0.0) == 3);
  CHECK(strength_at(0.0, 3, 0.5) < 1e-7);
  CHECK(std::abs(strength_at(1.0, 3, 0.2) - 3) < 1e-9);
  // tanh(1) = 0.76159…, one width beyond the ramp
  CHECK(std::abs(strength_at(0.25, 2, 0.2) - 1.7615941559557649) < 1e-12);
  CHECK(strength_at(0.5, 0, 0.2) == 0);
}

TEST_CASE("training: a decoupled strength keeps its product with the rate, far from instability") {
  CHECK(decoupled(0.1, 0.02, 0.02) == 0.1);
  CHECK(std::abs(decoupled(0.1, 0.02, 0.005) - 0.4) < 1e-15);
  CHECK(std::abs(decoupled(0.1, 0.02, 1e-9) * 1e-9 - 0.002) < 1e-15);
  CHECK(std::abs(decoupled(1.0, 0.5, 0.1) - 1.0) < 1e-15);  // not above 0.05/rate by growth
  CHECK(std::abs(decoupled(1.0, 0.5, 0.01) - 5.0) < 1e-12);
  CHECK(decoupled(0.1, 0.02, 0) == 0.1);
  CHECK(decoupled(0, 0.02, 0.001) == 0);

  settings s = options("wrpn+sinreq");
  s.epochs = 2;
  s.strength = 0.1;
  s.lr_schedule = "cosine";
  s.decoupled = true;
  const run_result r = finetuned(s);
  const epoch_record& last = r.history.back();
  CHECK(last.strength == decoupled(strength_at(1 - 16.0 / tiny_run::train_images, 0.1, s.ramp),
                                   s.learning_rate, last.learning_rate));
}

TEST_CASE("training: without a quantizer in the forward pass weights arrive on learned levels") {
  settings s = options("waveq");
  s.target_bits = 3;
  s.epochs = 12;
  s.strength = 2;
  s.ramp = 0.6;
  s.lr_schedule = "cosine";
  const run_result r = finetuned(s);
  CHECK(r.on_grid_fraction > 0.9);
}

TEST_CASE("training: the history records rate and strength of the last step of each epoch") {
  settings s = options("wrpn+sinreq");
  s.epochs = 2;
  s.lr_schedule = "cosine";
  const run_result r = finetuned(s);
  REQUIRE(r.history.size() == 2);
  const double steps = tiny_run::train_images / 32;
  const double share = (2 * steps - 1) / (2 * steps);
  CHECK(r.history[1].learning_rate == learning_rate_at(share, s.learning_rate, "cosine"));
  CHECK(r.history[1].strength == strength_at(share, s.strength, s.ramp));
}

TEST_CASE("training: a learning rate near 0 flips no level, a usual one some") {
  settings s = options("wrpn", 2);
  s.epochs = 2;
  s.learning_rate = 1e-9;
  for (const auto& epoch : finetuned(s).history)
    CHECK(epoch.flips_per_step == 0);
  s.learning_rate = 0.05;
  const double flips = finetuned(s).flips_per_step;
  CHECK(flips > 0);
  CHECK(flips < 0.5);
}

TEST_CASE("training: flips are counted from the second step on, also across epochs") {
  settings s = options("wrpn", 2);
  s.epochs = 2;
  s.batch_size = tiny_run::train_images;  // one step an epoch
  s.learning_rate = 0.5;
  const run_result r = finetuned(s);
  CHECK(std::isnan(r.history.at(0).flips_per_step));
  CHECK(r.history.at(1).flips_per_step > 0);
}

TEST_CASE("training: Ctrl-C ends the run after the epoch, with a result") {
  settings s = options("wrpn");
  s.epochs = 3;
  interrupting_buffer buffer;
  std::ostream stream{&buffer};
  progress_output output;
  output.stream = &stream;
  progress shown{1, output};
  const interrupt_guard guard;
  const run_result r = finetuned(s, {&shown, &guard});
  CHECK(guard.requested());
  CHECK(r.interrupted);
  CHECK(r.epochs == 1);
  CHECK(r.history.size() == 1);
  CHECK(r.test_accuracy > 0);
  CHECK(r.layers.size() == 3);
  CHECK(buffer.str().find("wrpn W3 seed 1: epoch 1/3") == 0);
}

TEST_CASE("training: Ctrl-C in the pretraining leaves out the finetuning") {
  const settings s = options("wrpn");
  tiny_run::start();
  const interrupt_guard guard;
  ::raise(SIGINT);
  const run_result r = finetuned(s, {nullptr, &guard});
  CHECK(r.interrupted);
  CHECK(r.epochs == 0);
  CHECK(r.history.empty());
  CHECK(r.layers.size() == 3);
}

TEST_CASE("training: a weight that is not finite is named, activations quantized or not") {
  pretrained broken = tiny_run::start();
  broken.weights.at(2).at(5) = std::numeric_limits<float>::quiet_NaN();
  for (const int activation_bits : {32, 4}) {
    settings s = options();
    s.activation_bits = activation_bits;
    const std::string message = detent_test::message_of<error>(
        [&] { training(s, tiny_run::glyphs()).finetune(broken, {}); });
    CHECK(detent_test::mentions(message, "fc2.weight: weight 5 is not finite"));
  }
}

TEST_CASE("training: a loss that diverges is one line with the rate to lower") {
  settings s = options("none");
  s.epochs = 5;
  s.learning_rate = s.pretrain_learning_rate = 100;
  CHECK(detent_test::message_of<error>([&] { finetuned(s); }) ==
        "none seed 1: the loss is not finite; try a lower --lr");
  CHECK(detent_test::message_of<error>([&] { training(s, tiny_run::glyphs()).pretrain({}); }) ==
        "full precision seed 1: the loss is not finite; try a lower --pretrain-lr");
}

TEST_CASE("training: wrong settings and too large batches are refused") {
  settings s = options();
  s.bits = 0;
  CHECK(detent_test::mentions(
      detent_test::message_of<error>([&] { training(s, tiny_run::glyphs()); }), "--bits: 0"));
  s = options();
  s.batch_size = tiny_run::train_images + 1;
  CHECK(detent_test::mentions(detent_test::message_of<error>([&] { finetuned(s); }),
                              "batch size: 193, allowed are 1 to 192"));
  s = options();
  s.layer_bits = {{"conv9", 4}};
  training t{s, tiny_run::glyphs()};
  CHECK(detent_test::mentions(detent_test::message_of<error>([&] { t.require_layers(); }),
                              "'conv9'", "fc1, fc2, fc3"));
}

TEST_CASE("training: learned bits move, are recorded by the epoch, and freeze") {
  for (const char* method : {"dorefa+waveq", "wrpn+waveq", "waveq"}) {
    settings s = options(method);
    s.target_bits = 3;
    s.epochs = 4;
    const run_result r = finetuned(s);
    CHECK(r.target_bits == 3);
    CHECK(r.bits == 3);
    CHECK(r.forward == (s.method == "waveq" ? "float" : "quantized"));
    CHECK(r.average_bits <= 3);
    REQUIRE(r.history.size() == 4);
    for (const auto& epoch : r.history)
      REQUIRE(epoch.bit_widths.size() == r.layers.size());
    for (std::size_t l = 0; l < r.layers.size(); ++l) {
      CHECK(r.history[0].bit_widths[l].bit_width > r.history[3].bit_widths[l].bit_width);
      CHECK(r.history[3].bit_widths[l].bit_width == r.layers[l].bits);
      CHECK(r.history[2].bit_widths[l].bit_width == r.layers[l].bits);
    }
  }
}

TEST_CASE("training: learned bits do not depend on the number of threads") {
  settings s = options("dorefa+waveq");
  s.epochs = 3;
  const run_result one = finetuned(s);
  s.threads = 3;
  const run_result three = finetuned(s);
  CHECK(figures(one) == figures(three));
  for (std::size_t l = 0; l < one.layers.size(); ++l)
    CHECK(one.history[0].bit_widths[l].bit_width == three.history[0].bit_widths[l].bit_width);
}
