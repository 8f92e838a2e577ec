// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The HTML report: well-formed, self-contained, escaped, and whole for every odd run.

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <trainer/report/html.hpp>
#include <vector>

namespace {

using detent_trainer::html_report;
using detent_trainer::run_result;

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

// Why `text` is not well-formed, or nothing: every tag closed in order, every attribute quoted, no
// bare ampersand, no attribute twice.
std::string markup_fault(std::string_view text) {
  std::vector<std::string> open;
  std::size_t at = text.find("<html");
  if (at == text.npos) return "no root element";
  const auto is_entity = [&](std::size_t begin) {
    for (const std::string_view entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"}) {
      if (text.substr(begin, entity.size()) == entity) return true;
    }
    return false;
  };
  while (at < text.size()) {
    if (text[at] == '&' && !is_entity(at)) return "bare ampersand";
    if (text[at] == '>') return "stray >";
    if (text[at++] != '<') continue;
    const bool closes = text[at] == '/';
    if (closes) ++at;
    std::string name;
    while (at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0)) {
      name += text[at++];
    }
    if (name.empty()) return "a < that begins no tag";
    std::vector<std::string> attributes;
    while (at < text.size() && text[at] == ' ') {
      const auto equals = text.find('=', at);
      if (equals == text.npos || equals + 1 >= text.size() || text[equals + 1] != '"') {
        return "an attribute of " + name + " is not quoted";
      }
      std::string attribute(text.substr(at + 1, equals - at - 1));
      // Boolean attributes are not used, so a name holds letters and hyphens only.
      if (attribute.find_first_not_of(
              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789") !=
          std::string::npos) {
        return "odd attribute name " + attribute;
      }
      if (std::count(attributes.begin(), attributes.end(), attribute) > 0) return "attribute twice";
      attributes.push_back(attribute);
      at = text.find('"', equals + 2);
      if (at == text.npos) return "an attribute does not end";
      const auto value = text.substr(equals + 2, at - equals - 2);
      if (value.find('<') != value.npos) return "a < in an attribute";
      ++at;
    }
    const bool is_empty = text[at] == '/';
    if (is_empty) ++at;
    if (at >= text.size() || text[at] != '>') return "the tag " + name + " does not end";
    ++at;
    if (closes) {
      if (open.empty() || open.back() != name) return "unexpected </" + name + ">";
      open.pop_back();
      continue;
    }
    if (is_empty) continue;
    open.push_back(name);
    // The style sheet is not markup.
    if (name == "style") at = text.find("</style>", at);
  }
  return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

// The first number in the plots that is not one, or nothing.
std::string coordinate_fault(const std::string& text) {
  for (auto at = text.find("<svg"); at != text.npos; at = text.find("<svg", at + 1)) {
    const std::string picture = text.substr(at, text.find("</svg>", at) - at);
    for (const char* name :
         {" d=\"", " x=\"", " y=\"", " x1=\"", " x2=\"", " y1=\"", " y2=\"", " cx=\"", " cy=\"",
          " r=\"", " width=\"", " height=\"", " viewBox=\""}) {
      const std::string_view start = name;
      for (auto begin = picture.find(start); begin != picture.npos;
           begin = picture.find(start, begin + 1)) {
        const auto value_at = begin + start.size();
        const std::string value = picture.substr(value_at, picture.find('"', value_at) - value_at);
        if (value.empty() || value.find_first_not_of("0123456789.- MLHVZ") != value.npos) {
          return name + value;
        }
      }
    }
  }
  return "";
}

void check_page(const std::string& text) {
  CHECK(markup_fault(text) == "");
  CHECK(coordinate_fault(text) == "");
  CHECK(text.starts_with("<!DOCTYPE html>"));
  // The name of the SVG dialect is the one address in the file, and nothing fetches it.
  CHECK(occurrences(text, "http") == occurrences(text, "xmlns=\"http://www.w3.org/2000/svg\""));
  for (const char* fetching :
       {"<script", "<link", "<img", "<iframe", "url(", "@import", "src=", "href="}) {
    INFO(fetching);
    CHECK(occurrences(text, fetching) == 0);
  }
  CHECK(text.size() < 1'000'000);
}

detent_trainer::weight_histogram make_histogram(const std::string& layer, std::size_t bins) {
  detent_trainer::weight_histogram histogram{layer, -1, 1, {}, {-1, -0.5, 0, 0.5, 1}};
  for (std::size_t i = 0; i < bins; ++i) {
    histogram.counts.push_back(static_cast<std::uint32_t>(i * 37 % 101));
  }
  return histogram;
}

run_result make_run(int epochs, std::size_t layers = 2, std::size_t bins = 64) {
  run_result run;
  run.model = "lenet5";
  run.data = "glyphs";
  run.method = "dorefa+sinreq";
  run.bits = 3;
  run.epochs = epochs;
  run.lr_schedule = "constant";
  run.forward = "quantized";
  run.test_accuracy = 0.9612;
  run.full_precision_accuracy = 0.98;
  run.average_bits = 3;
  run.layers.push_back({"layer0", 1663370, 3, 0.9});
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    detent_trainer::epoch_record record;
    record.epoch = epoch;
    record.strength = 0.1;
    record.task_loss = 1.0 / epoch;
    record.penalty = 0.002 / (epoch * epoch);
    record.train_accuracy = 0.9;
    record.validation_accuracy = 0.85 + 0.001 * epoch;
    record.on_grid_fraction = 0.5;
    record.flips_per_step = 1e-3 / epoch;
    for (std::size_t layer = 0; layer < layers; ++layer) {
      record.histograms.push_back(make_histogram("layer" + std::to_string(layer), bins));
    }
    run.history.push_back(record);
  }
  return run;
}

std::vector<run_result> make_comparison(int epochs, std::size_t layers, std::size_t bins) {
  std::vector<run_result> runs;
  for (const char* method : {"none", "dorefa", "dorefa+sinreq", "wrpn", "wrpn+sinreq"}) {
    for (const char* schedule : {"constant", "cosine"}) {
      for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        auto run = make_run(epochs, layers, bins);
        run.method = method;
        run.lr_schedule = schedule;
        run.seed = seed;
        run.test_accuracy = 0.8 + 0.01 * static_cast<double>(runs.size() % 7);
        runs.push_back(run);
      }
    }
  }
  return runs;
}

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

// The figure of that title.
std::string figure_of(const std::string& text, const std::string& title) {
  const auto at = text.find("<b>" + title);
  REQUIRE(at != text.npos);
  const auto begin = text.rfind("<figure", at);
  return text.substr(begin, text.find("</figure>", begin) - begin);
}

}  // namespace

TEST_CASE("html: the check of the markup finds what is wrong") {
  CHECK(markup_fault("<html><p class=\"a\">x &amp; y</p><br/></html>") == "");
  CHECK(markup_fault("<html><p>x</html>") != "");
  CHECK(markup_fault("<html><p>x</p>") != "");
  CHECK(markup_fault("<html>a & b</html>") != "");
  CHECK(markup_fault("<html>a < b</html>") != "");
  CHECK(markup_fault("<html>a > b</html>") != "");
  CHECK(markup_fault("<html><p class=a>x</p></html>") != "");
  CHECK(markup_fault("<html><p class=\"a\" class=\"b\">x</p></html>") != "");
  CHECK(markup_fault("<html><p class=\"<\">x</p></html>") != "");
  CHECK(coordinate_fault("<svg><line x1=\"12.5\"/></svg>") == "");
  CHECK(coordinate_fault("<svg><line x1=\"nan\"/></svg>") != "");
  CHECK(coordinate_fault("<svg><path d=\"M1 2Linf 3\"/></svg>") != "");
}

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

TEST_CASE("html: a run has its figures, curves, histograms with levels, and layers") {
  const auto text = html_report({make_run(8)}, "lenet5 on glyphs", "detent-train --bits 3");
  check_page(text);
  CHECK(occurrences(text, "<h1>lenet5 on glyphs</h1>") == 1);
  CHECK(occurrences(text, "detent-train --bits 3") == 1);
  CHECK(occurrences(text, "96.12") > 0);
  CHECK(occurrences(text, "1,663,370") > 0);
  // Two layers, at most six epochs each, and one path of levels a layer.
  CHECK(occurrences(text, "class=\"ridge\"") == 12);
  CHECK(occurrences(text, "class=\"level\"") == 2);
  CHECK(occurrences(text, "class=\"reference\"") == 1);
  for (const char* title : {"Accuracy", "Task loss", "Penalty", "Strength", "Weights on the grid",
                            "Flips per step", "Learning rate"}) {
    INFO(title);
    CHECK(occurrences(text, "<b>" + std::string(title) + "</b>") == 1);
  }
}

TEST_CASE("html: the first and the last epoch are always among the histograms") {
  for (const int epochs : {1, 2, 5, 6, 7, 13, 100}) {
    const auto text = html_report({make_run(epochs, 1)}, "t", "");
    INFO("epochs " << epochs);
    CHECK(occurrences(text, "<title>epoch 1, ") == 1);
    CHECK(occurrences(text, "<title>epoch " + std::to_string(epochs) + ", ") == 1);
    CHECK(occurrences(text, "class=\"ridge\"") == static_cast<std::size_t>(std::min(epochs, 6)));
  }
}

TEST_CASE("html: no runs, no history, one epoch, one value all give a whole page") {
  check_page(html_report({}, "nothing", ""));
  CHECK(occurrences(html_report({}, "nothing", ""), "no runs") == 1);
  check_page(html_report({run_result{}}, "", ""));
  check_page(html_report({run_result{}, run_result{}}, "", ""));
  check_page(html_report({make_run(0)}, "no history", ""));
  CHECK(occurrences(html_report({make_run(0)}, "", ""), "No epoch was recorded") == 1);
  check_page(html_report({make_run(1)}, "one epoch", ""));
}

TEST_CASE("html: every given text is escaped") {
  const std::string evil = "a<b>&\"c\"'d'</style><script>";
  auto runs = make_comparison(2, 1, 16);
  for (auto& run : runs) {
    run.model = run.data = run.lr_schedule = run.forward = run.first_last = run.domain = evil;
    run.method += evil;
    run.layers[0].name = evil;
    for (auto& record : run.history)
      record.histograms[0].layer = evil;
  }
  const auto text = html_report(runs, evil, evil);
  check_page(text);
  check_page(html_report({runs[3]}, evil, evil));
  CHECK(occurrences(text, "a<b>") == 0);
  CHECK(occurrences(text, "<h1>a&lt;b&gt;&amp;&quot;c&quot;&#39;d&#39;") == 1);
}

TEST_CASE("html: figures that are not finite leave gaps, not broken pictures") {
  auto run = make_run(6);
  run.test_accuracy = nan_value;
  run.full_precision_accuracy = infinity;
  run.snap_loss = -infinity;
  run.history[1].task_loss = nan_value;
  run.history[2].task_loss = infinity;
  run.history[3].validation_accuracy = nan_value;
  run.history[2].penalty = 1e300;
  run.history[4].penalty = 0;
  run.history[1].histograms[0].lowest = nan_value;
  run.history[2].histograms[0].highest = infinity;
  run.history[3].histograms[0].counts.clear();
  run.history[5].histograms[0].levels = {nan_value, infinity, 0};
  std::fill(run.history[4].histograms[1].counts.begin(), run.history[4].histograms[1].counts.end(),
            0U);
  run.history[5].histograms[1].highest = run.history[5].histograms[1].lowest;
  const auto text = html_report({run}, "broken", "");
  check_page(text);
  // Three of six histograms of the one layer and four of the other can be drawn.
  CHECK(occurrences(text, "class=\"ridge\"") == 7);
  auto other = run;
  other.seed = 2;
  check_page(html_report({run, other}, "broken", ""));
  for (auto& record : run.history) {
    record.task_loss = record.train_accuracy = record.validation_accuracy = nan_value;
  }
  check_page(html_report({run}, "all broken", ""));
}

TEST_CASE("html: levels too close to be told apart are counted, not drawn") {
  auto run = make_run(2, 1);
  for (auto& record : run.history) {
    auto& levels = record.histograms[0].levels;
    levels.clear();
    for (int i = 0; i < 256; ++i)
      levels.push_back(i / 127.5 - 1);
  }
  const auto text = html_report({run}, "t", "");
  CHECK(occurrences(text, "class=\"level\"") == 0);
  CHECK(occurrences(text, "256 levels, too close to draw") == 1);
}

TEST_CASE("html: a comparison has the table, a panel a schedule and a fold a row") {
  const auto text = html_report(make_comparison(3, 2, 32), "comparison", "detent-compare");
  check_page(text);
  CHECK(occurrences(text, "<details>") == 10);
  CHECK(occurrences(text, "gap closed %") == 1);
  CHECK(occurrences(text, "<tr class=\"reference\">") == 2);
  CHECK(occurrences(text, "constant learning rate</b>") == 1);
  CHECK(occurrences(text, "cosine learning rate</b>") == 1);
  // Two quantizers with and without the regularizer, in two panels.
  CHECK(occurrences(text, "class=\"mark ") == 8);
}

TEST_CASE("html: long runs of large networks stay small files and say what is left out") {
  const auto large = html_report({make_run(300, 60, 1024)}, "large", "");
  check_page(large);
  check_page(html_report(make_comparison(200, 25, 256), "large", ""));
  std::vector<run_result> many;
  for (int strength = 1; strength <= 90; ++strength) {
    auto run = make_run(60, 8, 128);
    run.strength = strength;
    many.push_back(run);
  }
  const auto text = html_report(many, "many", "");
  check_page(text);
  CHECK(occurrences(text, "more runs are left out") == 1);
}

TEST_CASE("html: the same runs give the same file") {
  const auto runs = make_comparison(3, 2, 32);
  CHECK(html_report(runs, "t", "c") == html_report(runs, "t", "c"));
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

TEST_CASE("html: the style has every colour of the palette, in light and dark") {
  const auto style = detent_trainer::report_style;
  for (int color = 1; color <= detent_trainer::palette_colors; ++color) {
    const auto name = std::to_string(color);
    INFO(name);
    CHECK(occurrences(style, "--c" + name + ": #") == 2);
    for (const char* use : {".b", ".c", ".f"})
      CHECK(occurrences(style, use + name + " { ") == 1);
  }
  CHECK(occurrences(style, "--c9") == 0);
  CHECK(occurrences(style, ".c0 { ") == 1);
}
