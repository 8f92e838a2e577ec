// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The models of the trainer by name.

#include <array>
#include <cstdint>
#include <string_view>

#include <trainer/image_shape.hpp>
#include <trainer/nn/model.hpp>

namespace detent_trainer {

inline constexpr std::array<std::string_view, 4> model_names{"mlp", "lenet5", "simplenet",
                                                             "resnet20"};

/// Builds a model with random weights, normal numbers by fan-in; biases are 0.
///
/// @param  name     one of model_names
/// @param  input    shape of the images; sides from 16 pixels fit every model
/// @param  seed     the same seed gives the same weights
/// Errors: `error` for another name, a shape that is too small, or less than two classes.
model make_model(std::string_view name, image_shape input, int classes, std::uint64_t seed);

}  // namespace detent_trainer
