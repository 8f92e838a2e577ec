// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The 161 tensors of ResNet-50 in one call against one flat tensor of the same weights.

#include <bench/ratios/compare.hpp>
#include <bench/support/resnet50.hpp>

namespace bench {

void compare_layers(options const& o) {
  if (!o.has(resnet50_weights)) return;
  for (int const threads : thread_counts) {
    resnet50 network(threads);
    auto& t = network.flat();
    auto const row = [&](char const* name, double bytes, auto layers, auto flat) {
      compare(o, {"layers", name, "one flat tensor", "float", t.size(), threads, bytes}, layers,
              flat);
    };
    auto const one_penalty = penalty(bounded());
    auto const one_accumulate = accumulate(bounded());
    auto const one_quantize = quantize(rounding());
    row(
        "accumulate/bounded", 12, [&] { return network.accumulate(); },
        [&] { return one_accumulate(t); });
    row(
        "penalty/bounded", 4, [&] { return network.penalty(); }, [&] { return one_penalty(t); });
    row(
        "quantize/rounding", 8, [&] { network.quantize(); }, [&] { one_quantize(t); });
  }
}

}  // namespace bench
