// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Batches of an image set: a fresh deterministic order for every epoch, and light augmentation.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <trainer/data/dataset.hpp>
#include <trainer/data/random.hpp>
#include <trainer/error.hpp>

namespace detent_trainer {

/// What the batches are for.
enum class batch_use {
  training,            ///< shuffled for every epoch, the last partial batch dropped
  augmented_training,  ///< the same, and every image shifted, and maybe mirrored
  evaluation,          ///< in order, the last batch may be smaller
};

/// Cuts an image set into batches; refers to the set, which must outlive it.
///
/// The order depends on (seed, epoch), the augmentation of an image on (seed, epoch, index) alone.
/// Images in colour are shifted by up to 4 pixels and mirrored half of the time; what comes in from
/// outside is 0, the mean of standardized images. Characters, which are images of one channel, are
/// shifted by up to 2 pixels: mirrored they would be others. There the edge is continued.
class batches {
 public:
  static constexpr int largest_shift = 4;
  static constexpr int largest_character_shift = 2;

  /// Starts in epoch 0.
  /// Errors: `error` if batch_size is 0, or in training above the number of images.
  batches(const image_set& images, std::size_t batch_size, std::uint64_t seed,
          batch_use use = batch_use::training)
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

  /// Shuffles for an epoch, whatever epochs came before.
  void start_epoch(std::uint64_t epoch) {
    epoch_ = epoch;
    std::iota(order_.begin(), order_.end(), 0U);
    if (use_ == batch_use::evaluation) return;
    counter_random random{seed_, epoch, shuffle_index};
    for (std::size_t left = order_.size(); left > 1; --left) {
      std::swap(order_[left - 1], order_[random.below(static_cast<std::uint32_t>(left))]);
    }
  }

  /// Batches in an epoch.
  std::size_t count() const {
    const std::size_t whole = order_.size() / batch_size_;
    const bool partial = use_ == batch_use::evaluation && order_.size() % batch_size_ != 0;
    return whole + (partial ? 1 : 0);
  }

  std::size_t batch_size() const { return batch_size_; }

  /// The images of a batch.   @param  batch  below count()
  std::span<const std::uint32_t> indices(std::size_t batch) const {
    const std::size_t first = batch * batch_size_;
    return std::span{order_}.subspan(first, std::min(batch_size_, order_.size() - first));
  }

  /// Copies the images of a batch one after the other, and their labels.
  ///
  /// @param  batch  below count()
  /// @param  pixels, labels  room for batch_size() images and as many labels of an integer type
  /// @return  how many images were written
  template <typename Label>
  std::size_t fill(std::size_t batch, float* pixels, Label* labels) const {
    const std::span<const std::uint32_t> chosen = indices(batch);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      copy(chosen[i], pixels + i * images_->pixels_per_image());
      labels[i] = static_cast<Label>(images_->labels[chosen[i]]);
    }
    return chosen.size();
  }

 private:
  // No image has this index, so the shuffle shares no random numbers with any augmentation.
  static constexpr std::uint64_t shuffle_index = UINT64_MAX;

  bool shows_characters() const { return images_->shape.channels == 1; }

  void copy(std::size_t index, float* to) const {
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

  void copy_shifted(const float* from, float* to, int right, int down, bool mirror) const {
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

  const image_set* images_;
  std::size_t batch_size_;
  std::uint64_t seed_;
  batch_use use_;
  std::uint64_t epoch_ = 0;
  std::vector<std::uint32_t> order_;
};

}  // namespace detent_trainer
