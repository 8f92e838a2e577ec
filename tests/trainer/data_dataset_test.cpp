// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Image sets and their standardization.

#include <doctest/doctest.h>

#include <cmath>
#include <trainer/data/dataset.hpp>

namespace trainer = detent_trainer;

namespace {

trainer::image_set two_channels() {
  trainer::image_set set;
  set.shape = {2, 1, 2};
  set.labels = {3, 4};
  set.pixels = {1, 2, 10, 10, 3, 6, 10, 10};
  return set;
}

}  // namespace

TEST_CASE("image_set: image points at channel planes of rows") {
  const trainer::image_set set = two_channels();
  CHECK(set.size() == 2);
  CHECK(set.plane() == 2);
  CHECK(set.pixels_per_image() == 4);
  CHECK(set.image(1) == set.pixels.data() + 4);
}

TEST_CASE("measure_channels: mean and deviation of each channel") {
  const auto moments = trainer::measure_channels(two_channels());
  REQUIRE(moments.size() == 2);
  CHECK(moments[0].mean == 3.0);
  CHECK(std::abs(moments[0].deviation - std::sqrt(3.5)) < 1e-15);
  CHECK(moments[1].mean == 10.0);
}

TEST_CASE("measure_channels: a constant channel and an empty set get deviation 1") {
  CHECK(trainer::measure_channels(two_channels())[1].deviation == 1.0);
  trainer::image_set empty;
  const auto moments = trainer::measure_channels(empty);
  REQUIRE(moments.size() == 1);
  CHECK(moments[0].mean == 0.0);
  CHECK(moments[0].deviation == 1.0);
}

TEST_CASE("standardize: applies the moments of the training part to every part") {
  trainer::dataset data;
  data.train = two_channels();
  data.validation = two_channels();
  data.test = two_channels();
  for (float& pixel : data.test.pixels)
    pixel += 1;
  trainer::standardize(data);

  const auto train = trainer::measure_channels(data.train);
  CHECK(std::abs(train[0].mean) < 1e-6);
  CHECK(std::abs(train[0].deviation - 1) < 1e-6);
  CHECK(std::abs(train[1].mean) < 1e-6);
  CHECK(data.validation.pixels == data.train.pixels);
  const auto test = trainer::measure_channels(data.test);
  CHECK(std::abs(test[0].mean - 1 / std::sqrt(3.5)) < 1e-6);
  CHECK(std::abs(test[1].mean - 1) < 1e-6);
}
