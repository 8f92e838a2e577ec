// expect: nothing shows that the elements of this container lie one after another: pass std::span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// OpenCV's images have data of bytes, and rows that may be padded.

#include <detent/detent.hpp>

struct image {
  unsigned char* data;
  int rows, cols;
};

double largest(image const& w) {
  return detent::reduce(detent::seq, detent::magnitude{}, w).maximum();
}
