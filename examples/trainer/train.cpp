// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// detent-train: trains one network with one method and reports what became of it.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <trainer/checkpoint/checkpoint.hpp>
#include <trainer/checkpoint/fingerprint.hpp>
#include <trainer/data/dataset.hpp>
#include <trainer/data/load.hpp>
#include <trainer/export/exported_network.hpp>
#include <trainer/method.hpp>
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
#include <trainer/report/summary.hpp>
#include <trainer/settings.hpp>
#include <trainer/training.hpp>

namespace {

using namespace detent_trainer;

std::string in_column(const std::string& name) {
  return "  " + name + std::string(name.size() < 24 ? 24 - name.size() : 1, ' ');
}

/// The learned bit-widths by epoch, and the pulls of data and bit term at the end.
void print_bit_widths(const run_result& r) {
  std::cout << "\n  bit-widths, epoch by epoch; the last pulls of data and bit term\n";
  for (std::size_t l = 0; l < r.history.back().bit_widths.size(); ++l) {
    const learned_width& last = r.history.back().bit_widths[l];
    std::cout << in_column(last.layer);
    for (const epoch_record& epoch : r.history)
      std::cout << ' ' << format::fixed(epoch.bit_widths[l].bit_width, 2);
    std::cout << "   " << format::significant(last.data_pull, 2) << ' '
              << format::significant(last.bit_pull, 2) << '\n';
  }
}

/// The bits that are left by epoch, and how likely the gates are open at the end.
void print_gates(const run_result& r) {
  std::cout << "\n  bits, epoch by epoch; the last probabilities that the gates are open\n";
  for (std::size_t l = 0; l < r.history.back().gates.size(); ++l) {
    const gated_layer& last = r.history.back().gates[l];
    std::cout << in_column(last.layer);
    for (const epoch_record& epoch : r.history)
      std::cout << ' ' << epoch.gates[l].bits;
    std::cout << "  ";
    for (const double open : last.open)
      std::cout << ' ' << format::fixed(open, 3);
    std::cout << '\n';
  }
}

void print_bits(const run_result& r) {
  const bool has_history = !r.history.empty();
  if (has_history && !r.history.back().bit_widths.empty()) return print_bit_widths(r);
  if (has_history && !r.history.back().gates.empty()) return print_gates(r);
  std::cout << "\n  no bit-widths were learned\n";
}

/// Accuracies after no more than rounding.
void print_post_training(const run_result& r) {
  std::cout << "\n  after training, with no more than rounding\n" << in_column("");
  std::cout << "  test %   validation %\n";
  for (const post_training_result& rounded : r.post_training) {
    const std::string validation = format::percent(rounded.validation_accuracy, 2);
    std::cout << in_column(format::bits(rounded.bits, rounded.activation_bits))
              << summary_detail::padded(format::percent(rounded.test_accuracy, 2), 8, true)
              << summary_detail::padded(validation, 15, true) << '\n';
  }
}

void print(const run_result& r, const output_files& files, const output_paths& out,
           bool bits_report) {
  const auto percent = [](double fraction) { return format::percent(fraction, 2) + " %"; };
  std::cout << r.method << ", " << r.model << " on " << printable(r.data) << ", weights " << r.bits
            << " bits, activations " << r.activation_bits << " bits, seed " << r.seed
            << (r.interrupted ? " (interrupted)" : "") << "\n\n"
            << "  full precision, test      " << percent(r.full_precision_accuracy) << '\n'
            << "  validation                " << percent(r.validation_accuracy) << '\n'
            << "  test                      " << percent(r.test_accuracy) << '\n'
            << "  average bits              " << format::fixed(r.average_bits, 2) << '\n'
            << "  weights on the grid       " << percent(r.on_grid_fraction) << '\n'
            << "  lost by rounding          " << percent(r.snap_loss) << '\n'
            << "  seconds an epoch          " << format::fixed(r.seconds_per_epoch, 2) << '\n'
            << "  regularizer's share       " << percent(r.regularizer_share) << " of a step\n\n";
  for (const layer_result& layer : r.layers) {
    std::cout << in_column(layer.name) << "  " << layer.weights << " weights, " << layer.bits
              << " bits, " << percent(layer.on_grid_fraction) << " on the grid\n";
  }
  if (!r.post_training.empty()) print_post_training(r);
  if (bits_report) print_bits(r);
  std::string space = "\n";
  for (const auto& [name, path] :
       {std::pair{"results", out.json}, {"report", out.report}, {"network", out.network}}) {
    if (!files.has(path)) continue;
    std::cout << space << name << ": " << printable(files.place(path)) << '\n';
    space.clear();
  }
}

void complain(const std::string& line) {
  std::cerr << "detent-train: " << printable(line) << '\n';
}

int train(const settings& s, const output_paths& out, const checkpoint_options& checkpoints,
          bool bits_report, const std::string& command) {
  const std::vector<named_path> inputs = data_files(s.data);
  std::optional<checkpoint_folder> folder;
  as_usage([&] {
    check(s);
    require_distinct_files(
        {{"--json", out.json}, {"--report", out.report}, {"--export", out.network}}, inputs);
    folder.emplace(checkpoints);
    if (!out.json.empty()) require_writable(out.json, "--json");
    if (!out.report.empty()) require_writable(out.report, "--report");
    if (out.network.empty()) return;
    require_writable(out.network, "--export");
    check_export(s);
  });
  const dataset data = load(s.data, {s.max_train, s.max_validation, s.max_test}, s.seed);
  if (!out.network.empty()) require_exportable(data.train.shape);
  training run(s, data);
  as_usage([&] { run.require_layers(); });
  progress shown(2);
  std::optional<checkpoint> kept;
  as_usage([&] {
    if (!folder->is_used()) return;
    kept.emplace(*folder, "train", fingerprint_of(s, data),
                 [&](const std::string& line) { shown.print("detent-train: " + printable(line)); });
  });
  if (checkpoints.resume) {
    shown.print(kept->has_state() ? "going on from " + printable(kept->path().string())
                                  : "no checkpoint yet: starting from the beginning");
  }
  interrupt_guard interrupt{kept ? run_end::after_step : run_end::after_epoch};
  const supervision watch{&shown, &interrupt, kept ? &*kept : nullptr};
  const pretrained start = run.pretrain(watch);
  shown.end_run("full precision seed " + std::to_string(s.seed));
  exported_network network;
  run_result result;
  if (!watch.stop()) {
    result = run.finetune(start, watch, out.network.empty() ? nullptr : &network);
  }
  shown.finish();
  if (kept && interrupt.requested() && (kept->is_interrupted() || result.epochs < s.epochs) &&
      kept->is_whole()) {
    complain("interrupted; --resume goes on from '" + kept->path().string() + "'");
    return interrupt.exit_code();
  }
  if (interrupt.requested() && result.history.empty()) {
    complain("interrupted before the first epoch of the finetuning: there is no result to write");
    return interrupt.exit_code();
  }
  output_files files{result.interrupted};
  files.write(out.json, [&] { return json_text(result); });
  files.write(out.report, [&] { return html_report({result}, "detent: " + s.label(), command); });
  files.write(out.network, [&] { return to_bytes(to_safetensors(network)); });
  print(result, files, out, bits_report);
  for (const std::string& failure : files.failures())
    complain(failure);
  if (result.interrupted) return interrupt.exit_code();
  const bool is_kept = !kept || kept->is_whole();
  if (!is_kept) complain("checkpoints could not be written to '" + checkpoints.folder + "'");
  return files.failures().empty() && is_kept ? 0 : 1;
}

}  // namespace

// Only a mistake in the definitions of the options could throw here.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
  CLI::App app{"Trains a small network whose weights settle on quantization levels.",
               "detent-train"};
  settings s;
  output_paths out;
  setting_words words;
  checkpoint_options checkpoints;
  bool bits_report = false;
  add_common_options(app, s, words, out);
  add_checkpoint_options(app, checkpoints);
  app.add_option("--method", s.method,
                 "none; dorefa or wrpn, alone or with +sinreq or +waveq; waveq; on learned grids "
                 "lsq, rq, rq-st, or srq or srq-all, alone or with +dropbits or "
                 "+dropbits+learned-bits; in full precision, for --ptq, gradl1, gradl2, kure or "
                 "bin (of --bits)")
      ->capture_default_str();
  add_number(app, "--bits", s.bits, "bits of the weights, 1 to 16, or 32");
  add_number(app, "--activation-bits", s.activation_bits,
             "bits of the activations, 1 to 16, or 32");
  app.add_option("--forward", s.forward, "quantized, or float with rounding after the last epoch")
      ->capture_default_str();
  app.add_option("--export", out.network,
                 "write the network, its weights as packed codes, to this safetensors file");
  app.add_flag("--bits-report", bits_report, "print the learned bit-widths, epoch by epoch");
  app.add_option("--lr-schedule", s.lr_schedule, "of the finetuning: constant or cosine")
      ->capture_default_str();
  add_number(app, "--seed", s.seed, "of initial weights, order of the data, and glyphs");
  return guarded_main(app, argc, argv, [&] {
    parse_exceptions(words, s);
    parse_ptq(words, s);
    if (app.count("--strength") == 0) s.strength = default_strength(s.method);
    return train(s, out, checkpoints, bits_report, command_line(argc, argv));
  });
}
