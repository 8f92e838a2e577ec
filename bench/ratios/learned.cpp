// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Quantizers with learned ranges, on four bits, against the loop that moves the same bytes.

#include <bench/ratios/compare.hpp>
#include <bench/support/methods.hpp>
#include <bench/support/same_bytes.hpp>

namespace bench {

namespace {

struct learned {
  options const& o;
  tensors<float>& t;

  template <class Q>
  void forward(char const* name, Q q) const {
    auto const ours = quantize(q);
    compare(
        o, {"learned", name, "scaled copy", "float", t.size(), t.threads, 8}, [&] { ours(t); },
        [&] { scaled_copy(t); });
  }
  template <class Q>
  void back(char const* name, Q q) const {
    auto const ours = backward(q);
    compare(
        o, {"learned", name, "multiply-add", "float", t.size(), t.threads, 16}, [&] { ours(t); },
        [&] { multiply_add(t); });
  }

  void rounding() const {
    forward("quantize/lsq", lsq());
    forward("quantize/semi_relaxed", semi_relaxed());
    back("backward/lsq", lsq());
    back("backward/semi_relaxed", semi_relaxed());
  }
  void level_by_level() const {
    back("backward/semi_relaxed, all classes", semi_relaxed<detent::relaxed_classes::all>());
    forward("quantize/relaxed, 5 levels", relaxed(true));
    forward("quantize/relaxed, 16 levels", relaxed(false));
    forward("quantize/drop_bits", drop_bits());
    back("backward/relaxed, 5 levels", relaxed(true));
    back("backward/relaxed, 16 levels", relaxed(false));
    back("backward/drop_bits", drop_bits());
  }
};

}  // namespace

void compare_learned(options const& o) {
  for (int const threads : thread_counts) {
    for (std::size_t const size : {std::size_t{1} << 16, std::size_t{1} << 25}) {
      if (!o.has(size)) continue;
      tensors<float> t(size, threads);
      learned const rows{o, t};
      rows.rounding();
      // Far from the memory's speed at any size.
      if (size == std::size_t{1} << 16) rows.level_by_level();
    }
  }
}

}  // namespace bench
