// expect: (could not convert|no known conversion|no viable conversion|invalid initialization).*bits
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A plain number could be bits, levels or a step.

#include <detent/detent.hpp>

auto const grid = detent::dorefa_grid(3);
