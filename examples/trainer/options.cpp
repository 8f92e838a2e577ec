// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The options by name, and how their words are read.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <detent/version.hpp>
#include <exception>
#include <functional>
#include <iostream>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/method.hpp>
#include <trainer/numbers.hpp>
#include <trainer/options.hpp>
#include <trainer/printable.hpp>
#include <trainer/report/interrupt.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

namespace {

template <class T>
T number_of(const std::string& option, const std::string& word) {
  std::optional<T> value;
  if constexpr (std::is_floating_point_v<T>) {
    value = decimal_number(word);
  } else {
    value = whole_number<T>(word);
  }
  if (!value) throw usage_error(option + ": " + not_a_number<T>(word));
  return *value;
}

template <class T>
std::string type_name() {
  if constexpr (std::is_floating_point_v<T>) return "FLOAT";
  return std::is_signed_v<T> ? "INT" : "UINT";
}

template <class T>
CLI::Option* add_one(CLI::App& app, const std::string& name, T& value,
                     const std::string& description) {
  std::string text = std::to_string(value);
  if constexpr (std::is_floating_point_v<T>) text = settings::shortest(value);
  const auto read = [name, &value](const std::string& word) { value = number_of<T>(name, word); };
  return app.add_option_function<std::string>(name, read, description)
      ->type_name(type_name<T>())
      ->default_str(text);
}

/// The words between the commas. CLI11 would leave an empty one out.
std::vector<std::string> separated(const std::string& option,
                                   const std::vector<std::string>& lists) {
  std::vector<std::string> words;
  for (const std::string& list : lists) {
    if (list.empty()) throw usage_error(option + ": at least one value is needed");
    std::size_t begin = 0;
    for (std::size_t comma = 0; comma != std::string::npos; begin = comma + 1) {
      comma = list.find(',', begin);
      words.push_back(list.substr(begin, comma == std::string::npos ? comma : comma - begin));
      if (words.back().empty()) throw usage_error(option + ": '" + list + "' has an empty value");
    }
  }
  return words;
}

template <class T>
CLI::Option* add_list(CLI::App& app, const std::string& name, std::vector<T>& list,
                      const std::string& description) {
  std::string text;
  for (const T value : list)
    text += (text.empty() ? "[" : ",") + std::to_string(value);
  const auto read = [name, &list](const std::vector<std::string>& words) {
    list.clear();
    for (const std::string& word : separated(name, words))
      list.push_back(number_of<T>(name, word));
  };
  return app.add_option_function<std::vector<std::string>>(name, read, description)
      ->type_name(type_name<T>())
      ->default_str(text + ']');
}

}  // namespace

CLI::Option* add_number(CLI::App& app, const std::string& name, int& value,
                        const std::string& description) {
  return add_one(app, name, value, description);
}

CLI::Option* add_number(CLI::App& app, const std::string& name, std::uint64_t& value,
                        const std::string& description) {
  return add_one(app, name, value, description);
}

CLI::Option* add_number(CLI::App& app, const std::string& name, double& value,
                        const std::string& description) {
  return add_one(app, name, value, description);
}

CLI::Option* add_numbers(CLI::App& app, const std::string& name, std::vector<int>& list,
                         const std::string& description) {
  return add_list(app, name, list, description);
}

CLI::Option* add_numbers(CLI::App& app, const std::string& name, std::vector<std::uint64_t>& list,
                         const std::string& description) {
  return add_list(app, name, list, description);
}

CLI::Option* add_words(CLI::App& app, const std::string& name, std::vector<std::string>& list,
                       const std::string& description) {
  std::string text;
  for (const std::string& word : list)
    text += (text.empty() ? "[" : ",") + word;
  const auto read = [name, &list](const std::vector<std::string>& words) {
    list = separated(name, words);
  };
  CLI::Option* const option =
      app.add_option_function<std::vector<std::string>>(name, read, description);
  return list.empty() ? option : option->default_str(text + ']');
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
  add_number(app, "--max-train", s.max_train, "training images to use; 0: all");
  add_number(app, "--max-validation", s.max_validation, "validation images to use; 0: all");
  add_number(app, "--max-test", s.max_test, "test images to use; 0: all");
  add_number(app, "--pretrain-epochs", s.pretrain_epochs, "epochs in full precision beforehand");
  add_number(app, "--epochs", s.epochs, "epochs of finetuning with the method");
  add_number(app, "--lr", s.learning_rate, "learning rate of the finetuning");
  add_number(app, "--pretrain-lr", s.pretrain_learning_rate,
             "learning rate of the full-precision training (cosine)");
  app.add_option("--optimizer", s.optimizer, "sgd or adam")->capture_default_str();
  add_number(app, "--momentum", s.momentum, "of sgd");
  add_number(app, "--weight-decay", s.weight_decay, "of the weights of products");
  add_number(app, "--batch", s.batch_size, "images a step");
  app.add_flag("--augment", s.augment, "shift the training images; mirror those in colour");
  add_number(app, "--strength", s.strength, "λ of the regularizer")
      ->default_str(default_strengths_in_words());
  add_number(app, "--activation-strength", s.activation_strength,
             "gradl1, gradl2: λ of the gradients of the activations");
  add_number(app, "--start-epoch", s.start_epoch,
             "gradl1, gradl2, kure, bin: epoch of the finetuning from which they act");
  add_number(app, "--ramp", s.ramp, "share of the run where half of λ is reached");
  app.add_flag("--decoupled", s.decoupled,
               "let λ grow as the learning rate falls, so that the pull to the levels is not "
               "annealed (always so with method waveq)");
  add_number(app, "--target-bits", s.target_bits,
             "waveq: average bits over the weights that the learned bit-widths arrive at");
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
  add_number(app, "--scale-lr", s.scale_rate,
             "learned grids: Adam's rate of the logarithms of step and noise");
  add_number(app, "--gate-lr", s.gate_rate, "dropbits: Adam's rate of the gates' logits");
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
  add_words(app, "--ptq", words.ptq,
            "bits at which the trained weights are evaluated once more, after no more than "
            "rounding: 8,4 for weights and activations, 8/32 to name both");
  add_number(app, "--threads", s.threads, "threads of a run");
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
  // The write that failed may lie far back; one more tells why.
  if (errno == 0) static_cast<void>(std::fputc('\n', stdout) == EOF || std::fflush(stdout));
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
    std::cerr << app.get_name() << ": " << printable(e.what()) << " (--help lists the options)\n";
    return 2;
  } catch (const usage_error& e) {
    std::cerr << app.get_name() << ": " << printable(e.what()) << '\n';
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << app.get_name() << ": out of memory\n";
  } catch (const std::exception& e) {
    std::cerr << app.get_name() << ": " << printable(e.what()) << '\n';
  }
  return 1;
}

ptq_bits parse_ptq_bits(const std::string& word) {
  const auto slash = word.find('/');
  const auto weights = whole_number<int>(std::string_view(word).substr(0, slash));
  const auto activations = slash == std::string::npos
                               ? weights
                               : whole_number<int>(std::string_view(word).substr(slash + 1));
  if (weights && activations) return {*weights, *activations};
  throw usage_error("--ptq: '" + word + "' is not of the form BITS or BITS/ACTIVATIONS");
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
  std::set<std::string> layers;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    const auto bits = equals == std::string::npos
                          ? std::nullopt
                          : decimal_number(std::string_view(word).substr(equals + 1));
    const std::string layer = word.substr(0, equals);
    if (!bits) throw usage_error(argument + ": '" + word + "' is not of the form LAYER=BITS");
    if (!layers.insert(layer).second) {
      throw usage_error(argument + ": layer '" + layer + "' is there twice");
    }
    f(layer, *bits);
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

void add_checkpoint_options(CLI::App& app, checkpoint_options& options) {
  app.add_option("--checkpoint", options.folder,
                 "keep the state of the run in this folder, so that --resume can go on after any "
                 "end, kill -9 too");
  app.add_flag("--resume", options.resume,
               "go on from the state in the folder of --checkpoint; from the beginning where there "
               "is none");
  add_number(app, "--checkpoint-every", options.every,
             "steps between two checkpoints; 0: one a minute; always one after an epoch");
}

}  // namespace detent_trainer
