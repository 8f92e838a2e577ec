// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Made-up runs, and what has to hold of every page about them, for the tests of the HTML report.

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <trainer/report/result.hpp>

namespace html_page {

using detent_trainer::run_result;

inline std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

// Why `text` is not well-formed, or nothing: every tag closed in order, every attribute quoted, no
// bare ampersand, no attribute twice.
inline std::string markup_fault(std::string_view text) {
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
inline std::string coordinate_fault(const std::string& text) {
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

inline void check_page(const std::string& text) {
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

inline detent_trainer::weight_histogram make_histogram(const std::string& layer, std::size_t bins) {
  detent_trainer::weight_histogram histogram{layer, -1, 1, {}, {-1, -0.5, 0, 0.5, 1}};
  for (std::size_t i = 0; i < bins; ++i) {
    histogram.counts.push_back(static_cast<std::uint32_t>(i * 37 % 101));
  }
  return histogram;
}

inline run_result make_run(int epochs, std::size_t layers = 2, std::size_t bins = 64) {
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

inline std::vector<run_result> make_comparison(int epochs, std::size_t layers, std::size_t bins) {
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

// The figure of that title.
inline std::string figure_of(const std::string& text, const std::string& title) {
  const auto at = text.find("<b>" + title);
  REQUIRE(at != text.npos);
  const auto begin = text.rfind("<figure", at);
  return text.substr(begin, text.find("</figure>", begin) - begin);
}

}  // namespace html_page
