// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Batches: order, determinism, the last batch, augmentation.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <set>
#include <trainer/data/batches.hpp>
#include <trainer/data/dataset.hpp>
#include <trainer/data_files.hpp>
#include <vector>

namespace trainer = detent_trainer;
using trainer::batch_use;
using trainer::batches;

namespace {

/// Images whose every pixel is distinct and at least 1.
trainer::image_set numbered(std::size_t count, trainer::image_shape shape) {
  trainer::image_set set;
  set.shape = shape;
  set.labels = data_files::cycling_labels(count);
  set.pixels.resize(count * set.pixels_per_image());
  std::iota(set.pixels.begin(), set.pixels.end(), 1.0F);
  return set;
}

std::vector<std::uint32_t> epoch_order(batches& from, std::uint64_t epoch) {
  from.start_epoch(epoch);
  std::vector<std::uint32_t> order;
  for (std::size_t b = 0; b < from.count(); ++b) {
    const auto chosen = from.indices(b);
    order.insert(order.end(), chosen.begin(), chosen.end());
  }
  return order;
}

}  // namespace

TEST_CASE("batches: training visits every image once and drops the partial batch") {
  const trainer::image_set set = numbered(103, {1, 2, 2});
  batches from{set, 10, 1};
  CHECK(from.count() == 10);
  const auto order = epoch_order(from, 0);
  CHECK(order.size() == 100);
  CHECK(std::set<std::uint32_t>(order.begin(), order.end()).size() == 100);
  CHECK(*std::max_element(order.begin(), order.end()) < 103);
  CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("batches: evaluation goes in order and keeps the partial batch") {
  const trainer::image_set set = numbered(23, {1, 2, 2});
  batches from{set, 10, 1, batch_use::evaluation};
  CHECK(from.count() == 3);
  CHECK(from.indices(2).size() == 3);
  std::vector<std::uint32_t> expected(23);
  std::iota(expected.begin(), expected.end(), 0U);
  CHECK(epoch_order(from, 5) == expected);
  CHECK(batches{set, 100, 1, batch_use::evaluation}.count() == 1);
  CHECK(batches{set, 23, 1, batch_use::evaluation}.count() == 1);
}

TEST_CASE("batches: the order depends on seed and epoch, not on what came before") {
  const trainer::image_set set = numbered(100, {1, 2, 2});
  batches first{set, 10, 1};
  const auto epoch3 = epoch_order(first, 3);
  const auto epoch4 = epoch_order(first, 4);
  CHECK(epoch3 != epoch4);
  CHECK(epoch_order(first, 3) == epoch3);
  batches second{set, 10, 1};
  CHECK(epoch_order(second, 4) == epoch4);
  batches other{set, 10, 2};
  CHECK(epoch_order(other, 3) != epoch3);
}

TEST_CASE("batches: every image comes first equally often") {
  const trainer::image_set set = numbered(5, {1, 1, 1});
  batches from{set, 5, 1};
  std::vector<int> times(5);
  constexpr int epochs = 5000;
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch)
    ++times[epoch_order(from, epoch)[0]];
  // Five deviations: sqrt(5000 · 0.2 · 0.8) is 28.
  for (const int count : times)
    CHECK(std::abs(count - epochs / 5) < 5 * 29);
}

TEST_CASE("batches: fill copies pixels and labels, of any integer type") {
  const trainer::image_set set = numbered(23, {2, 2, 3});
  batches from{set, 10, 1, batch_use::evaluation};
  std::vector<float> pixels(120, -1.0F);
  std::vector<int> labels(10, -1);
  CHECK(from.fill(1, pixels.data(), labels.data()) == 10);
  CHECK(std::equal(pixels.begin(), pixels.end(), set.image(10)));
  for (std::size_t i = 0; i < 10; ++i)
    CHECK(labels[i] == static_cast<int>(i));
  std::vector<std::uint8_t> small(10, 99);
  CHECK(from.fill(2, pixels.data(), small.data()) == 3);
  CHECK(small[2] == 2);
  CHECK(small[3] == 99);
  batches shuffled{set, 10, 1};
  shuffled.fill(0, pixels.data(), labels.data());
  for (std::size_t i = 0; i < 10; ++i) {
    const std::uint32_t index = shuffled.indices(0)[i];
    CHECK(labels[i] == static_cast<int>(set.labels[index]));
    CHECK(pixels[12 * i] == set.image(index)[0]);
  }
}

TEST_CASE("batches: reject batch sizes that make no batch") {
  const trainer::image_set set = numbered(5, {1, 2, 2});
  const auto refusal = [&set](std::size_t size, batch_use use) {
    return data_files::message_of([&] { batches{set, size, 1, use}; });
  };
  CHECK(refusal(0, batch_use::training) ==
        "batch size: 0, allowed are 1 to 5 (the number of images)");
  CHECK(refusal(6, batch_use::training) ==
        "batch size: 6, allowed are 1 to 5 (the number of images)");
  CHECK(refusal(6, batch_use::augmented_training).starts_with("batch size: 6"));
  CHECK(refusal(0, batch_use::evaluation) == "batch size: 0, at least 1 is needed");
  CHECK(refusal(5, batch_use::training) == "(nothing thrown)");
  CHECK(refusal(6, batch_use::evaluation) == "(nothing thrown)");
}

TEST_CASE("batches: augmentation shifts colour by up to 4 pixels and mirrors, all channels alike") {
  constexpr int height = 9;
  constexpr int width = 11;
  constexpr int plane = height * width;
  const trainer::image_set set = numbered(1, {2, height, width});
  batches from{set, 1, 1, batch_use::augmented_training};
  std::vector<float> pixels(2 * plane);
  int label = -1;
  std::set<std::vector<int>> seen;
  for (std::uint64_t epoch = 0; epoch < 3000; ++epoch) {
    from.start_epoch(epoch);
    from.fill(0, pixels.data(), &label);
    // The middle is always filled from inside, and pixel values tell where from.
    const int source = static_cast<int>(pixels[4 * width + 5]) - 1;
    const int beside = static_cast<int>(pixels[4 * width + 6]) - 1;
    REQUIRE(source >= 0);
    const int direction =
        beside >= 0 ? beside - source : source - (static_cast<int>(pixels[4 * width + 4]) - 1);
    REQUIRE(std::abs(direction) == 1);
    const int source_y = source / width;
    const int source_x = source % width;
    seen.insert({source_y - 4, source_x - 5, direction});
    std::size_t wrong = 0;
    for (int c = 0; c < 2; ++c) {
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          const int sy = source_y + y - 4;
          const int sx = source_x + direction * (x - 5);
          const bool inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
          const float expected =
              inside ? static_cast<float>(c * plane + sy * width + sx + 1) : 0.0F;
          if (pixels[static_cast<std::size_t>(c * plane + y * width + x)] != expected) ++wrong;
        }
      }
    }
    REQUIRE(wrong == 0);
  }
  // 9 · 9 shifts, each plain and mirrored; all are drawn in so many epochs, and no others.
  CHECK(seen.size() == 162);
}

TEST_CASE("batches: characters are shifted by up to 2 pixels, their edge continued, not mirrored") {
  constexpr int height = 6;
  constexpr int width = 7;
  const trainer::image_set set = numbered(1, {1, height, width});
  batches from{set, 1, 1, batch_use::augmented_training};
  std::vector<float> pixels(set.pixels_per_image());
  int label = -1;
  std::set<std::vector<int>> seen;
  for (std::uint64_t epoch = 0; epoch < 500; ++epoch) {
    from.start_epoch(epoch);
    from.fill(0, pixels.data(), &label);
    const int source = static_cast<int>(pixels[2 * width + 2]) - 1;
    const int down = 2 - source / width;
    const int right = 2 - source % width;
    seen.insert({down, right});
    std::size_t wrong = 0;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const int sy = std::clamp(y - down, 0, height - 1);
        const int sx = std::clamp(x - right, 0, width - 1);
        const auto at = static_cast<std::size_t>(y * width + x);
        if (pixels[at] != static_cast<float>(sy * width + sx + 1)) ++wrong;
      }
    }
    REQUIRE(wrong == 0);
  }
  CHECK(seen.size() == 25);
}

TEST_CASE("batches: augmentation depends on seed, epoch and image alone") {
  const trainer::image_set set = numbered(40, {3, 8, 8});
  const auto augmented = [&set](std::size_t batch_size, std::uint64_t seed, std::uint64_t epoch) {
    batches from{set, batch_size, seed, batch_use::augmented_training};
    from.start_epoch(epoch);
    const std::size_t size = set.pixels_per_image();
    std::vector<float> pixels(batch_size * size);
    std::vector<int> labels(batch_size);
    std::vector<std::vector<float>> images(set.size());
    for (std::size_t b = 0; b < from.count(); ++b) {
      from.fill(b, pixels.data(), labels.data());
      for (std::size_t i = 0; i < batch_size; ++i) {
        const auto first = pixels.begin() + static_cast<std::ptrdiff_t>(i * size);
        images[from.indices(b)[i]].assign(first, first + static_cast<std::ptrdiff_t>(size));
      }
    }
    return images;
  };
  CHECK(augmented(10, 1, 2) == augmented(20, 1, 2));
  CHECK(augmented(10, 1, 2) != augmented(10, 1, 3));
  CHECK(augmented(10, 1, 2) != augmented(10, 2, 2));
}
