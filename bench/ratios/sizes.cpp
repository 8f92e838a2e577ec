// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// accumulate against the axpy of the same bytes: all sizes, threads, and instruction sets in cache.

#include <bench/ratios/compare.hpp>
#include <bench/support/methods.hpp>
#include <bench/support/same_bytes.hpp>

namespace bench {

namespace {

void compare_with_axpy(options const& o, char const* group, std::size_t size, int threads) {
  tensors<float> t(size, threads);
  auto const ours = accumulate(bounded());
  compare(
      o, {group, "accumulate/bounded", "axpy", "float", size, threads, 12}, [&] { return ours(t); },
      [&] { axpy(t); });
}

void compare_isas(options const& o) {
  auto const best = detent::active_isa();
  for (auto const level : {detent::isa::avx512, detent::isa::avx2, detent::isa::baseline}) {
    detent::limit_isa(level);
    if (detent::active_isa() != level) continue;
    for (std::size_t const size : {std::size_t{1} << 11, std::size_t{1} << 16}) {
      if (o.has(size)) compare_with_axpy(o, "isa", size, 1);
    }
  }
  detent::limit_isa(best);
}

}  // namespace

void compare_sizes(options const& o) {
  for (int const threads : thread_counts) {
    for (int const power : {10, 12, 14, 16, 18, 20, 22, 24, 25, 26}) {
      std::size_t const size = std::size_t{1} << power;
      if (o.has(size)) compare_with_axpy(o, "sizes", size, threads);
    }
  }
  compare_isas(o);
}

}  // namespace bench
