// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What a model gets right, and the images that its activations are calibrated on.

#include <detent/grid/bits.hpp>
#include <string_view>

#include <trainer/data/dataset.hpp>

namespace detent_trainer {

class model;

/// Share of the images of a set that the model gets right; NaN where the set is empty.
double accuracy(model& m, const image_set& images);

/// Shows the model the first training images, so that its rectifiers hold what they put out.
void show_training_images(model& m, const dataset& data);

/// Rounds the activations from now on, each rectifier's range by what it put out last.
/// @param  range  as of range_of
void round_activations(model& m, detent::bits bits, std::string_view range);

}  // namespace detent_trainer
