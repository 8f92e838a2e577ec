// expect: pass std::span.t.host.., t.size..
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Which of dlib::tensor's two copies is meant has to be said.

#include <cstddef>
#include <detent/detent.hpp>

struct tensor {
  float* host() const;
  float* device() const;
  float* begin() const;
  float* end() const;
  std::size_t size() const;
};

double loss(tensor const& w, tensor& g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
