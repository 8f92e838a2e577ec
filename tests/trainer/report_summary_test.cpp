// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The comparison table: grouping, deviation and gap by hand-computed numbers, aligned text.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <trainer/report/format.hpp>
#include <trainer/report/html.hpp>
#include <trainer/report/json.hpp>
#include <trainer/report/result.hpp>
#include <trainer/report/robustness.hpp>
#include <trainer/report/summary.hpp>
#include <vector>

namespace {

using detent_trainer::markdown_table;
using detent_trainer::run_result;
using detent_trainer::summarize;
using detent_trainer::summary_row;
using detent_trainer::table_columns;
using detent_trainer::text_table;

run_result make_run(const std::string& method, int bits, std::uint64_t seed, double accuracy,
                    const std::string& schedule = "constant") {
  run_result run;
  run.model = "lenet5";
  run.data = "glyphs";
  run.method = method;
  run.bits = bits;
  run.seed = seed;
  run.lr_schedule = schedule;
  run.forward = "quantized";
  run.test_accuracy = accuracy;
  run.test_images = 10000;
  // The table is about the test split; a mix-up would show.
  run.validation_accuracy = 0.123;
  return run;
}

bool near(double value, double expected) {
  return std::abs(value - expected) <= 1e-12 * std::max(1.0, std::abs(expected));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  return lines;
}

// The column of a part of a line, in characters rather than bytes.
std::size_t end_column(const std::string& line, const std::string& part) {
  const auto at = line.find(part);
  REQUIRE(at != std::string::npos);
  return detent_trainer::format::display_width(line.substr(0, at + part.size()));
}

}  // namespace

TEST_CASE("summary: no runs give no rows") {
  CHECK(summarize({}).empty());
}

TEST_CASE("summary: groups over seeds with mean and sample deviation") {
  const auto rows = summarize({make_run("dorefa", 3, 1, 0.90), make_run("wrpn", 3, 1, 0.5),
                               make_run("dorefa", 3, 2, 0.92), make_run("dorefa", 2, 1, 0.8),
                               make_run("dorefa", 3, 3, 0.97)});
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].method == "dorefa");
  CHECK(rows[0].bits == 3);
  CHECK(rows[0].seeds == 3);
  CHECK(rows[0].members == std::vector<std::size_t>{0, 2, 4});
  CHECK(near(rows[0].accuracy_mean, 0.93));
  // Squares about the mean: 9, 1 and 16 in 1e-4; 26e-4 / 2 = 13e-4.
  CHECK(near(rows[0].accuracy_std, std::sqrt(0.0013)));
  CHECK(rows[1].method == "wrpn");
  CHECK(rows[2].bits == 2);
}

TEST_CASE("summary: a single seed has no deviation") {
  const auto rows = summarize({make_run("dorefa", 3, 1, 0.9)});
  CHECK(rows[0].accuracy_mean == 0.9);
  CHECK(std::isnan(rows[0].accuracy_std));
}

TEST_CASE("summary: runs that differ in a setting are not averaged") {
  auto other = make_run("dorefa+sinreq", 3, 2, 0.9);
  const auto base = make_run("dorefa+sinreq", 3, 1, 0.9);
  SUBCASE("schedule") {
    other.lr_schedule = "cosine";
  }
  SUBCASE("forward") {
    other.forward = "float";
  }
  SUBCASE("activation bits") {
    other.activation_bits = 4;
  }
  SUBCASE("strength") {
    other.strength = 5;
  }
  SUBCASE("domain") {
    other.domain = "raw";
  }
  SUBCASE("first and last layer") {
    other.first_last = "8";
  }
  SUBCASE("model") {
    other.model = "mlp";
  }
  SUBCASE("data") {
    other.data = "mnist";
  }
  SUBCASE("target of learned bits") {
    other.target_bits = 3.25;
  }
  CHECK(summarize({base, other}).size() == 2);
}

TEST_CASE("summary: the other figures are means") {
  auto first = make_run("dorefa", 3, 1, 0.9);
  auto second = make_run("dorefa", 3, 2, 0.9);
  first.on_grid_fraction = 0.5;
  second.on_grid_fraction = 1;
  first.snap_loss = 0.25;
  first.flips_per_step = 0;
  second.flips_per_step = 0.5;
  first.average_bits = 3;
  second.average_bits = 2.5;
  second.interrupted = true;
  const auto row = summarize({first, second})[0];
  CHECK(row.on_grid == 0.75);
  CHECK(row.snap_loss == 0.125);
  CHECK(row.flips_per_step == 0.25);
  CHECK(row.average_bits == 2.75);
  CHECK(row.interrupted);
}

TEST_CASE("summary: penalties in full precision stand on no quantizer, bins differ by their grid") {
  auto bin = make_run("bin", 32, 1, 0.9);
  bin.grid_bits = 4;
  auto coarse = bin;
  coarse.grid_bits = 2;
  auto again = bin;
  again.seed = 2;
  const auto rows = summarize({bin, coarse, again, make_run("gradl1", 32, 1, 0.92),
                               make_run("gradl1", 32, 2, 0.92), make_run("none", 32, 1, 0.91)});
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].seeds == 2);
  CHECK(rows[0].grid_bits == 4);
  CHECK(rows[2].seeds == 2);  // a grid that does not exist is no other grid
  for (const auto& row : rows)
    CHECK_FALSE(detent_trainer::is_quantized(row));
  CHECK(detent_trainer::is_regularized(rows[2]));
  CHECK_FALSE(detent_trainer::is_regularized(rows[3]));
  CHECK(std::isnan(rows[2].gap_closed));  // the base is full precision
  const auto lines = lines_of(text_table(rows));
  CHECK(lines[0].find("grid bits") != std::string::npos);
  CHECK(lines[0].find("strength") == std::string::npos);
}

TEST_CASE("summary: accuracies after rounding alone are means over the seeds that have them") {
  auto first = make_run("none", 32, 1, 0.9);
  auto second = make_run("none", 32, 2, 0.92);
  auto third = make_run("none", 32, 3, 0.94);
  first.post_training = {{8, 8, 0.1, 0.8}, {4, 4, 0.1, 0.5}};
  second.post_training = {{8, 8, 0.1, 0.9}};
  const auto rows = summarize({first, second, third, make_run("dorefa", 3, 1, 0.9)});
  REQUIRE(rows.size() == 2);
  REQUIRE(rows[0].post_training.size() == 2);
  CHECK(rows[0].post_training[0].bits == 8);
  CHECK(near(rows[0].post_training[0].accuracy_mean, 0.85));
  CHECK(near(rows[0].post_training[0].accuracy_std, std::sqrt(0.005)));
  CHECK(rows[0].post_training[1].activation_bits == 4);
  CHECK(rows[0].post_training[1].accuracy_mean == 0.5);
  CHECK(std::isnan(rows[0].post_training[1].accuracy_std));
  CHECK(rows[1].post_training.empty());

  CHECK(detent_trainer::is_rounded_after_training(rows));
  CHECK_FALSE(detent_trainer::is_rounded_after_training({rows[1]}));
  const auto lines = lines_of(text_table(rows, detent_trainer::robustness_columns(rows)));
  REQUIRE(lines.size() == 4);
  for (const char* title : {"method", "as trained %", "W8/A8 %", "W4/A4 %"})
    CHECK(lines[0].find(title) != std::string::npos);
  CHECK(lines[0].find("gap") == std::string::npos);
  CHECK(lines[2].find("85.00 ± 7.07") != std::string::npos);
  CHECK(lines[2].find("50.00") != std::string::npos);
  CHECK(lines[3].find("90.00") != std::string::npos);
  CHECK(lines[3].ends_with("–"));
  const auto markdown = markdown_table(rows, detent_trainer::robustness_columns(rows));
  CHECK(markdown.starts_with("| method | bits | as trained % | W8/A8 % | W4/A4 % |\n"));
}

TEST_CASE("summary: flips that do not exist are a dash in every table, not 0") {
  auto run = make_run("dorefa", 3, 1, 0.9);
  const auto cell = [&run] {
    const auto rows = summarize({run});
    return table_columns(rows).back().cell(rows[0]);
  };
  CHECK(cell() == "–");
  CHECK(text_table(summarize({run})).ends_with("–\n"));
  CHECK(markdown_table(summarize({run})).ends_with("– |\n"));
  run.flips_per_step = 0;
  CHECK(cell() == "0");
}

TEST_CASE("summary: the gap closed is the won share of what the quantizer loses") {
  const auto rows =
      summarize({make_run("none", 32, 1, 0.96), make_run("none", 32, 2, 1.00),
                 make_run("dorefa", 3, 1, 0.92), make_run("dorefa", 3, 2, 0.94),
                 make_run("dorefa+sinreq", 3, 1, 0.95), make_run("dorefa+sinreq", 3, 2, 0.97)});
  REQUIRE(rows.size() == 3);
  CHECK(std::isnan(rows[0].gap_closed));
  CHECK(std::isnan(rows[1].gap_closed));
  // Means .96, .93, .98: .03 of .05.
  CHECK(near(rows[2].gap_closed, 0.6));
}

TEST_CASE("summary: the gap takes only the seeds that all three have") {
  const auto rows = summarize({make_run("none", 32, 1, 0.98), make_run("none", 32, 2, 0.5),
                               make_run("none", 32, 3, 0.7), make_run("dorefa", 3, 1, 0.90),
                               make_run("dorefa", 3, 3, 0.1), make_run("dorefa+sinreq", 3, 1, 0.96),
                               make_run("dorefa+sinreq", 3, 2, 0.2)});
  // Seed 1 alone: .06 of .08.
  CHECK(near(rows[2].gap_closed, 0.75));
}

TEST_CASE("summary: the gap compares like with like") {
  const auto none = make_run("none", 32, 1, 0.98);
  auto base = make_run("dorefa", 3, 1, 0.90);
  const auto regularized = make_run("dorefa+sinreq", 3, 1, 0.96);
  CHECK(near(summarize({none, base, regularized})[2].gap_closed, 0.75));
  SUBCASE("other bits") {
    base.bits = 2;
  }
  SUBCASE("other quantizer") {
    base.method = "wrpn";
  }
  SUBCASE("other schedule") {
    base.lr_schedule = "cosine";
  }
  SUBCASE("other forward") {
    base.forward = "float";
  }
  SUBCASE("other activation bits") {
    base.activation_bits = 4;
  }
  CHECK(std::isnan(summarize({none, base, regularized})[2].gap_closed));
}

TEST_CASE("summary: waveq alone is a regularizer on the grid of wrpn") {
  auto base = make_run("wrpn", 3, 1, 0.90);
  auto regularized = make_run("waveq", 3, 1, 0.96);
  base.forward = regularized.forward = "float";
  const auto rows = summarize({make_run("none", 32, 1, 0.98), base, regularized});
  CHECK(near(rows[2].gap_closed, 0.75));
  CHECK(detent_trainer::is_regularized(rows[2]));
  CHECK_FALSE(detent_trainer::is_regularized(rows[1]));
}

TEST_CASE("summary: average bits have a column where bits are learned") {
  auto run = make_run("dorefa+waveq", 3, 1, 0.9);
  const auto plain = make_run("none", 32, 1, 0.9);
  run.average_bits = 2.625;
  CHECK(text_table(summarize({run, plain})).find("average bits") == std::string::npos);
  run.target_bits = 3;
  const auto rows = summarize({run, plain});
  CHECK(detent_trainer::learns_bits(rows[0]));
  CHECK_FALSE(detent_trainer::learns_bits(rows[1]));
  const auto lines = lines_of(text_table(rows));
  const std::size_t column = end_column(lines[0], "average bits");
  CHECK(end_column(lines[2], "2.62") == column);
}

TEST_CASE("summary: full precision is of the same schedule, whatever its forward form") {
  auto annealed = make_run("none", 32, 1, 0.99, "cosine");
  auto constant = make_run("none", 32, 1, 0.98);
  constant.forward = "float";
  const auto rows = summarize(
      {annealed, constant, make_run("dorefa", 3, 1, 0.90), make_run("dorefa+sinreq", 3, 1, 0.96)});
  CHECK(near(rows[3].gap_closed, 0.75));
}

TEST_CASE("summary: full precision has float activations where both kinds were run") {
  auto coarse = make_run("none", 32, 1, 0.5);
  coarse.activation_bits = 4;
  const auto rows =
      summarize({coarse, make_run("none", 32, 1, 0.98), make_run("dorefa", 3, 1, 0.90),
                 make_run("dorefa+sinreq", 3, 1, 0.96)});
  CHECK(near(rows[3].gap_closed, 0.75));
}

TEST_CASE("summary: there is no gap to close where the quantizer is as good as full precision") {
  for (const double base : {0.98, 0.99}) {
    const auto rows = summarize({make_run("none", 32, 1, 0.98), make_run("dorefa", 3, 1, base),
                                 make_run("dorefa+sinreq", 3, 1, 0.995)});
    CHECK(std::isnan(rows[2].gap_closed));
  }
}

TEST_CASE("summary: no share of a gap within its noise, in no form of the table") {
  const auto expect_none = [](const std::vector<run_result>& runs) {
    const auto rows = summarize(runs);
    CHECK(std::isnan(rows[2].gap_closed));
    const auto columns = table_columns(rows);
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [](const auto& c) { return c.title == "gap closed %"; });
    CHECK(column->cell(rows[2]) == "–");
    CHECK(detent_trainer::to_json(runs)["rows"][2]["gap_closed"].is_null());
    CHECK(detent_trainer::html_report(runs, "", "").find("0000000") == std::string::npos);
  };
  const auto three = [](const std::vector<double>& full, const std::vector<double>& base) {
    std::vector<run_result> runs;
    for (std::size_t i = 0; i < full.size(); ++i)
      runs.push_back(make_run("none", 32, i + 1, full[i]));
    for (std::size_t i = 0; i < base.size(); ++i)
      runs.push_back(make_run("dorefa", 3, i + 1, base[i]));
    for (std::size_t i = 0; i < base.size(); ++i)
      runs.push_back(make_run("dorefa+sinreq", 3, i + 1, 0.99));
    return runs;
  };
  SUBCASE("a gap of rounding errors") {
    // The means differ by one unit in the last place.
    expect_none(three({0.1, 0.2, 0.3}, {0.3, 0.2, 0.1}));
    expect_none(three({0.90000000000000013}, {0.9}));
  }
  SUBCASE("seeds that vary by more than the gap") {
    expect_none(three({0.90, 0.94, 0.98}, {0.88, 0.92, 0.96}));
  }
  SUBCASE("seeds that agree by chance, and a gap of fewer images than the test set can tell") {
    expect_none(three({0.9402, 0.9402}, {0.94, 0.94}));
  }
  SUBCASE("one seed, a gap below two binomial standard errors") {
    // 2 √(2 · 0.9 · 0.1 / 10,000) = 0.0085.
    expect_none(three({0.904}, {0.896}));
    CHECK(std::isfinite(summarize(three({0.905}, {0.896}))[2].gap_closed));
  }
  SUBCASE("one seed and an unknown number of test images") {
    auto runs = three({0.9}, {0.5});
    for (auto& run : runs)
      run.test_images = 0;
    expect_none(runs);
  }
  SUBCASE("accuracies of 1 and 0, whose binomial variance is 0") {
    expect_none(three({1.0}, {0.9999}));
    expect_none(three({0.0001}, {0.0}));
  }
}

TEST_CASE("summary: failed runs are in no mean, and their row names the reason") {
  auto failed = make_run("dorefa", 3, 2, std::numeric_limits<double>::quiet_NaN());
  failed.failure = "the loss is not finite";
  auto lost = make_run("wrpn", 3, 1, std::numeric_limits<double>::quiet_NaN());
  lost.failure = "out of memory";
  const std::vector<run_result> runs{make_run("none", 32, 1, 0.98),
                                     make_run("none", 32, 2, 0.98),
                                     make_run("dorefa", 3, 1, 0.90),
                                     failed,
                                     lost,
                                     make_run("dorefa+sinreq", 3, 1, 0.96),
                                     make_run("dorefa+sinreq", 3, 2, 0.5)};
  const auto rows = summarize(runs);
  REQUIRE(rows.size() == 4);
  CHECK(rows[1].seeds == 1);
  CHECK(rows[1].accuracy_mean == 0.90);
  CHECK(rows[1].members == std::vector<std::size_t>{2});
  REQUIRE(rows[1].failures.size() == 1);
  CHECK(rows[1].failures[0].seed == 2);
  CHECK(rows[1].failures[0].reason == "the loss is not finite");
  CHECK_FALSE(rows[1].failed());
  CHECK(rows[2].failed());
  CHECK(rows[2].seeds == 0);
  CHECK(std::isnan(rows[2].accuracy_mean));
  CHECK(near(rows[3].gap_closed, 0.75));  // by the seed that did not fail

  const auto lines = lines_of(text_table(rows));
  REQUIRE(lines.size() == 8);
  CHECK(lines[3].find(" 1 of 2 ") != std::string::npos);
  CHECK(lines[4].find(" 0 of 1 ") != std::string::npos);
  CHECK(lines[4].find(" failed ") != std::string::npos);
  CHECK(lines[6] == "failed: dorefa W3/A32 constant, seed 2: the loss is not finite");
  CHECK(lines[7] == "failed: wrpn W3/A32 constant, seed 1: out of memory");
  CHECK(markdown_table(rows).find("\n\nfailed: wrpn W3/A32 constant, seed 1: out of memory\n") !=
        std::string::npos);
  const auto json = detent_trainer::to_json(runs);
  CHECK(json["runs"][4]["failure"] == "out of memory");
  CHECK(json["runs"][4]["test_accuracy"].is_null());
  CHECK(json["runs"][0]["failure"].is_null());
  CHECK(json["rows"][2]["failures"][0]["reason"] == "out of memory");
  const auto page = detent_trainer::html_report(runs, "title", "");
  CHECK(page.find("failed: wrpn W3/A32 constant, seed 1: out of memory") != std::string::npos);
  CHECK(page.ends_with("</html>\n"));
  for (const std::vector<run_result>& others :
       {std::vector<run_result>{lost}, std::vector<run_result>{failed, lost}}) {
    CHECK(detent_trainer::html_report(others, "title", "").find("out of memory") !=
          std::string::npos);
  }
}

TEST_CASE("summary: a regularizer that harms closes a negative gap") {
  const auto rows = summarize({make_run("none", 32, 1, 0.98), make_run("dorefa", 3, 1, 0.90),
                               make_run("dorefa+sinreq", 3, 1, 0.86)});
  CHECK(near(rows[2].gap_closed, -0.5));
}

TEST_CASE("summary: the text table is aligned in characters, not bytes") {
  const auto rows =
      summarize({make_run("none", 32, 1, 0.96), make_run("none", 32, 2, 1.00),
                 make_run("dorefa", 3, 1, 0.92), make_run("dorefa+sinreq", 3, 1, 0.95)});
  const auto lines = lines_of(text_table(rows));
  REQUIRE(lines.size() == 5);
  const std::size_t column = end_column(lines[0], "accuracy %");
  CHECK(end_column(lines[2], "98.00 ± 2.83") == column);
  CHECK(end_column(lines[3], "92.00") == column);
  CHECK(end_column(lines[4], "95.00") == column);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    INFO(lines[i]);
    CHECK(detent_trainer::format::display_width(lines[i]) ==
          detent_trainer::format::display_width(lines[0]));
  }
  CHECK(lines[3].starts_with("dorefa         W3/A32"));
  // A column is as wide as its widest cell, 98.00 ± 2.83.
  CHECK(lines[0].find("seeds    accuracy %") != std::string::npos);
}

TEST_CASE("summary: a setting has a column only where it differs among rows that have it") {
  auto plain = make_run("dorefa", 3, 1, 0.9);
  auto regularized = make_run("dorefa+sinreq", 3, 1, 0.95);
  regularized.strength = 0.1;
  auto stronger = regularized;
  stronger.strength = 0.2;
  CHECK(text_table(summarize({plain, regularized})).find("strength") == std::string::npos);
  CHECK(text_table(summarize({plain, regularized, stronger})).find("strength") !=
        std::string::npos);
  CHECK(text_table(summarize({plain, regularized})).find("schedule") == std::string::npos);
  plain.lr_schedule = "cosine";
  CHECK(text_table(summarize({plain, regularized})).find("schedule") != std::string::npos);
}

TEST_CASE("summary: interrupted runs are marked and explained") {
  auto run = make_run("dorefa", 3, 1, 0.9);
  CHECK(text_table(summarize({run})).find('*') == std::string::npos);
  run.interrupted = true;
  const auto lines = lines_of(text_table(summarize({run})));
  REQUIRE(lines.size() == 4);
  CHECK(lines[2].find("1*") != std::string::npos);
  CHECK(lines[3].starts_with("* "));
}

TEST_CASE("summary: tables of no rows are a head alone") {
  CHECK(lines_of(text_table({})).size() == 2);
  CHECK(lines_of(markdown_table({})).size() == 2);
}

TEST_CASE("summary: the Markdown table has the same number of cells in each line") {
  auto run = make_run("dorefa", 3, 1, 0.9);
  run.method = "a|b";
  const auto lines = lines_of(markdown_table(summarize({run, make_run("none", 32, 1, 0.9)})));
  REQUIRE(lines.size() == 4);
  CHECK(lines[2].starts_with("| a\\|b | W3/A32 |"));
  const auto bars = [](const std::string& line) {
    return std::count(line.begin(), line.end(), '|');
  };
  CHECK(bars(lines[0]) == bars(lines[1]));
  CHECK(bars(lines[0]) == bars(lines[2]) - 1);
  CHECK(bars(lines[0]) == bars(lines[3]));
}

TEST_CASE("format: numbers read as a person writes them") {
  namespace format = detent_trainer::format;
  CHECK(format::fixed(-0.0004, 2) == "0.00");
  CHECK(format::fixed(-0.4, 1) == "-0.4");
  CHECK(format::fixed(std::numeric_limits<double>::quiet_NaN(), 1) == "–");
  CHECK(format::grouped(0) == "0");
  CHECK(format::grouped(999) == "999");
  CHECK(format::grouped(1000) == "1,000");
  CHECK(format::grouped(1663370) == "1,663,370");
  CHECK(format::grouped(100000) == "100,000");
  CHECK(format::duration(8.4) == "8 s");
  CHECK(format::duration(125) == "2:05");
  CHECK(format::duration(3725) == "1:02:05");
  CHECK(format::duration(59.6) == "1:00");
  CHECK(format::percent_deviation(0.5, std::numeric_limits<double>::quiet_NaN()) == "50.00");
  CHECK(format::display_width("± –") == 3);
}
