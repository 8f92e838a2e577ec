// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// detent-compare: the same data, network and budget for a list of methods, bits and seeds.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <trainer/checkpoint/checkpoint.hpp>
#include <trainer/checkpoint/fingerprint.hpp>
#include <trainer/data/batches.hpp>
#include <trainer/data/dataset.hpp>
#include <trainer/data/load.hpp>
#include <trainer/in_parallel.hpp>
#include <trainer/method.hpp>
#include <trainer/numbers.hpp>
#include <trainer/options.hpp>
#include <trainer/paths.hpp>
#include <trainer/printable.hpp>
#include <trainer/report/file.hpp>
#include <trainer/report/format.hpp>
#include <trainer/report/html.hpp>
#include <trainer/report/interrupt.hpp>
#include <trainer/report/json.hpp>
#include <trainer/report/outputs.hpp>
#include <trainer/report/progress.hpp>
#include <trainer/report/result.hpp>
#include <trainer/report/robustness.hpp>
#include <trainer/report/summary.hpp>
#include <trainer/settings.hpp>
#include <trainer/training.hpp>

namespace {

using namespace detent_trainer;

constexpr int most_jobs = 1024;

/// What is compared: every combination, but none of the quantizers' options for method none.
struct comparison {
  std::vector<std::string> methods{"none", "dorefa", "dorefa+sinreq", "wrpn", "wrpn+sinreq"};
  std::vector<int> bits{3, 2};
  std::vector<int> activation_bits{32};
  std::vector<std::string> schedules{"constant", "cosine"};
  std::vector<std::string> forwards{"quantized"};
  std::vector<std::uint64_t> seeds{1, 2, 3};
  std::vector<std::string> strength_words;  ///< "METHOD=λ"
  bool has_strength = false;                ///< for all other methods
  bool same_bits = false;                   ///< activations have the bits of the weights
  int jobs = 2;
  std::string markdown;
};

/// Throws `error` naming an entry that is there twice: it would count as two runs.
template <class T>
void require_distinct(const std::string& argument, const std::vector<T>& list) {
  for (auto entry = list.begin(); entry != list.end(); ++entry) {
    if (std::find(list.begin(), entry, *entry) == entry) continue;
    std::ostringstream message;
    message << argument << ": '" << *entry << "' is there twice";
    throw error(message.str());
  }
}

void require_distinct(const comparison& what) {
  require_distinct("--methods", what.methods);
  require_distinct("--bits", what.bits);
  require_distinct("--activation-bits", what.activation_bits);
  require_distinct("--lr-schedules", what.schedules);
  require_distinct("--forwards", what.forwards);
  require_distinct("--seeds", what.seeds);
  require_distinct("--strengths", what.strength_words);
}

/// The strengths that a method is compared at.
std::vector<double> strengths_of(const std::string& method, const settings& common,
                                 const comparison& what) {
  std::vector<double> strengths;
  for (const std::string& word : what.strength_words) {
    if (!word.starts_with(method + '=')) continue;
    strengths.push_back(decimal_number(std::string_view(word).substr(method.size() + 1)).value());
  }
  if (!strengths.empty()) return strengths;
  return {what.has_strength ? common.strength : default_strength(method)};
}

/// Throws `error` for a word that is not METHOD=λ of a method that is compared.
void require_strengths(const comparison& what) {
  for (const std::string& word : what.strength_words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || !decimal_number(std::string_view(word).substr(equals + 1))) {
      throw error("--strengths: '" + word + "' is not of the form METHOD=STRENGTH");
    }
    const std::string method = word.substr(0, equals);
    if (std::find(what.methods.begin(), what.methods.end(), method) != what.methods.end()) continue;
    throw error("--strengths: '" + method + "' is not among --methods");
  }
}

std::vector<settings> combinations(const settings& common, const comparison& what) {
  std::vector<settings> runs;
  const auto add = [&](settings s) {
    for (const double strength : strengths_of(s.method, common, what)) {
      s.strength = strength;
      runs.push_back(s);
    }
  };
  settings s = common;
  for (const std::string& schedule : what.schedules) {
    s.lr_schedule = schedule;
    for (const std::string& method : what.methods) {
      s.method = method;
      if (s.quantizer() == "none") {
        s.activation_bits = 32;
        s.forward = "quantized";
        for (const int bits : method == "bin" ? what.bits : std::vector{32}) {
          for (const auto seed : what.seeds)
            s.bits = bits, s.seed = seed, add(s);
        }
        continue;
      }
      for (const std::string& forward : what.forwards) {
        for (const int activation_bits : what.activation_bits) {
          for (const int bits : what.bits) {
            for (const auto seed : what.seeds) {
              s.forward = forward;
              s.activation_bits = what.same_bits ? bits : activation_bits;
              s.bits = bits;
              s.target_bits = s.learns_bits() ? bits : common.target_bits;
              s.seed = seed;
              add(s);
            }
          }
        }
      }
    }
  }
  return runs;
}

/// A full-precision network, or why there is none.
struct start {
  pretrained network;
  std::string failure;
};

/// Errors: `error` for what no run of the comparison could use, asked before hours of training.
void require_usable(const settings& s, const dataset& data) {
  as_usage([&] { training(s, data).require_layers(); });
  batches(data.train, static_cast<std::size_t>(s.batch_size), s.seed, batch_use::training);
}

/// The checkpoints of a comparison: one a full-precision network and one a run, and one that says
/// what all runs have in common.
class kept_runs {
 public:
  /// Errors: `error` where the folder belongs to a comparison with other settings.
  kept_runs(const checkpoint_options& options, const settings& common) : folder_{options} {
    if (!folder_.is_used()) return;
    checkpoint all(folder_, "compare", common_fingerprint(common), complain);
    if (!all.has_state() && !all.save([](archive&) {})) is_whole_ = false;
  }

  bool is_used() const { return folder_.is_used(); }

  /// Whether every state that was to be saved is.
  bool is_whole() const { return is_whole_; }

  /// The checkpoint of a run by its settings; null where none are kept.
  std::unique_ptr<checkpoint> of(const std::string& kind, const settings& s, const dataset& data,
                                 progress& shown) {
    if (!is_used()) return nullptr;
    fingerprint settings = fingerprint_of(s, data);
    const std::string name = kind + '-' + short_name(settings);
    const auto notice = [&shown](const std::string& line) {
      shown.print("detent-compare: " + printable(line));
    };
    return std::make_unique<checkpoint>(folder_, name, std::move(settings), notice);
  }

  /// Called with each checkpoint after its last use.
  void close(const std::unique_ptr<checkpoint>& kept) {
    if (kept && !kept->is_whole()) is_whole_ = false;
  }

 private:
  static void complain(const std::string& line) {
    std::cerr << "detent-compare: " << printable(line) << '\n';
  }

  checkpoint_folder folder_;
  std::atomic<bool> is_whole_{true};
};

std::vector<run_result> run_all(const std::vector<settings>& runs, const comparison& what,
                                const settings& common, const interrupt_guard& interrupt,
                                kept_runs& kept) {
  std::map<std::uint64_t, dataset> data;
  const bool drawn = common.data == "glyphs";
  const data_options sizes{common.max_train, common.max_validation, common.max_test};
  for (const auto seed : what.seeds) {
    if (drawn || data.empty()) data.emplace(seed, load(common.data, sizes, seed));
  }
  const auto data_of = [&](std::uint64_t seed) -> const dataset& {
    const auto found = data.find(seed);
    return found == data.end() ? data.begin()->second : found->second;
  };
  require_usable(runs.front(), data_of(runs.front().seed));
  progress shown(static_cast<int>(runs.size() + what.seeds.size()));
  const auto jobs = static_cast<std::size_t>(what.jobs);
  std::vector<start> starts(what.seeds.size());
  in_parallel(starts.size(), jobs, [&](std::size_t i) {
    settings s = common;
    s.method = "none";
    s.seed = what.seeds[i];
    starts[i].failure = failure_of([&] {
      const auto own = kept.of("pretraining", s, data_of(s.seed), shown);
      starts[i].network = training(s, data_of(s.seed)).pretrain({&shown, &interrupt, own.get()});
      kept.close(own);
    });
    shown.end_run("full precision seed " + std::to_string(s.seed));
  });
  std::vector<run_result> results(runs.size());
  std::vector<char> done(runs.size(), 0);
  in_parallel(runs.size(), jobs, [&](std::size_t i) {
    if (interrupt.requested()) return;
    const settings& s = runs[i];
    const dataset& images = data_of(s.seed);
    const auto at = std::find(what.seeds.begin(), what.seeds.end(), s.seed);
    const start& from = starts[static_cast<std::size_t>(at - what.seeds.begin())];
    std::string failure = from.failure;
    bool is_held = false;
    if (failure.empty()) {
      failure = failure_of([&] {
        const auto own = kept.of("run", s, images, shown);
        if (const auto finished = own ? finished_run(*own) : std::nullopt) {
          results[i] = *finished;
          shown.end_run(s.label());
          return;
        }
        results[i] = training(s, images).finetune(from.network, {&shown, &interrupt, own.get()});
        // What the checkpoint holds is no row yet.
        is_held = own && own->is_interrupted();
        if (own && !results[i].interrupted) keep_finished_run(*own, results[i]);
        kept.close(own);
      });
    }
    if (is_held) return;
    if (!failure.empty()) {
      // The row says which run it is.
      if (const std::string name = s.label() + ": "; failure.starts_with(name)) {
        failure.erase(0, name.size());
      }
      results[i] = failed_run(s, images.name, failure);
      shown.end_run(s.label());
    }
    done[i] = 1;
  });
  shown.finish();
  std::vector<run_result> finished;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (done[i] != 0) finished.push_back(std::move(results[i]));
  }
  return finished;
}

/// The tables for the terminal.
std::string text_of(const std::vector<summary_row>& rows) {
  std::string text = text_table(rows) + '\n';
  if (is_rounded_after_training(rows)) {
    text += "test accuracy after training, with no more than rounding\n\n" +
            text_table(rows_with_figures(rows), robustness_columns(rows)) + '\n';
  }
  return text;
}

std::string markdown_of(const std::vector<summary_row>& rows) {
  if (!is_rounded_after_training(rows)) return markdown_table(rows);
  return markdown_table(rows) + '\n' +
         markdown_table(rows_with_figures(rows), robustness_columns(rows));
}

/// One line a failure on the standard error, and the exit code.
int report_failures(const std::vector<run_result>& results, const output_files& files) {
  const auto failed = std::count_if(results.begin(), results.end(),
                                    [](const run_result& run) { return !run.failure.empty(); });
  for (const std::string& failure : files.failures())
    std::cerr << "detent-compare: " << printable(failure) << '\n';
  if (failed > 0) {
    std::cerr << "detent-compare: " << failed << " of " << results.size() << " runs failed\n";
  }
  return failed > 0 || !files.failures().empty() ? 1 : 0;
}

int compare(const settings& common, const comparison& what, const output_paths& out,
            const checkpoint_options& checkpoints, const std::string& command) {
  std::optional<kept_runs> kept;
  as_usage([&] { require_strengths(what); });
  const std::vector<settings> runs = combinations(common, what);
  const std::vector<named_path> inputs = data_files(common.data);
  as_usage([&] {
    for (const settings& s : runs)
      check(s);
    require_distinct(what);
    if (what.same_bits && what.activation_bits != comparison{}.activation_bits) {
      throw error("--same-bits: --activation-bits says otherwise");
    }
    settings_detail::require_range("--jobs", what.jobs, 1, most_jobs);
    const std::vector<named_path> outputs{
        {"--json", out.json}, {"--report", out.report}, {"--markdown", what.markdown}};
    require_distinct_files(outputs, inputs);
    for (const auto& [name, path] : outputs) {
      if (!path.empty()) require_writable(path, name);
    }
    kept.emplace(checkpoints, common);
  });
  interrupt_guard interrupt{kept->is_used() ? run_end::after_step : run_end::after_epoch};
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<run_result> results = run_all(runs, what, common, interrupt, *kept);
  const auto rows = summarize(results);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const bool is_whole = results.size() == runs.size() &&
                        std::none_of(results.begin(), results.end(),
                                     [](const run_result& r) { return r.interrupted; });
  if (!is_whole && kept->is_used() && kept->is_whole()) {
    std::cerr << "detent-compare: interrupted; --resume goes on from '"
              << printable(checkpoints.folder) << "'\n";
  }
  if (!is_whole && results.empty()) {
    std::cerr << "detent-compare: interrupted before the end of a run: there is no result\n";
    return interrupt.exit_code();
  }
  // Files first: whoever reads the standard output may go away.
  output_files files{!is_whole};
  files.write(out.json, [&] { return json_text(results); });
  files.write(what.markdown, [&] { return markdown_of(rows); });
  files.write(out.report,
              [&] { return html_report(results, "detent: methods compared", command); });
  std::cout << text_of(rows) << results.size() << " runs in " << format::duration(seconds.count())
            << '\n';
  if (files.has(out.report)) std::cout << "report: " << printable(files.place(out.report)) << '\n';
  const int code = report_failures(results, files);
  if (!is_whole) return interrupt.exit_code();
  if (kept->is_whole()) return code;
  std::cerr << "detent-compare: checkpoints could not be written to '"
            << printable(checkpoints.folder) << "'\n";
  return 1;
}

/// The demonstration: small enough for a coffee break, large enough to show the effect.
void set_demo(settings& s, comparison& what, output_paths& out) {
  s.model = "simplenet";
  s.data = "glyphs";
  s.max_train = 3000;
  s.max_validation = 500;
  s.max_test = 2000;
  s.pretrain_epochs = 8;
  s.epochs = 3;
  s.batch_size = 32;
  what.forwards = {"quantized", "float"};
  if (out.report.empty()) out.report = "detent-demo.html";
}

}  // namespace

// Only a mistake in the definitions of the options could throw here.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
  CLI::App app{"Compares methods on the same data, network and budget.", "detent-compare"};
  settings s;
  comparison what;
  setting_words words;
  output_paths out;
  checkpoint_options checkpoints;
  bool demo = false;
  add_common_options(app, s, words, out);
  add_checkpoint_options(app, checkpoints);
  app.add_flag("--demo", demo, "the demonstration of the README, on the embedded glyphs");
  add_words(app, "--methods", what.methods, "methods to compare");
  add_numbers(app, "--bits", what.bits, "bits of the weights");
  add_numbers(app, "--activation-bits", what.activation_bits, "bits of the activations");
  app.add_flag("--same-bits", what.same_bits, "activations have the bits of the weights");
  add_words(app, "--lr-schedules", what.schedules, "constant, cosine");
  add_words(app, "--forwards", what.forwards, "quantized, float");
  add_words(app, "--strengths", what.strength_words,
            "λ of single methods, as METHOD=STRENGTH; several of a method are compared");
  add_numbers(app, "--seeds", what.seeds, "one network each");
  add_number(app, "--jobs", what.jobs, "runs at a time, at most " + std::to_string(most_jobs));
  app.add_option("--markdown", what.markdown, "write the table to this Markdown file");
  return guarded_main(app, argc, argv, [&] {
    parse_exceptions(words, s);
    parse_ptq(words, s);
    if (demo) set_demo(s, what, out);
    what.has_strength = app.count("--strength") > 0;
    return compare(s, what, out, checkpoints, command_line(argc, argv));
  });
}
