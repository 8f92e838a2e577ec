// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// accumulate_on_host: what the host makes of the same bytes, compiled without CUDA.

#include <cstddef>

namespace bench {

/// Element types by name: the host's half is not CUDA's, but has its bits.
enum class number { float32, float64, half, bfloat16 };

/// `accumulate` of `bounded()`: adds to g, returns the value.
double accumulate_on_host(number of_w, number of_g, void const* w, void* g, std::size_t size,
                          double scale);

}  // namespace bench
