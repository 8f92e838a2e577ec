// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The options of the program.

#include <optional>
#include <string>

#include "settings.hpp"

namespace cuda_mlp {

struct options {
  settings training;
  std::string mnist;  ///< a folder, or empty for glyphs
  bool tf32 = false;
  double least = 0;  ///< accuracy below which the program fails, in percent
};

/// Reads the command line. Absent where there is nothing to do, `status` being the exit status
/// then: after --help, or a mistake that has been named.
std::optional<options> read_options(int argc, char** argv, int& status);

}  // namespace cuda_mlp
