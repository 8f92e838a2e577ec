// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Every verb against the loop that moves the same bytes.

#include <bench/ratios/compare.hpp>
#include <bench/support/methods.hpp>
#include <bench/support/same_bytes.hpp>

namespace bench {

namespace {

struct verbs {
  options const& o;
  tensors<float>& t;

  template <class Ours, class Reference>
  void row(char const* name, char const* reference_name, double bytes, Ours ours,
           Reference reference) const {
    compare(
        o, {"verbs", name, reference_name, "float", t.size(), t.threads, bytes},
        [&] { return ours(t); }, [&] { reference(t); });
  }

  void all() const {
    row("accumulate/bounded", "axpy", 12, accumulate(bounded()), axpy<float>);
    row("penalty/bounded", "sum", 4, penalty(bounded()), sum<float>);
    row("quantize/rounding", "scaled copy", 8, quantize(rounding()), scaled_copy<float>);
    row("quantize/dorefa", "scaled copy", 8, quantize(dorefa()), scaled_copy<float>);
    row("backward/rounding", "multiply-add", 16, backward(rounding()), multiply_add<float>);
    row("backward/dorefa", "multiply-add", 16, backward(dorefa()), multiply_add<float>);
    row("reduce/magnitude", "sum", 4, reduce(detent::magnitude()), sum<float>);
    row("snap", "scaling in place", 8, snap(), scale_in_place<float>);
    row("snap/packed codes", "scaling in place", 8.375, snap_packed(), scale_in_place<float>);
  }
};

}  // namespace

void compare_verbs(options const& o) {
  for (int const threads : thread_counts) {
    for (std::size_t const size : {std::size_t{1} << 16, std::size_t{1} << 25}) {
      if (!o.has(size)) continue;
      tensors<float> t(size, threads);
      verbs{o, t}.all();
    }
  }
}

}  // namespace bench
