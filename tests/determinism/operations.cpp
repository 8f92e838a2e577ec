// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Operations on tensors: one tensor, lists, channels, of every element type.

#include <determinism/hashes.hpp>

namespace determinism {

namespace {

using namespace detent;

template <class W, class G, class R>
void accumulate_of(hashes& h, any_executor& executor, R const& reg,
                   char const* name = "accumulate") {
  for (std::size_t const n : sizes) {
    auto const w = weights<W>(n, n);
    auto g = weights<G>(n, n + 1);
    auto const r = accumulate(on(executor), reg, w, g, 0.37);
    h(name, r, g);
  }
}

template <class W, class Q>
void quantize_of(hashes& h, any_executor& executor, Q const& q) {
  for (std::size_t const n : sizes) {
    auto const w = weights<W>(n, n), above = weights<W>(n, n + 2);
    std::vector<W> out(n), g(n, from_compute<W>(0.5f));
    quantize(on(executor), q, w, out);
    h("quantize", out);
    if constexpr (Q::parameters > 0) {
      h("backward", backward(on(executor), q, w, above, g));
    } else {
      backward(on(executor), q, w, above, g);
    }
    h("backward", g);
  }
}

template <class W>
void snap_of(hashes& h, any_executor& executor, int b) {
  auto const grid = wrpn_grid(bits{b}).scaled(1.3);
  for (std::size_t const n : sizes) {
    auto plain = weights<W>(n, n), coded = plain, packed = plain;
    std::vector<std::int32_t> codes(n);
    std::vector<std::uint8_t> bytes(packed_size(n, bits{b}));
    snap(on(executor), grid, plain);
    snap(on(executor), grid, coded, codes);
    packed_codes const target{bytes, bits{b}};
    snap(on(executor), grid, packed, target);
    h("snap", plain, coded, codes, packed, bytes);
    h("packed_size", bytes.size());
    std::vector<W> back(n);
    unpack(on(executor), grid, target, back);
    h("unpack", back);
  }
}

void lists(hashes& h, any_executor& executor) {
  std::vector<std::vector<float>> w, g, out;
  std::vector<std::vector<std::uint8_t>> bytes;
  auto const grid = wrpn_grid(bits{3});
  for (std::size_t const n : sizes) {
    w.push_back(weights<float>(n, n));
    g.push_back(weights<float>(n, n + 4));
    out.emplace_back(n);
    bytes.emplace_back(packed_size(n, bits{3}));
  }
  std::size_t const count = w.size();
  std::vector<regularized_layer<sinusoidal<>, float, float>> regularized;
  std::vector<quantized_layer<rounding, float, float>> quantized;
  std::vector<straight_through_layer<lsq, float, float, float>> learned;
  std::vector<observed_layer<moments, float>> observed;
  for (std::size_t l = 0; l < count; ++l) {
    double const size = 1.0 + 0.25 * static_cast<double>(l);
    regularized.push_back(regularized_layer{sinusoidal{grid.scaled(size)}, w[l], g[l], 0.1});
    quantized.push_back(quantized_layer{rounding(grid.scaled(size)), w[l], out[l]});
    learned.push_back(
        straight_through_layer{lsq::weights(bits{3}, step_size{0.2 * size}), w[l], out[l], g[l]});
    observed.push_back(observed_layer{moments{0.1}, w[l]});
  }
  std::vector<result<>> results(count), penalties(count);
  std::vector<result<1>> by_step(count);
  std::vector<moments> seen(count);
  accumulate(on(executor), regularized, results);
  penalty(on(executor), regularized, penalties);
  h("accumulate", results);
  h("penalty", penalties);
  quantize(on(executor), quantized);
  backward(on(executor), learned, by_step);
  h("backward", by_step);
  reduce(on(executor), observed, seen);
  for (std::size_t l = 0; l < count; ++l) {
    h("quantize", out[l]);
    h("backward", g[l]);
    h("reduce", seen[l].mean(), seen[l].variance());
  }
  std::vector<packed_layer<float>> packed;
  for (std::size_t l = 0; l < count; ++l)
    packed.push_back(packed_layer{grid, w[l], packed_codes<std::uint8_t>{bytes[l], bits{3}}});
  auto copy = w;
  std::vector<snapped_layer<float>> snapped;
  for (auto& one : copy)
    snapped.push_back(snapped_layer{grid, one});
  snap(on(executor), packed);
  snap(on(executor), snapped);
  for (std::size_t l = 0; l < count; ++l)
    h("snap", w[l], bytes[l], copy[l]);
}

void channels(hashes& h, any_executor& executor) {
  for (channel_extents const extents : {channel_extents{1, 3, 6001}, channel_extents{5, 3, 40}}) {
    std::size_t const n = extents.size();
    h("channel_extents::size", n);
    auto const w = weights<float>(n, n), above = weights<float>(n, n + 1);
    auto g = weights<float>(n, n + 2);
    std::vector<float> out(n);
    std::vector<sinusoidal<>> regularizers;
    std::vector<lsq> quantizers;
    for (int c = 0; c < 3; ++c) {
      auto const grid = twos_complement_grid(bits{2 + c}, step_size{0.1 + 0.05 * c});
      regularizers.emplace_back(grid);
      quantizers.push_back(lsq(grid));
    }
    std::vector<result<>> results(3);
    std::vector<result<1>> by_step(3);
    accumulate(on(executor), extents, regularizers, w, g, 0.3, results);
    h("accumulate", results, g);
    penalty(on(executor), extents, regularizers, w, results);
    h("penalty", results);
    quantize(on(executor), extents, quantizers, w, out);
    h("quantize", out);
    backward(on(executor), extents, quantizers, w, above, g, by_step);
    h("backward", by_step, g);
  }
}

void policies(hashes& h, [[maybe_unused]] int threads) {
  auto const w = weights<float>(36001, 1);
  sinusoidal const reg{wrpn_grid(bits{3})};
  auto const with = [&](auto const& policy) {
    auto g = weights<float>(w.size(), 2);
    return std::pair(accumulate(policy, reg, w, g, 0.1), g);
  };
  auto const same = with(seq);
  h("seq_policy::bulk", same.first, same.second);
  any_executor serial{[](std::size_t n, any_executor::chunk const& f) { seq.bulk(n, f); }};
  auto const on_executor = with(on(serial));
  h("on", on_executor.first, on_executor.second);
  h("executor_policy", on_executor.first);
  h("executor_policy::bulk", on_executor.second);
#if defined(_OPENMP)
  auto const shared = with(openmp_policy(threads));
#else
  auto const& shared = same;
#endif
  h("openmp_policy", shared.first);
  h("openmp_policy::bulk", shared.second);
}

}  // namespace

void operations(hashes& h, any_executor& executor, int threads) {
  auto const grid = wrpn_grid(bits{3}).scaled(1.1);
  sinusoidal const bounded{grid};
  accumulate_of<float, float>(h, executor, bounded);
  accumulate_of<double, double>(h, executor, bounded);
  accumulate_of<half, float>(h, executor, bounded);
  accumulate_of<bfloat16, bfloat16>(h, executor, bounded);
  accumulate_of<float, double>(h, executor, bounded);
  accumulate_of<float, float>(h, executor, sinusoidal<extent::periodic>{grid});
  accumulate_of<float, float>(h, executor, waveq<>(period<>(2.7)));
  accumulate_of<double, double>(
      h, executor,
      waveq<bit_convention::dorefa, 1, extent::periodic, learns::bit_width_and_range>(
          period<bit_convention::dorefa>(3.3, 0.8)));
  auto const w = weights<float>(20000, 3);
  dorefa_weights const dorefa(bits{3}, reduce(on(executor), magnitude{}, w));
  accumulate_of<float, float>(h, executor, matched(dorefa));
  kurtosis const by_moments(reduce(on(executor), moments{}, w));
  accumulate_of<float, float>(h, executor, by_moments);
  accumulate_of<float, float>(h, executor, bin<>(reduce(on(executor), bins<>(grid), w)));
  auto const own = differentiate([](auto x) {
    auto const s = x * x - 0.25;
    return s * s * 0.3 + abs(x) * 0.1 + exp(x * 0.5) * 0.2;
  });
  accumulate_of<float, float>(h, executor, own, "accumulate/differentiated");
  for (std::size_t const n : sizes) {
    h("penalty", penalty(on(executor), bounded, weights<float>(n, n)));
    h("penalty", penalty(on(executor), bounded, weights<double>(n, n)));
  }
  quantize_of<float>(h, executor, rounding(grid));
  quantize_of<double>(h, executor, rounding(grid));
  quantize_of<half>(h, executor, rounding(grid));
  quantize_of<bfloat16>(h, executor, rounding(grid));
  quantize_of<float>(h, executor, dorefa);
  quantize_of<double>(h, executor, dorefa);
  quantize_of<float>(h, executor, lsq::weights(bits{4}, step_size{0.11}));
  quantize_of<double>(h, executor, pact(bits{4}, 1.1));
  snap_of<float>(h, executor, 3);
  snap_of<double>(h, executor, 5);
  snap_of<half>(h, executor, 8);
  lists(h, executor);
  channels(h, executor);
  policies(h, threads);
}

}  // namespace determinism
