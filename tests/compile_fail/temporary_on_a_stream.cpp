// expect: a stream runs later than this expression, which destroys the container
// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A stream keeps pointers: a temporary would be gone before its kernels run.

#include <cstddef>
#include <detent/cuda/device_span.cuh>

struct device_pointer {
  float* get() const;
};
struct device_vector {
  ~device_vector();
  device_pointer data() const;
  std::size_t size() const;
};

auto weights() {
  return detent::cuda::device_span{device_vector{}};
}
