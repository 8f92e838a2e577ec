// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The one exception type of the trainer: a single line for the person at the terminal.

#include <stdexcept>

namespace detent_trainer {

/// A failure that the user can act on: a bad file, a bad value, a missing folder. The message is
/// one line and names the file and offset, or the argument with its allowed range.
struct error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace detent_trainer
