// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// A program that compiles fast, for the projects whose matter is CMake.

#include <detent/grid/convention.hpp>

int main() {
  return detent::dorefa_grid(detent::bits{2}).size() == 4 ? 0 : 1;
}
