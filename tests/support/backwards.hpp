// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// An executor that takes the chunks in another order than one thread does, with or without OpenMP.

#include <cstddef>

namespace detent_test {

/// The chunks in reverse order.
struct backwards {
  template <class F>
  void bulk(std::size_t count, F f) const {
    while (count > 0)
      f(--count);
  }
};

}  // namespace detent_test
