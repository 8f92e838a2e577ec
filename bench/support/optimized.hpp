// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// refuses_debug: a Debug build does not measure.

#include <cstdio>

namespace bench {

/// True, with a message, where the program was built without optimization or with assertions.
inline bool refuses_debug() {
#if defined(__OPTIMIZE__) && defined(NDEBUG)
  return false;
#else
  std::fputs("benchmark: this is a Debug build, its times mean nothing; build Release\n", stderr);
  return true;
#endif
}

}  // namespace bench
