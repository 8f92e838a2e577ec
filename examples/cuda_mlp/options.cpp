// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The options of the program, apart from what nvcc compiles.

#include "options.hpp"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <trainer/numbers.hpp>
#include <type_traits>

namespace cuda_mlp {

namespace {

/// CLI11 alone would read 010 as octal and -1 as a very large number.
template <class T>
std::string complaint(std::string const& word) {
  bool valid = false;
  if constexpr (std::is_floating_point_v<T>) {
    valid = detent_trainer::decimal_number(word).has_value();
  } else {
    valid = detent_trainer::whole_number<T>(word).has_value();
  }
  return valid ? "" : detent_trainer::not_a_number<T>(word);
}

}  // namespace

std::optional<options> read_options(int argc, char** argv, int& status) {
  options o;
  CLI::App app{
      "Trains a network on the GPU, rounds its weights to a few bits, prints what it costs"};
  app.add_option("--mnist", o.mnist, "folder of MNIST's files, in place of the embedded glyphs");
  app.add_option("--epochs", o.training.epochs, "epochs in full precision")
      ->capture_default_str()
      ->check(complaint<int>)
      ->check(CLI::Range(1, 10'000));
  app.add_option("--finetuning", o.training.finetuning, "further epochs of each network compared")
      ->capture_default_str()
      ->check(complaint<int>)
      ->check(CLI::Range(1, 10'000));
  app.add_option("--rate", o.training.rate, "learning rate; a quarter of it in finetuning")
      ->capture_default_str()
      ->check(complaint<double>)
      ->check(CLI::Range(1e-6, 10.0));
  app.add_option("--strength", o.training.strength, "lambda of the regularizer")
      ->capture_default_str()
      ->check(complaint<double>)
      ->check(CLI::Range(0.0, 100.0));
  app.add_option("--seed", o.training.seed, "of glyphs, weights and batches")
      ->capture_default_str()
      ->check(complaint<std::uint64_t>);
  app.add_flag("--tf32", o.tf32, "products of numbers rounded to TF32, on tensor cores");
  app.add_option("--least", o.least,
                 "fail where full precision, or 4 or 3 bits with the regularizer, "
                 "are less accurate, in percent")
      ->check(complaint<double>)
      ->check(CLI::Range(0.0, 100.0));
  try {
    app.parse(argc, argv);
    return o;
  } catch (CLI::ParseError const& e) {
    status = app.exit(e);
    return std::nullopt;
  }
}

}  // namespace cuda_mlp
