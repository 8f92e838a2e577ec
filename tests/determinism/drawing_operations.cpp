// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Quantizers that look at many levels, on tensors.

#include <determinism/hashes.hpp>

namespace determinism {

namespace {

using namespace detent;

template <class W, class Q>
void both_ways(hashes& h, any_executor& executor, Q const& q) {
  for (std::size_t const n : {std::size_t{70}, std::size_t{17000}}) {
    auto const w = weights<W>(n, n), above = weights<W>(n, n + 2);
    std::vector<W> out(n), g(n, W(0.5));
    quantize(on(executor), q, w, out);
    h("quantize", out);
    h("backward", backward(on(executor), q, w, above, g), g);
  }
}

}  // namespace

void drawing_operations(hashes& h, any_executor& executor) {
  auto const grid = twos_complement_grid(bits{4}, step_size{0.2});
  relaxed_options const options{.temperature = 0.7, .local = 2};
  both_ways<float>(h, executor, relaxed<>(grid, 0.07, {1, 2, 3}, options));
  both_ways<float>(h, executor, relaxed<relaxed_output::straight_through>(grid, 0.05, {1, 2, 4}));
  both_ways<float>(h, executor, semi_relaxed<>(grid, 0.06));
  both_ways<double>(h, executor, semi_relaxed<relaxed_classes::all>(grid, 0.06));
  both_ways<float>(h, executor, drop_bits<2>(bits{4}, step_size{0.2}, 0.05, {0.9, 0.3}));
}

}  // namespace determinism
