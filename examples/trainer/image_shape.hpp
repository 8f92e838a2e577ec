// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once

// The shape of one image as the data side and the models agree on it.

namespace detent_trainer {

struct image_shape {
  int channels = 1;
  int height = 28;
  int width = 28;
};

}  // namespace detent_trainer
