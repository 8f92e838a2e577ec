// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// accumulate by other regularizers and element types, and the lambda against the written functor.

#include <bench/ratios/compare.hpp>
#include <bench/support/methods.hpp>
#include <bench/support/same_bytes.hpp>

namespace bench {

namespace {

constexpr std::size_t in_cache = std::size_t{1} << 16, in_memory = std::size_t{1} << 25;

/// The axpy is in float or double; of 16-bit weights it has as many as move the same bytes.
template <class T, class R>
void compare_type(options const& o, char const* name, R reg) {
  using plain = std::conditional_t<sizeof(T) == 2, float, T>;
  constexpr std::size_t bytes = sizeof(T) + 2 * sizeof(gradient_of<T>);
  for (std::size_t const size : {in_cache, in_memory}) {
    if (!o.has(size)) continue;
    tensors<T> t(size);
    tensors<plain> same(size * bytes / (3 * sizeof(plain)));
    auto const ours = accumulate(reg);
    compare(
        o, {"methods", name, "axpy", name_of<T>, size, 1, bytes}, [&] { return ours(t); },
        [&] { axpy(same); });
  }
}

}  // namespace

void compare_methods(options const& o) {
  for_each_type(elements(),
                [&]<class T>() { compare_type<T>(o, "accumulate/bounded", bounded()); });
  compare_type<float>(o, "accumulate/periodic", periodic());
  compare_type<float>(o, "accumulate/tanh", through_tanh());
  compare_type<float>(o, "accumulate/lambda", lambda());
  for (std::size_t const size : {in_cache, in_memory}) {
    if (!o.has(size)) continue;
    tensors<float> t(size);
    auto const ours = accumulate(lambda());
    auto const written = accumulate(hand_written());
    compare(
        o, {"lambda", "accumulate/lambda", "hand-written functor", "float", size, 1, 12},
        [&] { return ours(t); }, [&] { return written(t); });
  }
}

}  // namespace bench
