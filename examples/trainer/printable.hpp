// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Text from outside, made fit for a terminal.

#include <string>
#include <string_view>

namespace detent_trainer {

/// The text without anything that steers a terminal or is no text.
///
/// Control characters (C0, DEL, C1), marks that reverse the direction of writing, line separators,
/// and bytes that are no UTF-8 become `\xNN`, one a byte; all else, the backslash too, stays as it
/// is. File names, names inside data files, and words of the command line pass through here on
/// their way to the standard output or standard error.
std::string printable(std::string_view text);

}  // namespace detent_trainer
