// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The command line options that detent-train and detent-compare share.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <trainer/checkpoint/checkpoint.hpp>
#include <trainer/error.hpp>
#include <trainer/settings.hpp>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace detent_trainer {

/// Where the results go; empty: nowhere.
struct output_paths {
  std::string json;
  std::string report;
  std::string network;  ///< of detent-train alone
};

/// What settings are made of once all words are read: exceptions for single layers, "LAYER=BITS",
/// and bits after training, "BITS" or "BITS/ACTIVATIONS".
struct setting_words {
  std::vector<std::string> layer_bits;
  std::vector<std::string> start_bits;
  std::vector<std::string> ptq;
};

/// A wrong command line, as against a failure at work: exit code 2.
struct usage_error : error {
  using error::error;
};

/// Adds an option whose word is read by `whole_number` or `decimal_number`, with the present value
/// as its default; throws `usage_error` naming option and word. CLI11 itself would read 010 as
/// octal, -1 as a very large number, and a larger one than fits as the largest.
CLI::Option* add_number(CLI::App& app, const std::string& name, int& value,
                        const std::string& description);
CLI::Option* add_number(CLI::App& app, const std::string& name, std::uint64_t& value,
                        const std::string& description);
CLI::Option* add_number(CLI::App& app, const std::string& name, double& value,
                        const std::string& description);

/// The same for an option of comma-separated values, at least one.
CLI::Option* add_numbers(CLI::App& app, const std::string& name, std::vector<int>& list,
                         const std::string& description);
CLI::Option* add_numbers(CLI::App& app, const std::string& name, std::vector<std::uint64_t>& list,
                         const std::string& description);

/// The same for words that are no numbers.
CLI::Option* add_words(CLI::App& app, const std::string& name, std::vector<std::string>& list,
                       const std::string& description);

/// "0.1; gradl1 0.05, …".
std::string default_strengths_in_words();

/// Options of a run that do not multiply in a comparison.
void add_common_options(CLI::App& app, settings& s, setting_words& words, output_paths& out);

/// The command line as one line, for the report.
std::string command_line(int argc, char** argv);

/// Runs the body of a main function: 0 for success, 2 for a wrong command line and 1 for any other
/// failure, with one line on the standard error. A standard output that cannot be written is a
/// failure. A closed pipe ends no training (SIGPIPE is ignored).
int guarded_main(CLI::App& app, int argc, char** argv, const std::function<int()>& body);

/// Calls f, whose errors are errors of usage.
template <class F>
void as_usage(F f) {
  try {
    f();
  } catch (const error& e) {
    throw usage_error(e.what());
  }
}

/// "4" or "4/32" as bits of weights and activations.
ptq_bits parse_ptq_bits(const std::string& word);

void parse_ptq(const setting_words& words, settings& s);

void parse_exceptions(const setting_words& words, settings& s);

void add_checkpoint_options(CLI::App& app, checkpoint_options& options);

}  // namespace detent_trainer
