// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// accumulate against what one would write without the library, on one thread.

#include <bench/ratios/compare.hpp>
#include <bench/support/eigen_expressions.hpp>
#include <bench/support/methods.hpp>
#include <bench/support/raw_loops.hpp>

namespace bench {

namespace {

template <class R>
void compare_method(options const& o, char const* name, R reg, std::size_t size) {
  tensors<float> t(size);
  auto const ours = accumulate(reg);
  subject s{"loops", name, "std::sin loop", "float", size, 1, 12};
  compare(
      o, s, [&] { return ours(t); }, [&] { return raw::accumulate(t); });
  s.reference = "Eigen";
  compare(
      o, s, [&] { return ours(t); }, [&] { return eigen::accumulate(t); });
}

}  // namespace

void compare_loops(options const& o) {
  for (std::size_t const size : {std::size_t{1} << 16, std::size_t{1} << 22}) {
    if (!o.has(size)) continue;
    compare_method(o, "accumulate/bounded", bounded(), size);
    compare_method(o, "accumulate/periodic", periodic(), size);
  }
}

}  // namespace bench
