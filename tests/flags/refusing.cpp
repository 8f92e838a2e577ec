// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
//
// A refused argument without exceptions. With OWN_THROW the program's own definition takes it.

#if defined(OWN_THROW)
#include <cstdio>
#include <cstdlib>
#include <exception>

[[noreturn]] void stop(std::exception const& e) {
  std::printf("own: %s\n", e.what());
  std::fflush(stdout);
  std::_Exit(3);
}
#define DETENT_THROW(exception) stop(exception)
#endif

#include <detent/detent.hpp>

int main(int argc, char**) {
  detent::bits const b(argc + 40);
  return b.count();
}
