// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Shuffling an epoch, and shifting and mirroring its images.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include <trainer/data/batches.hpp>
#include <trainer/data/dataset.hpp>
#include <trainer/data/random.hpp>
#include <trainer/error.hpp>

namespace detent_trainer {

batches::batches(const image_set& images, std::size_t batch_size, std::uint64_t seed, batch_use use)
    : images_{&images}, batch_size_{batch_size}, seed_{seed}, use_{use}, order_(images.size()) {
  if (batch_size == 0 && use == batch_use::evaluation) {
    throw error{"batch size: 0, at least 1 is needed"};
  }
  if (batch_size == 0 || (use != batch_use::evaluation && batch_size > images.size())) {
    throw error{"batch size: " + std::to_string(batch_size) + ", allowed are 1 to " +
                std::to_string(images.size()) + " (the number of images)"};
  }
  start_epoch(0);
}

void batches::start_epoch(std::uint64_t epoch) {
  epoch_ = epoch;
  std::iota(order_.begin(), order_.end(), 0U);
  if (use_ == batch_use::evaluation) return;
  counter_random random{seed_, epoch, shuffle_index};
  for (std::size_t left = order_.size(); left > 1; --left) {
    std::swap(order_[left - 1], order_[random.below(static_cast<std::uint32_t>(left))]);
  }
}

std::size_t batches::count() const {
  const std::size_t whole = order_.size() / batch_size_;
  const bool partial = use_ == batch_use::evaluation && order_.size() % batch_size_ != 0;
  return whole + (partial ? 1 : 0);
}

std::span<const std::uint32_t> batches::indices(std::size_t batch) const {
  const std::size_t first = batch * batch_size_;
  return std::span{order_}.subspan(first, std::min(batch_size_, order_.size() - first));
}

void batches::copy(std::size_t index, float* to) const {
  const float* from = images_->image(index);
  if (use_ != batch_use::augmented_training) {
    std::copy_n(from, images_->pixels_per_image(), to);
    return;
  }
  counter_random random{seed_, epoch_, index};
  const int most = shows_characters() ? largest_character_shift : largest_shift;
  const auto shift = [&] {
    return static_cast<int>(random.below(2 * static_cast<std::uint32_t>(most) + 1)) - most;
  };
  const int right = shift();
  const int down = shift();
  const bool mirror = !shows_characters() && random.below(2) == 1;
  for (int channel = 0; channel < images_->shape.channels; ++channel) {
    copy_shifted(from, to, right, down, mirror);
    from += images_->plane();
    to += images_->plane();
  }
}

void batches::copy_shifted(const float* from, float* to, int right, int down, bool mirror) const {
  const int height = images_->shape.height;
  const int width = images_->shape.width;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x, ++to) {
      int source_x = (mirror ? width - 1 - x : x) - right;
      int source_y = y - down;
      if (shows_characters()) {
        source_x = std::clamp(source_x, 0, width - 1);
        source_y = std::clamp(source_y, 0, height - 1);
      }
      const bool inside = source_x >= 0 && source_x < width && source_y >= 0 && source_y < height;
      *to = inside ? from[source_y * width + source_x] : 0.0F;
    }
  }
}

}  // namespace detent_trainer
