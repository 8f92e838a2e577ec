// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The command line options that detent-train and detent-compare share.

#include <functional>
#include <string>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/settings.hpp>

namespace CLI {
class App;
}

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

/// What is wrong with a word for an unsigned number; empty: nothing. CLI11 itself reads -1 as a
/// very large number, and a larger one than fits as the largest.
std::string not_whole(const std::string& word);

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

}  // namespace detent_trainer
