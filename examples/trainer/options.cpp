// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The options by name, and how their words are read.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <detent/version.hpp>
#include <exception>
#include <functional>
#include <iostream>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/method.hpp>
#include <trainer/options.hpp>
#include <trainer/report/interrupt.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

std::string not_whole(const std::string& word) {
  std::uint64_t value = 0;
  const char* end = word.data() + word.size();
  const auto [rest, failure] = std::from_chars(word.data(), end, value);
  if (failure == std::errc() && rest == end) return "";
  return "'" + word + "' is not a whole number from 0 to " +
         std::to_string(std::numeric_limits<std::uint64_t>::max());
}

std::string default_strengths_in_words() {
  std::string words = settings::shortest(default_strength(""));
  std::string space = "; ";
  for (const char* method : {"gradl1", "gradl2", "kure", "bin", "+learned-bits"}) {
    words += space + method + ' ' + settings::shortest(default_strength(method));
    space = ", ";
  }
  return words;
}

void add_common_options(CLI::App& app, settings& s, setting_words& words, output_paths& out) {
  app.add_option("--model", s.model, "mlp, lenet5, simplenet or resnet20")->capture_default_str();
  app.add_option("--data", s.data,
                 "glyphs, or a directory with IDX (MNIST) or CIFAR-10 binary files")
      ->envname("DETENT_DATA_DIR")
      ->capture_default_str();
  app.add_option("--max-train", s.max_train, "training images to use; 0: all")->check(not_whole);
  app.add_option("--max-validation", s.max_validation, "validation images to use; 0: all")
      ->check(not_whole);
  app.add_option("--max-test", s.max_test, "test images to use; 0: all")->check(not_whole);
  app.add_option("--pretrain-epochs", s.pretrain_epochs, "epochs in full precision beforehand")
      ->capture_default_str();
  app.add_option("--epochs", s.epochs, "epochs of finetuning with the method")
      ->capture_default_str();
  app.add_option("--lr", s.learning_rate, "learning rate of the finetuning")->capture_default_str();
  app.add_option("--pretrain-lr", s.pretrain_learning_rate,
                 "learning rate of the full-precision training (cosine)")
      ->capture_default_str();
  app.add_option("--optimizer", s.optimizer, "sgd or adam")->capture_default_str();
  app.add_option("--momentum", s.momentum, "of sgd")->capture_default_str();
  app.add_option("--weight-decay", s.weight_decay, "of the weights of products")
      ->capture_default_str();
  app.add_option("--batch", s.batch_size, "images a step")->capture_default_str();
  app.add_flag("--augment", s.augment, "shift the training images; mirror those in colour");
  app.add_option("--strength", s.strength, "λ of the regularizer")
      ->default_str(default_strengths_in_words());
  app.add_option("--activation-strength", s.activation_strength,
                 "gradl1, gradl2: λ of the gradients of the activations")
      ->capture_default_str();
  app.add_option("--start-epoch", s.start_epoch,
                 "gradl1, gradl2, kure, bin: epoch of the finetuning from which they act")
      ->capture_default_str();
  app.add_option("--ramp", s.ramp, "share of the run where half of λ is reached")
      ->capture_default_str();
  app.add_flag("--decoupled", s.decoupled,
               "let λ grow as the learning rate falls, so that the pull to the levels is not "
               "annealed (always so with method waveq)");
  app.add_option("--target-bits", s.target_bits,
                 "waveq: average bits over the weights that the learned bit-widths arrive at")
      ->capture_default_str();
  app.add_option("--pull", s.pull,
                 "waveq: what pulls on the bit-widths: sensitivity of the loss, or waveq (the "
                 "paper's penalty)")
      ->capture_default_str();
  app.add_option("--bit-cost", s.bit_cost,
                 "waveq: what the average weighs a layer by: weights, or operations "
                 "(multiply-accumulates)")
      ->capture_default_str();
  app.add_option("--start-bits", words.start_bits, "waveq: exceptions from 8, as LAYER=BITS");
  app.add_option("--range", s.range,
                 "wrpn, learned grids and --ptq: ranges are, or start at, fit (least squared "
                 "error) or extent (of the numbers)")
      ->capture_default_str();
  app.add_option("--scale-lr", s.scale_rate,
                 "learned grids: Adam's rate of the logarithms of step and noise")
      ->capture_default_str();
  app.add_option("--gate-lr", s.gate_rate, "dropbits: Adam's rate of the gates' logits")
      ->capture_default_str();
  app.add_option("--layer-bits", words.layer_bits, "exceptions from --bits, as LAYER=BITS");
  app.add_option("--domain", s.domain,
                 "coordinate of the regularizer: matched to the quantizer, or raw weights")
      ->capture_default_str();
  app.add_option("--amplitude", s.amplitude,
                 "height of the sinusoid: squared (distance, λ by the sum), unit or octave "
                 "(λ by the mean of a layer)")
      ->capture_default_str();
  app.add_option("--extent", s.extent, "beyond the outermost levels: bounded or periodic")
      ->capture_default_str();
  app.add_option("--first-last", s.first_last, "first and last layer: quantized, 8bit or float")
      ->capture_default_str();
  app.add_option("--ptq", words.ptq,
                 "bits at which the trained weights are evaluated once more, after no more than "
                 "rounding: 8,4 for weights and activations, 8/32 to name both")
      ->delimiter(',')
      ->check([](const std::string& word) {
        return word.empty() ? std::string("at least one value is needed") : std::string();
      });
  app.add_option("--threads", s.threads, "threads of a run")->capture_default_str();
  app.add_option("--json", out.json, "write the results to this JSON file");
  app.add_option("--report", out.report, "write a self-contained HTML report to this file");
}

std::string command_line(int argc, char** argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) {
    std::string_view word = argv[i];
    if (i == 0) word = word.substr(word.rfind('/') + 1);
    text += (text.empty() ? "" : " ") + std::string(word);
  }
  return text;
}

namespace {

/// `code`, or 1 with a line on the standard error where the standard output is full or closed.
int checked_output(const CLI::App& app, int code) {
  errno = 0;
  if (finish_standard_output()) return code;
  const std::string reason = errno == 0 ? "" : ": " + std::generic_category().message(errno);
  std::cerr << app.get_name() << ": cannot write the standard output" << reason << '\n';
  return code == 0 ? 1 : code;
}

}  // namespace

int guarded_main(CLI::App& app, int argc, char** argv, const std::function<int()>& body) {
  // A reader that went away must not end the training: progress is written to a pipe, too.
  report_failed_writes();
  try {
    app.set_version_flag("--version", "detent " + std::to_string(detent::version_major) + '.' +
                                          std::to_string(detent::version_minor) + '.' +
                                          std::to_string(detent::version_patch));
    app.parse(argc, argv);
    return checked_output(app, body());
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return checked_output(app, app.exit(e));
    std::cerr << app.get_name() << ": " << e.what() << " (--help lists the options)\n";
    return 2;
  } catch (const usage_error& e) {
    std::cerr << app.get_name() << ": " << e.what() << '\n';
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << app.get_name() << ": out of memory\n";
  } catch (const std::exception& e) {
    std::cerr << app.get_name() << ": " << e.what() << '\n';
  }
  return 1;
}

ptq_bits parse_ptq_bits(const std::string& word) {
  const auto read = [&](const char* begin, const char* end) {
    int bits = 0;
    const auto [rest, failure] = std::from_chars(begin, end, bits);
    if (failure == std::errc() && rest == end) return bits;
    throw usage_error("--ptq: '" + word + "' is not of the form BITS or BITS/ACTIVATIONS");
  };
  const char* const begin = word.data();
  const char* const end = begin + word.size();
  const char* const slash = std::find(begin, end, '/');
  const int weights = read(begin, slash);
  return {weights, slash == end ? weights : read(slash + 1, end)};
}

void parse_ptq(const setting_words& words, settings& s) {
  for (const std::string& word : words.ptq) {
    const ptq_bits bits = parse_ptq_bits(word);
    if (std::find(s.ptq.begin(), s.ptq.end(), bits) != s.ptq.end()) {
      throw usage_error("--ptq: '" + word + "' is there twice");
    }
    s.ptq.push_back(bits);
  }
}

namespace {

/// Calls f(layer, number) for each of {"conv1=8", "fc3=4"}.
template <class F>
void for_each_exception(const std::string& argument, const std::vector<std::string>& words, F f) {
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    char* end = nullptr;
    const char* const number = word.c_str() + (equals == std::string::npos ? 0 : equals + 1);
    const double bits = equals == std::string::npos ? 0 : std::strtod(number, &end);
    if (end == nullptr || *end != '\0' || end == number) {
      throw usage_error(argument + ": '" + word + "' is not of the form LAYER=BITS");
    }
    f(word.substr(0, equals), bits);
  }
}

}  // namespace

void parse_exceptions(const setting_words& words, settings& s) {
  for_each_exception("--layer-bits", words.layer_bits, [&](const std::string& layer, double bits) {
    if (bits != std::trunc(bits)) {
      throw usage_error("--layer-bits " + layer + ": " + settings::shortest(bits) +
                        " is not a whole number");
    }
    // What an int cannot hold must not turn into a number that is allowed.
    s.layer_bits[layer] = static_cast<int>(std::clamp(bits, -1.0, 1000.0));
  });
  for_each_exception("--start-bits", words.start_bits,
                     [&](const std::string& layer, double bits) { s.start_bits[layer] = bits; });
}

}  // namespace detent_trainer
