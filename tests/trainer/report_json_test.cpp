// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// JSON results: the promised keys with their types, exact numbers, null for what does not exist.

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <trainer/report/json.hpp>
#include <trainer/report/result.hpp>
#include <vector>

namespace {

using detent_trainer::json_text;
using detent_trainer::run_result;
using detent_trainer::to_json;

run_result sample_run() {
  run_result run;
  run.model = "lenet5";
  run.data = "glyphs";
  run.method = "dorefa+sinreq";
  run.bits = 3;
  run.seed = std::numeric_limits<std::uint64_t>::max();
  run.epochs = 2;
  run.test_accuracy = 0.1 + 0.2;
  run.snap_loss = 1e-300;
  run.flips_per_step = 0.25;
  run.layers = {{"conv1", 832, 3, 0.97}, {"dense2", 5130, 8, 0.5}};
  detent_trainer::epoch_record record;
  record.epoch = 1;
  record.task_loss = 1.0 / 3;
  record.histograms = {{"conv1", -1, 1, {1, 4294967295U, 3}, {-1, 0, 1}}};
  run.history = {record};
  return run;
}

nlohmann::json parsed(const run_result& run) {
  return nlohmann::json::parse(json_text(to_json(run)));
}

}  // namespace

TEST_CASE("json: has every promised key with its type") {
  const auto json = parsed(sample_run());
  for (const char* key :
       {"model", "data", "method", "lr_schedule", "forward", "first_last", "domain"}) {
    INFO(key);
    REQUIRE(json.contains(key));
    CHECK(json[key].is_string());
  }
  for (const char* key : {"bits", "activation_bits", "seed", "epochs"}) {
    INFO(key);
    REQUIRE(json.contains(key));
    CHECK(json[key].is_number_integer());
  }
  for (const char* key : {"validation_accuracy", "test_accuracy", "full_precision_accuracy",
                          "average_bits", "on_grid_fraction", "snap_loss", "seconds_per_epoch",
                          "regularizer_share", "learning_rate", "strength", "flips_per_step"}) {
    INFO(key);
    REQUIRE(json.contains(key));
    CHECK(json[key].is_number_float());
  }
  CHECK(json["interrupted"].is_boolean());
  REQUIRE(json["layers"].is_array());
  REQUIRE(json["layers"].size() == 2);
  CHECK(json["layers"][0]["name"] == "conv1");
  CHECK(json["layers"][0]["weights"].is_number_integer());
  CHECK(json["layers"][1]["bits"] == 8);
  CHECK(json["layers"][1]["on_grid_fraction"] == 0.5);
}

TEST_CASE("json: numbers come back bit for bit") {
  const auto run = sample_run();
  const auto json = parsed(run);
  CHECK(json["seed"].get<std::uint64_t>() == run.seed);
  CHECK(json["test_accuracy"].get<double>() == run.test_accuracy);
  CHECK(json["snap_loss"].get<double>() == run.snap_loss);
  const auto& epoch = json["history"][0];
  CHECK(epoch["task_loss"].get<double>() == 1.0 / 3);
  CHECK(epoch["histograms"][0]["counts"] == nlohmann::json({1, 4294967295U, 3}));
  CHECK(epoch["histograms"][0]["levels"].get<std::vector<double>>() ==
        std::vector<double>{-1, 0, 1});
}

TEST_CASE("json: what is not finite is null") {
  auto run = sample_run();
  run.full_precision_accuracy = std::numeric_limits<double>::quiet_NaN();
  run.snap_loss = std::numeric_limits<double>::infinity();
  run.history[0].task_loss = -std::numeric_limits<double>::infinity();
  run.history[0].histograms[0].levels[1] = std::numeric_limits<double>::quiet_NaN();
  CHECK(to_json(run)["snap_loss"].is_null());
  const auto json = parsed(run);
  CHECK(json["full_precision_accuracy"].is_null());
  CHECK(json["snap_loss"].is_null());
  CHECK(json["history"][0]["task_loss"].is_null());
  CHECK(json["history"][0]["histograms"][0]["levels"][1].is_null());
}

TEST_CASE("json: a run without layers and history has empty lists") {
  const auto json = parsed(run_result{});
  CHECK(json["layers"] == nlohmann::json::array());
  CHECK(json["history"] == nlohmann::json::array());
}

TEST_CASE("json: a penalty in full precision has its strengths, and its error by the epoch") {
  auto run = sample_run();
  run.activation_strength = 0.5;
  run.start_epoch = 2;
  auto json = parsed(run);
  CHECK(json["activation_strength"] == 0.5);
  CHECK(json["start_epoch"] == 2);
  CHECK(json["grid_bits"].is_null());
  CHECK(json["history"][0]["difference_error"].is_null());
  run.grid_bits = 4;
  run.history[0].difference_error = 0.25;
  json = parsed(run);
  CHECK(json["grid_bits"] == 4);
  CHECK(json["history"][0]["difference_error"] == 0.25);
}

TEST_CASE("json: what rounding alone leaves is a list, empty where it was not asked for") {
  auto run = sample_run();
  CHECK(parsed(run)["ptq"] == nlohmann::json::array());
  run.post_training = {{8, 8, 0.97, 0.96}, {4, 32, std::numeric_limits<double>::quiet_NaN(), 0.5}};
  const auto json = parsed(run);
  REQUIRE(json["ptq"].size() == 2);
  CHECK(json["ptq"][0] == nlohmann::json({{"bits", 8},
                                          {"activation_bits", 8},
                                          {"validation_accuracy", 0.97},
                                          {"test_accuracy", 0.96}}));
  CHECK(json["ptq"][1]["activation_bits"] == 32);
  CHECK(json["ptq"][1]["validation_accuracy"].is_null());
  const auto rows = to_json(std::vector<run_result>{run})["rows"];
  REQUIRE(rows[0]["ptq"].size() == 2);
  CHECK(rows[0]["ptq"][1]["accuracy_mean"] == 0.5);
  CHECK(rows[0]["ptq"][1]["accuracy_std"].is_null());
}

TEST_CASE("json: awkward names survive, invalid UTF-8 does not break the file") {
  auto run = sample_run();
  run.data = "a \"b\" \\ c\n<é>";
  CHECK(parsed(run)["data"] == run.data);
  run.data = "bad \xff name";
  CHECK(parsed(run)["data"] == "bad \xef\xbf\xbd name");
}

TEST_CASE("json: the text parses to the same value and keeps lists of numbers on one line") {
  const auto json = to_json(sample_run());
  const std::string text = json_text(json);
  CHECK(nlohmann::json::parse(text) == json);
  CHECK(text.back() == '\n');
  CHECK(text.find("\"counts\": [1,4294967295,3]") != std::string::npos);
  CHECK(text.find("\n  \"model\": \"lenet5\"") != std::string::npos);
}

TEST_CASE("json: a comparison has its rows and its runs") {
  auto second = sample_run();
  second.seed = 2;
  const auto json = to_json(std::vector<run_result>{sample_run(), second});
  REQUIRE(json["runs"].size() == 2);
  CHECK(json["runs"][1]["seed"] == 2);
  REQUIRE(json["rows"].size() == 1);
  CHECK(json["rows"][0]["seeds"] == 2);
  CHECK(json["rows"][0]["gap_closed"].is_null());
  CHECK(json["rows"][0]["average_bits"] == sample_run().average_bits);
  CHECK(json["rows"][0]["target_bits"].is_null());
  CHECK(to_json(std::vector<run_result>{})["runs"].is_array());
}
