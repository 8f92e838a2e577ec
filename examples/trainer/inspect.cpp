// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// detent-inspect: checks and prints a network that detent-train exported.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <trainer/data/dataset.hpp>
#include <trainer/data/load.hpp>
#include <trainer/evaluation.hpp>
#include <trainer/export/exported_network.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/options.hpp>
#include <trainer/printable.hpp>
#include <trainer/report/format.hpp>
#include <trainer/settings.hpp>

namespace {

using namespace detent_trainer;

struct inspection {
  std::string file;
  bool levels = false;
  std::string data;  ///< empty: no accuracy
  data_options images;
  std::uint64_t seed = 1;
  int threads = 1;
};

/// The text in a column of at least so many characters.
std::string column(const std::string& text, std::size_t width) {
  return text + std::string(std::max(width, text.size() + 1) - text.size(), ' ');
}

void print_levels(const exported_layer& layer) {
  std::vector<std::size_t> counts(static_cast<std::size_t>(layer.grid.size()));
  for (std::size_t i = 0; i < layer.count; ++i)
    ++counts[static_cast<std::size_t>(layer.stored(i))];
  for (int stored = 0; stored < layer.grid.size(); ++stored) {
    const double share = static_cast<double>(counts[static_cast<std::size_t>(stored)]) /
                         static_cast<double>(std::max<std::size_t>(1, layer.count));
    std::cout << "    code " << column(std::to_string(layer.grid.lowest_code() + stored), 6)
              << "level " << column(format::significant(layer.level(stored), 6), 14)
              << format::percent(share, 2) << " %\n";
  }
}

void print_layer(const std::string& name, const exported_layer& layer) {
  std::cout << "  " << column(name, 24) << column(format::grouped(layer.count), 11)
            << column(std::to_string(layer.bits), 6)
            << column(format::significant(layer.gain * layer.grid.step(), 6), 13)
            << column(format::significant(layer.grid.phase(), 6), 7)
            << format::significant(layer.level(0), 6) << " to "
            << format::significant(layer.level(layer.grid.size() - 1), 6) << '\n';
}

/// One line a layer, in the order of the network, and the sums.
void print(const exported_network& network, model& m, const inspection& asked) {
  std::cout << printable(asked.file) << ": " << printable(network.model) << " for images of "
            << network.input.channels << " x " << network.input.height << " x "
            << network.input.width << " and " << network.classes << " classes, "
            << printable(network.method) << ", activations " << network.activation_bits
            << " bits\n\n  " << column("layer", 24) << column("weights", 11) << column("bits", 6)
            << column("step", 13) << column("phase", 7) << "levels\n";
  double weights = 0, bits = 0, numbers = 0;
  for_each_named(m, [&](const std::string&, const std::vector<float>& all) {
    numbers += static_cast<double>(all.size());
  });
  m.visit([&](const parameter& p) {
    const auto layer = network.layers.find(p.name);
    const auto count = static_cast<double>(p.value.size());
    if (layer != network.layers.end()) {
      print_layer(p.name, layer->second);
      if (asked.levels) print_levels(layer->second);
    } else if (p.quantizable) {
      std::cout << "  " << column(p.name, 24) << column(format::grouped(p.value.size()), 11)
                << "32\n";
    }
    if (!p.quantizable) return;
    weights += count;
    bits += count * (layer != network.layers.end() ? layer->second.bits : 32);
  });
  const auto bytes = static_cast<std::size_t>(std::filesystem::file_size(asked.file));
  std::cout << "\n  average bits  " << format::fixed(bits / weights, 2) << "\n  size          "
            << format::grouped(bytes) << " bytes, "
            << format::grouped(static_cast<std::size_t>(4 * numbers)) << " in float32 ("
            << format::fixed(4 * numbers / static_cast<double>(bytes), 2) << " : 1)\n";
}

void print_accuracy(const exported_network& network, model& m, const inspection& asked) {
  const dataset data = load(asked.data, asked.images, asked.seed);
  m.set_threads(asked.threads);
  const double share = accuracy(m, data.test);
  const auto images = static_cast<double>(data.test.size());
  std::cout << "  test          " << format::percent(share, 2) << " %, "
            << std::llround(share * images) << " of " << data.test.size()
            << " images; when exported " << format::percent(network.test_accuracy, 2) << " %\n";
}

int inspect(const inspection& asked) {
  as_usage([&] { settings_detail::require_range("--threads", asked.threads, 1, 1024); });
  const exported_network network = read_network(asked.file);
  model m = rebuilt(network, asked.file);
  print(network, m, asked);
  if (!asked.data.empty()) print_accuracy(network, m, asked);
  return 0;
}

}  // namespace

// Only a mistake in the definitions of the options could throw here.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
  CLI::App app{"Checks and prints a network that detent-train --export wrote.", "detent-inspect"};
  inspection asked;
  app.add_option("FILE", asked.file, "the safetensors file")->required();
  app.add_flag("--levels", asked.levels, "print every level with its share of the weights");
  app.add_option("--data", asked.data,
                 "measure the test accuracy on glyphs, or on a directory with IDX (MNIST) or "
                 "CIFAR-10 binary files; the options below as they were in the training");
  add_number(app, "--seed", asked.seed, "of the glyphs");
  add_number(app, "--max-train", asked.images.max_train, "training images; they fix the scale");
  add_number(app, "--max-validation", asked.images.max_validation, "validation images; 0: all");
  add_number(app, "--max-test", asked.images.max_test, "test images to use; 0: all");
  add_number(app, "--threads", asked.threads, "threads of the accuracy, 1 to 1024");
  return guarded_main(app, argc, argv, [&] { return inspect(asked); });
}
