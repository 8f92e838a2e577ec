// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The HTML report on learned bits, and on rounding after the training.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <trainer/html_page.hpp>
#include <trainer/report/html.hpp>
#include <trainer/report/result.hpp>

namespace {

using detent_trainer::html_report;
using detent_trainer::run_result;
using html_page::check_page;
using html_page::figure_of;
using html_page::make_comparison;
using html_page::make_run;
using html_page::occurrences;

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// A run that learns bits from 8 down to whole numbers in half of its epochs, and repeats the last
// pulls in the others.
run_result make_learned(int epochs, int layers = 3) {
  auto run = make_run(epochs, 1);
  run.method = "dorefa+waveq";
  run.target_bits = 3;
  run.average_bits = 2.75;
  const int frozen = (epochs + 1) / 2;
  for (auto& record : run.history) {
    const int searched = std::min(record.epoch, frozen);
    for (int layer = 0; layer < layers; ++layer) {
      const double free = 8 - (0.5 + layer % 5) * searched / frozen;
      record.bit_widths.push_back({"layer" + std::to_string(layer),
                                   record.epoch < frozen ? free : std::floor(free),
                                   -0.1 * layer - 0.01 * searched, 0.5 + 0.01 * searched});
    }
  }
  return run;
}

// Runs whose learned bits are compared with the same bits everywhere.
std::vector<run_result> make_learned_comparison() {
  std::vector<run_result> runs;
  const auto add = [&](const std::string& method, int bits, double average, double accuracy) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      auto run = method.ends_with("waveq") ? make_learned(4) : make_run(2);
      run.method = method;
      run.bits = bits;
      run.target_bits = method.ends_with("waveq") ? bits : nan_value;
      run.forward = method == "waveq" ? "float" : "quantized";
      run.average_bits = average;
      run.test_accuracy = accuracy + 0.01 * static_cast<double>(seed);
      run.seed = seed;
      runs.push_back(run);
    }
  };
  add("none", 32, 32, 0.95);
  add("dorefa", 4, 4, 0.94);
  add("dorefa", 2, 2, 0.8);
  add("dorefa", 3, 3, 0.9);
  add("wrpn", 3, 3, 0.89);
  add("dorefa+sinreq", 3, 3, 0.91);
  add("dorefa+waveq", 3, 2.5, 0.92);
  add("dorefa+waveq", 4, 3.5, 0.93);
  add("waveq", 3, 2.6, 0.85);
  return runs;
}

}  // namespace

TEST_CASE("html: a penalty in full precision shows its strengths and its error, no quantizer") {
  auto run = make_run(3, 0);
  run.method = "gradl1";
  run.bits = 32;
  run.strength = 0.25;
  run.activation_strength = 0.125;
  run.start_epoch = 2;
  for (auto& record : run.history)
    record.on_grid_fraction = 0;
  CHECK(occurrences(html_report({run}, "t", ""), "Error of the penalty") == 0);
  for (auto& record : run.history)
    record.difference_error = 0.3;
  const auto text = html_report({run}, "t", "");
  check_page(text);
  CHECK(occurrences(text, "<b>Error of the penalty") == 1);
  CHECK(occurrences(text, "strength 0.25 · strength for activations 0.125 · from epoch 2") == 1);
  CHECK(occurrences(text, "regularizer’s share") == 1);
  CHECK(occurrences(text, "on the grid") == 0);
  CHECK(occurrences(text, "domain") == 0);
}

TEST_CASE("html: accuracy after rounding alone is one curve a method, and a table") {
  auto runs = make_comparison(2, 1, 16);
  std::erase_if(runs, [](const run_result& run) { return run.lr_schedule != "cosine"; });
  CHECK(occurrences(html_report(runs, "t", ""), "Robustness") == 0);
  for (auto& run : runs) {
    run.post_training = {{32, 32, 0.9, 0.9}, {8, 8, 0.9, 0.89}, {2, 2, 0.3, 0.25}};
    if (run.method == "wrpn") run.post_training.clear();
  }
  const auto text = html_report(runs, "t", "");
  check_page(text);
  const auto figure = figure_of(text, "After training");
  CHECK(occurrences(figure, "<path class=\"curve") == 4);
  CHECK(occurrences(figure, "class=\"reference\"") == 1);
  CHECK(occurrences(figure, "dorefa+sinreq W3/A32") > 0);
  CHECK(occurrences(figure, "none, bits of a weight 8: 89.00") > 0);
  CHECK(occurrences(figure, "bits of a weight 32") == 0);
  CHECK(occurrences(figure, "activations alike") == 0);
  CHECK(occurrences(text, ">W2/A2 %</th>") == 1);

  runs[0].post_training.push_back({4, 32, 0.9, 0.8});
  const auto mixed = html_report({runs[0]}, "t", "");
  check_page(mixed);
  const auto own = figure_of(mixed, "After training");
  CHECK(occurrences(own, "<path class=\"curve") == 2);
  CHECK(occurrences(own, "none, activations alike") > 0);
  CHECK(occurrences(own, "none, A32") > 0);
}

TEST_CASE("html: learned bits have their widths, their pulls and the penalty's map") {
  const auto text = html_report({make_learned(8)}, "t", "");
  check_page(text);
  for (const char* title : {"Bit-widths", "Pulls on the bit-widths", "The penalty R(w, β)"}) {
    INFO(title);
    CHECK(occurrences(text, "<b>" + std::string(title) + "</b>") == 1);
  }
  const auto pulls = figure_of(text, "Pulls on the bit-widths");
  CHECK(occurrences(pulls, "<path class=\"curve ") == 4);
  CHECK(occurrences(pulls, "<path class=\"curve c0 dashed\"") == 1);
  CHECK(occurrences(pulls, "<title>layer2, epoch 3: -0.23</title>") == 1);
  CHECK(occurrences(pulls, "<title>bit term, reversed, epoch 3: -0.53</title>") == 1);
  const auto map = figure_of(text, "The penalty R(w, β)");
  CHECK(occurrences(map, "<path class=\"curve ") == 3);
  // The shades, and the strokes of their keys: 1 + 2 + … + 5.
  CHECK(occurrences(map, "<path d=") == 5 + 15);
}

TEST_CASE("html: pulls end where the bits were frozen") {
  const auto frozen = figure_of(html_report({make_learned(8)}, "t", ""), "Pulls");
  CHECK(occurrences(frozen, "epoch 4: ") == 4);
  CHECK(occurrences(frozen, "epoch 5: ") == 0);
  CHECK(occurrences(frozen, "Frozen in epoch 4") == 1);
  auto run = make_learned(8);
  SUBCASE("a bit-width still between whole numbers") {
    for (auto& record : run.history)
      record.bit_widths[1].bit_width = 4.5;
  }
  SUBCASE("pulls that go on") {
    for (auto& record : run.history)
      record.bit_widths[1].data_pull = -0.1 * record.epoch;
  }
  SUBCASE("a bit term that goes on") {
    for (auto& record : run.history) {
      for (auto& width : record.bit_widths)
        width.bit_pull = 0.1 * record.epoch;
    }
  }
  const auto searching = figure_of(html_report({run}, "t", ""), "Pulls");
  CHECK(occurrences(searching, "epoch 8: ") == 4);
  CHECK(occurrences(searching, "Frozen") == 0);
}

TEST_CASE("html: nothing of learned bits where none are learned") {
  for (const auto& text :
       {html_report({make_run(8)}, "t", ""), html_report(make_comparison(3, 1, 16), "t", "")}) {
    CHECK(occurrences(text, "Pulls on") == 0);
    CHECK(occurrences(text, "R(w, β)") == 0);
    CHECK(occurrences(text, "average bits") == 0);
  }
}

TEST_CASE("html: the penalty's map is that of the method's convention") {
  auto run = make_learned(2);
  const auto map = [&run](const char* method) {
    run.method = method;
    return figure_of(html_report({run}, "t", ""), "The penalty");
  };
  CHECK(map("dorefa+waveq") != map("wrpn+waveq"));
  CHECK(map("waveq") == map("wrpn+waveq"));
}

TEST_CASE("html: the penalty's map is small, whatever the run") {
  for (const auto& run : {make_learned(8), make_learned(300, 20), make_learned(23, 8)}) {
    const auto text = html_report({run}, "t", "");
    check_page(text);
    const auto map = figure_of(text, "The penalty");
    CHECK(map.size() < 25'000);
    CHECK(occurrences(map, "<path class=\"curve ") ==
          std::min<std::size_t>(run.history[0].bit_widths.size(), 8));
    CHECK((occurrences(map, "The first 8 of 20 layers") == 1) ==
          (run.history[0].bit_widths.size() == 20));
  }
  check_page(html_report({make_learned(300, 60)}, "t", ""));
}

TEST_CASE("html: learned bits of odd runs give a whole page") {
  check_page(html_report({make_learned(0)}, "t", ""));
  const auto one = html_report({make_learned(1)}, "t", "");
  check_page(one);
  CHECK(occurrences(figure_of(one, "Pulls"), "<circle class=\"dot ") == 4);
  CHECK(occurrences(figure_of(one, "The penalty"), "<circle class=\"dot ") == 3);
  auto run = make_learned(6);
  for (auto& width : run.history[1].bit_widths)
    width = {"x", nan_value, nan_value, infinity};
  run.history[2].bit_widths.clear();
  run.history[3].bit_widths[0] = {"x", 1e300, -1e300, -infinity};
  check_page(html_report({run}, "t", ""));
  for (auto& record : run.history) {
    for (auto& width : record.bit_widths)
      width.bit_width = width.data_pull = width.bit_pull = nan_value;
  }
  check_page(html_report({run}, "t", ""));
  auto runs = make_learned_comparison();
  for (auto& r : runs)
    r.average_bits = r.test_accuracy = nan_value;
  check_page(html_report(runs, "t", ""));
}

TEST_CASE("html: the names of layers with learned bits are escaped") {
  auto runs = make_learned_comparison();
  for (auto& run : runs) {
    run.model = run.data = run.forward = "<i>&";
    for (auto& record : run.history) {
      for (auto& width : record.bit_widths)
        width.layer = "<u>\"&";
    }
  }
  const auto text = html_report(runs, "t", "");
  check_page(text);
  CHECK(occurrences(text, "&lt;u&gt;&quot;&amp;") > 0);
}

TEST_CASE("html: a comparison sets learned bits against the same bits everywhere") {
  auto runs = make_learned_comparison();
  auto other = runs;
  for (auto& run : other) {
    run.lr_schedule = "cosine";
    if (!run.method.ends_with("waveq")) runs.push_back(run);
  }
  const auto text = html_report(runs, "t", "");
  check_page(text);
  CHECK(occurrences(text, "<h2>Accuracy against average bits</h2>") == 1);
  // The schedule without learned bits has no panel.
  CHECK(occurrences(text, "test accuracy; dashed: full precision") == 1);
  const auto chart =
      figure_of(text, "lenet5 on glyphs, constant learning rate</b> <small>test accuracy");
  CHECK(occurrences(chart, "<path class=\"curve ") == 2);
  CHECK(occurrences(chart, "<circle class=\"dot ") == 4);
  CHECK(occurrences(chart, "<circle class=\"mark ") == 3);
  CHECK(occurrences(chart, "<line class=\"whisker ") == 7);
  CHECK(occurrences(chart, "<line class=\"reference\"") == 1);
  CHECK(occurrences(chart, "sinreq") == 0);
  CHECK(occurrences(chart,
                    "dorefa+waveq, quantized forward, average bits of a weight 2.5: 93.50 ± "
                    "0.71 %") == 1);
  CHECK(occurrences(chart, "waveq, float forward, average bits of a weight 2.6: ") == 1);
  // The curve goes from the fewest bits to the most, whatever the order of the runs.
  const auto two = chart.find("dorefa, uniform, quantized forward, average bits of a weight 2: ");
  const auto three = chart.find("dorefa, uniform, quantized forward, average bits of a weight 3: ");
  const auto four = chart.find("dorefa, uniform, quantized forward, average bits of a weight 4: ");
  CHECK(two < three);
  CHECK(three < four);
  CHECK(four != chart.npos);
}
