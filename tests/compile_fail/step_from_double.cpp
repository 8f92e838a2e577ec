// expect: (could not convert|no known conversion|no viable conversion|invalid initialization).*step_size
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A step says that it is one.

#include <detent/detent.hpp>

auto const grid = detent::twos_complement_grid(detent::bits{4}, 0.1);
