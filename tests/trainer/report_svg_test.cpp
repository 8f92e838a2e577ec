// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The plotting kit: nice ticks, honest axes, safe coordinates.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <trainer/report/line_chart.hpp>
#include <trainer/report/penalty_surface.hpp>
#include <trainer/report/ridgeline.hpp>
#include <trainer/report/svg.hpp>
#include <utility>
#include <vector>

namespace {

namespace svg = detent_trainer::svg;

using strings = std::vector<std::string>;

svg::interval span(double low, double high) {
  svg::interval values;
  values.cover(low);
  values.cover(high);
  return values;
}

}  // namespace

TEST_CASE("svg: coordinates are short and always numbers") {
  CHECK(svg::number(1) == "1");
  CHECK(svg::number(1.5) == "1.5");
  CHECK(svg::number(-0.001) == "0");
  CHECK(svg::number(100) == "100");
  CHECK(svg::number(2.346) == "2.35");
  CHECK(svg::number(std::numeric_limits<double>::quiet_NaN()) == "0");
  CHECK(svg::number(-std::numeric_limits<double>::infinity()) == "0");
}

TEST_CASE("svg: text is escaped and free of control characters") {
  CHECK(svg::escape("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&#39;");
  CHECK(svg::escape(std::string("a\0\x1b[31mé", 9)) == "a  [31mé");
}

TEST_CASE("svg: steps between ticks are 1, 2 or 5 times a power of ten") {
  CHECK(std::abs(svg::nice_step(1, 5) - 0.2) < 1e-9);
  CHECK(std::abs(svg::nice_step(9, 5) - 2) < 1e-9);
  CHECK(std::abs(svg::nice_step(2300, 5) - 500) < 1e-9);
  CHECK(std::abs(svg::nice_step(30, 4) - 10) < 1e-9);
  CHECK(svg::nice_step(0, 5) == 1);
  CHECK(svg::nice_step(std::numeric_limits<double>::infinity(), 5) == 1);
}

TEST_CASE("svg: an axis ends on ticks and maps its ends to the ends of the picture") {
  const auto axis =
      svg::make_axis(span(0.13, 0.87), {.ticks = 5, .pixel_low = 10, .pixel_high = 110});
  CHECK(axis.labels == strings{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"});
  CHECK(std::abs(axis(0) - 10) < 1e-9);
  CHECK(std::abs(axis(1) - 110) < 1e-9);
  CHECK(std::abs(axis(0.5) - 60) < 1e-9);
}

TEST_CASE("svg: an axis of fractions is in percent and stays between 0 and 100") {
  const auto axis = svg::make_axis(span(0.951, 0.999), {.ticks = 4, .is_fraction = true});
  CHECK(axis.labels.front() == "94 %");
  CHECK(axis.labels.back() == "100 %");
  const auto fine = svg::make_axis(span(0.9712, 0.9731), {.ticks = 4, .is_fraction = true});
  CHECK(fine.labels.front() == "97.10 %");
}

TEST_CASE("svg: labels of one axis are all different") {
  for (const double low : {-1e6, -3.0, 0.0, 1e-7, 0.5, 123456.0}) {
    for (const double width : {1e-5, 0.003, 0.7, 12.0, 4e7}) {
      const auto axis = svg::make_axis(span(low, low + width), {});
      auto labels = axis.labels;
      INFO("from " << low << " width " << width);
      CHECK(labels.size() >= 2);
      std::sort(labels.begin(), labels.end());
      CHECK(std::adjacent_find(labels.begin(), labels.end()) == labels.end());
    }
  }
}

TEST_CASE("svg: an axis of one value or of none still has a span") {
  for (const auto& values : {span(0, 0), span(5, 5), span(-2, -2), span(1, 1), svg::interval{}}) {
    for (const bool fraction : {false, true}) {
      for (const bool whole : {false, true}) {
        if (fraction && whole) continue;
        const auto axis = svg::make_axis(values, {.is_fraction = fraction, .whole_numbers = whole});
        CHECK(axis.low < axis.high);
        CHECK(std::isfinite(axis(values.low)));
        CHECK(axis.ticks.size() >= 1);
      }
    }
  }
}

TEST_CASE("svg: an axis of extreme values has few ticks") {
  const double huge = std::numeric_limits<double>::max();
  const double tiny = std::numeric_limits<double>::denorm_min();
  for (const auto& values : {span(-huge, huge), span(0, huge), span(0, tiny), span(tiny, tiny),
                             span(-1e100, 1e100), span(1e15, 1e15 + 1), span(1e-90, 2e-90)}) {
    for (const bool logarithmic : {false, true}) {
      const auto axis = svg::make_axis(values, {.is_logarithmic = logarithmic});
      INFO("from " << values.low << " to " << values.high);
      CHECK(axis.low < axis.high);
      CHECK(axis.ticks.size() >= 2);
      CHECK(axis.ticks.size() < 20);
    }
  }
}

TEST_CASE("svg: an axis of epochs has ticks at whole numbers only") {
  const auto axis =
      svg::make_axis(span(1, 3), {.ticks = 6, .ends_on_ticks = false, .whole_numbers = true});
  CHECK(axis.labels == strings{"1", "2", "3"});
}

TEST_CASE("svg: a logarithmic axis has powers of ten in equal distances") {
  const auto axis =
      svg::make_axis(span(2e-5, 9e-3), {.pixel_low = 0, .pixel_high = 300, .is_logarithmic = true});
  CHECK(axis.labels == strings{"10⁻⁵", "10⁻⁴", "10⁻³", "0.01"});
  CHECK(std::abs(axis(1e-4) - 100) < 1e-9);
  CHECK(std::abs(axis(1e-2) - 300) < 1e-9);
}

TEST_CASE("svg: a curve breaks where a point is missing") {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  svg::line_chart chart;
  chart.title = "loss";
  chart.curves = {{"loss", 1, {{1, 0.5}, {2, 0.4}, {3, missing}, {4, 0.2}, {5, 0.1}}}};
  const auto text = svg::draw(chart);
  const auto begin = text.find(" d=\"") + 4;
  const auto path = text.substr(begin, text.find('"', begin) - begin);
  CHECK(std::count(path.begin(), path.end(), 'M') == 2);
  CHECK(std::count(path.begin(), path.end(), 'L') == 2);
}

TEST_CASE("svg: thinning a long curve keeps its ends") {
  std::vector<std::pair<double, double>> points;
  for (int i = 0; i <= 1000; ++i)
    points.emplace_back(i, i);
  const auto kept = svg::svg_detail::thinned(points);
  CHECK(kept.size() <= svg::svg_detail::most_points + 1);
  CHECK(kept.front().first == 0);
  CHECK(kept.back().first == 1000);
}

TEST_CASE("svg: merged bins keep every weight and stay equally wide") {
  detent_trainer::weight_histogram histogram{"layer", -1, 1, {}, {}};
  histogram.counts.resize(300);
  std::iota(histogram.counts.begin(), histogram.counts.end(), 0U);
  const auto bins = svg::svg_detail::merge(histogram, 128);
  CHECK(bins.counts.size() == 100);
  CHECK(std::abs(bins.width - 0.02) < 1e-12);
  CHECK(bins.counts[1] == 3 + 4 + 5);
  CHECK(std::accumulate(bins.counts.begin(), bins.counts.end(), 0.0) == 299 * 300 / 2);
}

TEST_CASE("svg: the stairs of a histogram step at the bins' edges") {
  const detent_trainer::weight_histogram histogram{"layer", 0, 4, {0, 2, 1, 0}, {}};
  const auto axis = svg::make_axis(span(0, 4), {.pixel_low = 0, .pixel_high = 40});
  CHECK(svg::svg_detail::stairs(histogram, 128, axis, 30, 20) == "M0 30H10V10H20V20H30V30H40V30Z");
}

TEST_CASE("svg: marks are not connected and carry their deviation") {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  svg::line_chart chart;
  chart.is_fraction = true;
  chart.from_zero = false;
  chart.x_name = "bits";
  chart.curves = {
      {"a", 2, {{2, 0.5}, {3, 0.6}, {4, missing}}, svg::series_style::marks, {0.1, missing, 0.2}}};
  const auto text = svg::draw(chart);
  CHECK(text.find("class=\"curve") == text.npos);
  CHECK(text.find("class=\"whisker c2\"") != text.npos);
  CHECK(text.find("class=\"whisker c2\"") == text.rfind("class=\"whisker c2\""));
  CHECK(text.find("a, bits 2: 50.00 ± 10.00 %") != text.npos);
  CHECK(text.find("a, bits 3: 60.00 %") != text.npos);
  CHECK(text.find("a, bits 4") == text.npos);
  // The axis holds the whole bar.
  CHECK(text.find(">40 %<") != text.npos);
}

TEST_CASE("svg: colours are dealt in turn") {
  CHECK(svg::color_in_turn(0) == 1);
  CHECK(svg::color_in_turn(7) == 8);
  CHECK(svg::color_in_turn(8) == 1);
}

TEST_CASE("svg: the penalty's map has its valleys at the levels") {
  using svg::svg_detail::surface_columns;
  // In the middle of that row, at 2 + 8.5/8 bits, the levels are at ±.14, .41, .68 and .95 of
  // DoReFa and at 0, ±.31, .63 and .94 of WRPN.
  constexpr std::size_t row = 8;
  const auto valleys = [](detent::bit_convention convention) {
    const auto values = svg::svg_detail::values_of(convention);
    std::vector<double> weights;
    const double width = 2.2 / static_cast<double>(surface_columns);
    for (std::size_t i = 2; i + 2 < surface_columns; ++i) {
      const double* at = &values[row * surface_columns + i];
      // Between two columns that are alike, the left one is the valley.
      if (at[0] <= at[1] * (1 + 1e-9) && at[0] < at[2] && at[0] < at[-1] * (1 - 1e-9))
        weights.push_back(-1.1 + width * (static_cast<double>(i) + 0.5));
    }
    return weights;
  };
  const auto check = [&](detent::bit_convention convention, const std::vector<double>& levels) {
    const auto found = valleys(convention);
    REQUIRE(found.size() == levels.size());
    for (std::size_t i = 0; i < levels.size(); ++i)
      CHECK(std::abs(found[i] - levels[i]) < 0.02);
  };
  check(detent::bit_convention::dorefa,
        {-0.951, -0.680, -0.408, -0.136, 0.136, 0.408, 0.680, 0.951});
  check(detent::bit_convention::wrpn, {-0.943, -0.629, -0.314, 0, 0.314, 0.629, 0.943});
}

TEST_CASE("svg: the penalty's map holds R itself, which falls by 2 a bit") {
  using svg::svg_detail::surface_columns;
  using svg::svg_detail::surface_rows;
  const auto values = svg::svg_detail::values_of(detent::bit_convention::dorefa);
  for (std::size_t row = 0; row < surface_rows; ++row) {
    const double bit_width = 2 + 6 * (static_cast<double>(row) + 0.5) / surface_rows;
    double sum = 0;
    for (std::size_t i = 20; i < 140; ++i)
      sum += values[row * surface_columns + i];
    // sin² is a half on average, to what an uncounted part of a period may be.
    INFO("bit-width " << bit_width);
    CHECK(std::abs(sum / 120 * std::exp2(bit_width) - 0.5) < 0.15);
  }
}

TEST_CASE("svg: shades are strokes over whole runs of cells, the fewest bits at the bottom") {
  using svg::svg_detail::surface_columns;
  svg::svg_detail::surface_values values(surface_columns * svg::svg_detail::surface_rows);
  for (const std::size_t i : {std::size_t{3}, std::size_t{4}, surface_columns - 1})
    values[i] = 1;
  values[surface_columns] = 0.5;
  CHECK(svg::svg_detail::cells_from(values, 0.75) == "M3 47.5H5M159 47.5H160");
  CHECK(svg::svg_detail::cells_from(values, 0.5) == "M3 47.5H5M159 47.5H160M0 46.5H1");
  CHECK(svg::svg_detail::cells_from(values, 2) == "");
}
