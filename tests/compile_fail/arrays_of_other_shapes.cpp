// expect: the containers have different shapes
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Five rows of seven are not seven rows of five.

#include <detent/detent.hpp>

double loss(float const (&w)[5][7], float (&g)[7][5]) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
