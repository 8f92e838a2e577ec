// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The glyph generator: determinism, balance, ranges, and what each knob does.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <trainer/data/dataset.hpp>
#include <trainer/data/glyphs.hpp>
#include <vector>

namespace trainer = detent_trainer;

namespace {

/// Without any distortion.
constexpr trainer::glyph_difficulty plain{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

std::vector<float> image(const trainer::image_set& set, std::size_t i) {
  return {set.image(i), set.image(i) + set.pixels_per_image()};
}

double mean(const trainer::image_set& set) {
  const double sum = std::accumulate(set.pixels.begin(), set.pixels.end(), 0.0);
  return sum / static_cast<double>(set.pixels.size());
}

}  // namespace

TEST_CASE("glyphs: have the shape of MNIST, pixels in 0 to 1, and labels in turn") {
  const trainer::image_set set = trainer::make_glyphs(1000, 1, 0);
  CHECK(set.shape.channels == 1);
  CHECK(set.shape.height == 28);
  CHECK(set.shape.width == 28);
  CHECK(set.classes == 10);
  CHECK(set.pixels.size() == 1000 * 784);
  CHECK(std::all_of(set.pixels.begin(), set.pixels.end(),
                    [](float pixel) { return pixel >= 0.0F && pixel <= 1.0F; }));
  for (int label = 0; label < 10; ++label) {
    CHECK(std::count(set.labels.begin(), set.labels.end(), label) == 100);
  }
}

TEST_CASE("glyphs: an image depends on seed, stream and index alone") {
  const trainer::image_set few = trainer::make_glyphs(50, 1, 0);
  const trainer::image_set many = trainer::make_glyphs(200, 1, 0);
  CHECK(std::equal(few.pixels.begin(), few.pixels.end(), many.pixels.begin()));
  const trainer::image_set other_seed = trainer::make_glyphs(50, 2, 0);
  const trainer::image_set other_stream = trainer::make_glyphs(50, 1, 1);
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(image(few, i) != image(other_seed, i));
    CHECK(image(few, i) != image(other_stream, i));
    if (i >= 10) CHECK(image(few, i) != image(few, i - 10));
  }
}

TEST_CASE("glyphs: every class looks like itself more than like any other") {
  // Without distortion only the way of writing varies, so the nearest image has the same label.
  const trainer::image_set shown = trainer::make_glyphs(400, 1, 0, plain);
  const trainer::image_set asked = trainer::make_glyphs(100, 1, 1, plain);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    std::size_t best = 0;
    double least = 1e9;
    for (std::size_t k = 0; k < shown.size(); ++k) {
      double distance = 0;
      for (std::size_t p = 0; p < 784; ++p) {
        const double difference = static_cast<double>(asked.image(i)[p] - shown.image(k)[p]);
        distance += difference * difference;
      }
      if (distance >= least) continue;
      least = distance;
      best = k;
    }
    CHECK(shown.labels[best] == asked.labels[i]);
  }
}

TEST_CASE("glyphs: undistorted digits are white on black and keep off the border") {
  const trainer::image_set set = trainer::make_glyphs(100, 1, 0, plain);
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::vector<float> pixels = image(set, i);
    CHECK(*std::max_element(pixels.begin(), pixels.end()) > 0.95F);
    for (std::size_t k = 0; k < 28; ++k) {
      CHECK(pixels[k] == 0.0F);
      CHECK(pixels[27 * 28 + k] == 0.0F);
      CHECK(pixels[28 * k] == 0.0F);
      CHECK(pixels[28 * k + 27] == 0.0F);
    }
  }
}

TEST_CASE("glyphs: edges are anti-aliased") {
  const trainer::image_set set = trainer::make_glyphs(10, 1, 0, plain);
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::vector<float> pixels = image(set, i);
    const auto grey = std::count_if(pixels.begin(), pixels.end(),
                                    [](float pixel) { return pixel > 0.02F && pixel < 0.98F; });
    CHECK(grey > 20);
  }
}

TEST_CASE("glyphs: every knob changes the images") {
  const trainer::image_set undistorted = trainer::make_glyphs(100, 1, 0, plain);
  const auto changed = [&](const trainer::glyph_difficulty& knobs) {
    return trainer::make_glyphs(100, 1, 0, knobs).pixels != undistorted.pixels;
  };
  trainer::glyph_difficulty knobs = plain;
  CHECK_FALSE(changed(knobs));
  for (const auto knob :
       {&trainer::glyph_difficulty::rotation, &trainer::glyph_difficulty::shear,
        &trainer::glyph_difficulty::scale, &trainer::glyph_difficulty::shift,
        &trainer::glyph_difficulty::jitter, &trainer::glyph_difficulty::width,
        &trainer::glyph_difficulty::contrast, &trainer::glyph_difficulty::background,
        &trainer::glyph_difficulty::noise, &trainer::glyph_difficulty::occlusion}) {
    knobs = plain;
    knobs.*knob = 0.3F;
    CHECK(changed(knobs));
  }
  knobs = plain;
  knobs.clutter = 3;
  CHECK(changed(knobs));
}

TEST_CASE("glyphs: contrast and occlusion take ink away, background and clutter add some") {
  const double undistorted = mean(trainer::make_glyphs(300, 1, 0, plain));
  trainer::glyph_difficulty knobs = plain;
  knobs.contrast = 0.5F;
  CHECK(mean(trainer::make_glyphs(300, 1, 0, knobs)) < 0.9 * undistorted);
  knobs = plain;
  knobs.occlusion = 1;
  CHECK(mean(trainer::make_glyphs(300, 1, 0, knobs)) < 0.95 * undistorted);
  knobs = plain;
  knobs.background = 0.3F;
  CHECK(mean(trainer::make_glyphs(300, 1, 0, knobs)) > 1.1 * undistorted);
  knobs = plain;
  knobs.clutter = 3;
  CHECK(mean(trainer::make_glyphs(300, 1, 0, knobs)) > 1.05 * undistorted);
}

TEST_CASE("glyphs: none at all is an empty set") {
  const trainer::image_set set = trainer::make_glyphs(0, 1, 0);
  CHECK(set.size() == 0);
  CHECK(set.pixels.empty());
}
