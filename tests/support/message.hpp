// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The message of an exception, so that a test can ask what it names.

#include <string>
#include <string_view>

namespace detent_test {

/// The message of the `Error` that f() throws; what else it does, said in words.
template <class Error, class F>
std::string message_of(F const& f) {
  try {
    static_cast<void>(f());
  } catch (Error const& e) {
    return e.what();
  } catch (...) {
    return "(another type was thrown)";
  }
  return "(nothing was thrown)";
}

/// Whether every part occurs in the message.
template <class... Parts>
bool mentions(std::string_view message, Parts... parts) {
  return ((message.find(parts) != std::string_view::npos) && ...);
}

}  // namespace detent_test
