// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
//
// Code that untagged_code.sh must find: a function of the standard library that works on numbers.

#include <algorithm>

void fill(double* to, double value) {
  std::fill_n(to, 100, value);
}

double sum(double const* from) {
  return from[0] + from[1];
}
