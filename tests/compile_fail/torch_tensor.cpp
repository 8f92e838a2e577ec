// expect: std::span.t.data_ptr<float>.., t.numel..
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A tensor of LibTorch may be strided, of another type, or on a device.

#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>

struct tensor {
  template <class T>
  T* data_ptr() const;
  std::int64_t numel() const;
  std::int64_t size(std::int64_t dimension) const;
  std::int64_t stride(std::int64_t dimension) const;
};

double loss(tensor const& w, tensor& g) {
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  return detent::accumulate(reg, w, g, 1.0).value;
}
