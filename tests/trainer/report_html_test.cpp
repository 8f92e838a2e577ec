// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The HTML report: well-formed, self-contained, escaped, and whole for every odd run.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <trainer/html_page.hpp>
#include <trainer/report/html.hpp>
#include <trainer/report/html_style.hpp>
#include <trainer/report/result.hpp>

namespace {

using detent_trainer::html_report;
using detent_trainer::run_result;
using html_page::check_page;
using html_page::coordinate_fault;
using html_page::make_comparison;
using html_page::make_run;
using html_page::markup_fault;
using html_page::occurrences;

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

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
