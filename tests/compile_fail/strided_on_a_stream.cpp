// expect: this container has strides, or may be a view of another one's elements: pass *device_span.data, size.
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A view of device memory with a stride.

#include <cstddef>
#include <detent/cuda/device_span.cuh>

struct view {
  float* data() const;
  int size() const;
  int stride() const;
};

auto weights(view const& w) {
  return detent::cuda::device_span{w};
}
