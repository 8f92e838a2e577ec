// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The embedded data set: ten classes of stroke-drawn digits, distorted, noisy and cluttered.

#include <cstddef>
#include <cstdint>

#include <trainer/data/dataset.hpp>

namespace detent_trainer {

/// How hard the glyphs are: each knob bounds one random distortion, and 0 turns it off.
///
/// With the defaults lenet5 in full precision reaches 95 to 97 % after a few epochs on 4,000
/// images. With two-bit weights, two epochs more at a constant learning rate in batches of 128,
/// DoReFa is five points below and WRPN one (three seeds: 90.9 and 94.9 against 95.7 %); simplenet,
/// in batches of 32 at a rate of 0.005, is four and two points below (93.1 and 95.2 against 97.1
/// %).
struct glyph_difficulty {
  float rotation = 0.25F;    ///< largest angle, radians either way
  float shear = 0.25F;       ///< largest slant, pixels sideways per pixel of height
  float scale = 0.18F;       ///< largest change of width and, apart from it, of height
  float shift = 2.0F;        ///< largest translation along each axis, pixels
  float jitter = 0.08F;      ///< largest move of a control point, in half heights of a digit
  float width = 0.35F;       ///< largest relative change of the stroke width
  float contrast = 0.50F;    ///< largest loss of the ink's brightness, of 1
  float background = 0.15F;  ///< brightest background, of 1
  float noise = 0.18F;       ///< largest deviation of the noise of a pixel, of 1
  int clutter = 14;          ///< most distracting strokes
  float occlusion = 0.0F;    ///< probability that a band hides part of the digit
};

/// Draws `count` images of 1 x 28 x 28 pixels in 0 to 1, not yet standardized.
///
/// Image i has label i mod 10, so that every prefix is balanced, and depends on
/// (seed, stream, i, difficulty) alone.
/// @param  stream  separates parts: train, validation and test use 0, 1 and 2
image_set make_glyphs(std::size_t count, std::uint64_t seed, std::uint64_t stream,
                      const glyph_difficulty& difficulty = {});

}  // namespace detent_trainer
