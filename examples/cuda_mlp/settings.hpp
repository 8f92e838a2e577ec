// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// settings: what is trained and for how long.

#include <cstdint>
#include <vector>

namespace cuda_mlp {

struct settings {
  std::vector<unsigned> hidden{256, 128};
  unsigned classes = 10;
  unsigned batch = 128;
  int epochs = 20;        ///< in full precision
  int finetuning = 10;    ///< further epochs of every network that is compared
  double rate = 0.05;     ///< a quarter of it in finetuning
  double strength = 0.1;  ///< λ when it has risen
  std::uint64_t seed = 1;
};

}  // namespace cuda_mlp
