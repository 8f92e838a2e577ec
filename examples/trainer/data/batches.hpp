// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Batches of an image set: a fresh deterministic order for every epoch, and light augmentation.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <trainer/data/dataset.hpp>

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
          batch_use use = batch_use::training);

  /// Shuffles for an epoch, whatever epochs came before.
  void start_epoch(std::uint64_t epoch);

  /// Batches in an epoch.
  std::size_t count() const;

  std::size_t batch_size() const { return batch_size_; }

  /// The images of a batch.   @param  batch  below count()
  std::span<const std::uint32_t> indices(std::size_t batch) const;

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

  void copy(std::size_t index, float* to) const;
  void copy_shifted(const float* from, float* to, int right, int down, bool mirror) const;

  const image_set* images_;
  std::size_t batch_size_;
  std::uint64_t seed_;
  batch_use use_;
  std::uint64_t epoch_ = 0;
  std::vector<std::uint32_t> order_;
};

}  // namespace detent_trainer
