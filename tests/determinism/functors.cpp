// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Quantizers and regularizers called on single weights.

#include <array>
#include <determinism/hashes.hpp>

namespace determinism {

namespace {

using namespace detent;

template <class T, class F>
void for_weights(F f) {
  for (T const w : wild_weights<T>(400, 5))
    f(w);
}

/// Bits are promised for numbers: under logistic noise the gradient of a NaN or an infinite weight
/// has the sign of the NaN that the processor makes of it.
template <class T, class F>
void for_finite_weights(F f) {
  for_weights<T>([&](T w) {
    if (absolute(w) < T(1e35)) f(w);
  });
}

/// A quantizer under its own name, and its backward under another.
template <class Q>
void quantizer_of(hashes& h, char const* name, char const* backward, Q const& q) {
  auto const forward = [&](auto w) { h(name, q(w), q.code(w)); };
  auto const back = [&](auto w) { h(backward, q.backward(w, decltype(w)(0.375))); };
  for_weights<float>(forward);
  for_weights<double>(forward);
  for_finite_weights<float>(back);
  for_finite_weights<double>(back);
}

template <class Q>
void rounding_of(hashes& h, char const* name, Q const& q) {
  quantizer_of(h, name, "rounding_through::backward", q);
  h("rounding_through", q.gain());
  h("rounding_through::gain", q.gain());
  h("rounding_through::grid", q.grid());
  auto const one = [&](auto w) {
    h("rounding_through::domain", q.domain()(w));
    h("rounding_through::unrounded", q.unrounded(w));
    h("rounding_through::code", q.code(w));
  };
  for_weights<float>(one);
  for_weights<double>(one);
}

template <std::size_t N, class T, class Q>
void blocks_of(hashes& h, char const* forward, char const* backward, Q const& q) {
  auto const w = weights<T>(N, 9);
  T x[N], out[N], above[N];
  for (std::size_t i = 0; i < N; ++i) {
    x[i] = w[i];
    above[i] = T(0.25) * (static_cast<T>(i) - T(3));
  }
  if constexpr (requires { q.quantize_block(std::uint64_t(5), x, out); }) {
    q.quantize_block(std::uint64_t(5), x, out);
    h(forward, std::span(out));
  }
  if constexpr (Q::parameters > 0) {
    pullbacks<T, Q::parameters, N> p;
    q.backward_block(std::uint64_t(5), x, above, p);
    h(backward, std::span(p.gradient));
    for (auto const& theta : p.theta)
      h(backward, std::span(theta));
  }
}

void quantizers(hashes& h) {
  magnitude m;
  for (float const w : weights<float>(1000, 4))
    m.observe(w);
  for (int b : {1, 2, 3, 5, 8}) {
    rounding_of(h, "dorefa_weights", dorefa_weights(bits{b}, m));
    rounding_of(h, "dorefa_weights", dorefa_weights(bits{b}, m, 0.7));
    dorefa_weights const q(bits{b}, m);
    h("dorefa_weights::gain", q.gain());
    for (float const x : {-1.5f, -1e-9f, 0.0f, 0.3f}) {
      h("dorefa_weights::code", q.code(x));
      h("dorefa_weights::unrounded", q.unrounded(x));
    }
    rounding_of(h, "dorefa_activations", dorefa_activations(bits{b}, 1.3));
    if (b > 1) rounding_of(h, "wrpn_weights", wrpn_weights(bits{b}, 0.9));
  }
  rounding_of(h, "rounding", rounding(wrpn_grid(bits{4}).scaled(0.37)));
  lsq const l = lsq::weights(bits{3}, step_size{0.21});
  quantizer_of(h, "lsq", "lsq::backward", l);
  h("lsq::weights", lsq::weights(bits{4}, step_size{0.3}).grid());
  h("lsq::activations", lsq::activations(bits{4}, step_size{0.3}).grid());
  h("lsq::rebuilt", l.rebuilt(0.17).grid(), l.rebuilt(0.1 * 3).grid());
  h("lsq::gradient_scale", l.gradient_scale(12345), l.gradient_scale(1));
  h("lsq::start", lsq::start(3, m), lsq::start(127, m));
  pact const p(bits{4}, 1.7);
  quantizer_of(h, "pact", "pact::backward", p);
  h("pact::range", p.range());
  h("pact::rebuilt", p.rebuilt(1.1).grid());
  auto const weights_range = noisy_range::weights(bits{4}, m);
  auto const activations_range = noisy_range::activations(bits{4}, m);
  h("noisy_range::weights", weights_range.step, weights_range.noise);
  h("noisy_range::activations", activations_range.step, activations_range.noise);
}

template <class Q>
void semi(hashes& h, Q const& q) {
  quantizer_of(h, "semi_relaxed", "semi_relaxed::backward", q);
  h("semi_relaxed::noise", q.noise());
  auto const one = [&](auto w) {
    h("semi_relaxed::probability", q.probability(w), q.probability(w, 1), q.probability(w, -2));
  };
  for_finite_weights<float>(one);
  for_finite_weights<double>(one);
}

template <class Q>
void drawn(hashes& h, Q const& q) {
  h("relaxed::grid", q.grid());
  h("relaxed::reach", q.reach());
  h("relaxed::is_local", q.is_local());
  std::uint64_t i = 0;
  auto const one = [&](auto w) {
    auto const at = q.at(++i);
    h("relaxed::at", at(w));
    h("relaxed::drawn", at(w));
    h("relaxed::drawn::code", at.code(w));
    h("relaxed::drawn::backward", at.backward(w, decltype(w)(0.75)));
  };
  for_finite_weights<float>(one);
  for_finite_weights<double>(one);
  h("relaxed", q.reach());
  blocks_of<8, float>(h, "relaxed::quantize_block", "relaxed::backward_block", q);
  blocks_of<8, double>(h, "relaxed::quantize_block", "relaxed::backward_block", q);
}

void noisy_quantizers(hashes& h) {
  auto const grid = twos_complement_grid(bits{4}, step_size{0.2});
  for (double noise : {0.01, 0.07, 0.4}) {
    semi(h, semi_relaxed<>(grid, noise));
    semi_relaxed<relaxed_classes::all> const all(grid, noise);
    semi(h, all);
    blocks_of<8, float>(h, "", "semi_relaxed::backward_block", all);
    relaxed_options const options{.temperature = 1 / (noise + 0.3), .local = 2};
    drawn(h, relaxed<>(grid, noise, {3, 4, 5}));
    drawn(h, relaxed<>(grid, noise, {3, 4, 5}, options));
    drawn(h, relaxed<relaxed_output::straight_through>(grid, noise, {3, 4, 6}, options));
    drop_bits<2> const bitwise(bits{4}, step_size{0.2}, noise, {0.9, 0.3});
    quantizer_of(h, "drop_bits", "drop_bits::backward", bitwise);
    h("drop_bits::grid", bitwise.grid());
    h("drop_bits::code", bitwise.code(0.3f));
    blocks_of<8, float>(h, "drop_bits::quantize_block", "drop_bits::backward_block", bitwise);
    drop_bits<6, mask_sharing::endpoints, relaxed_classes::all> const ends(
        bits{4}, step_size{0.2}, noise, {1, 0.8, 0, 0.3, 0.6, 0.1});
    quantizer_of(h, "drop_bits", "drop_bits::backward", ends);
    blocks_of<8, double>(h, "drop_bits::quantize_block", "drop_bits::backward_block", ends);
  }
}

template <class R>
void regularizer_of(hashes& h, char const* name, R const& reg) {
  auto const one = [&](auto w) {
    if (absolute(w) < decltype(w)(1e4)) h(name, reg(w));
  };
  for_weights<float>(one);
  for_weights<double>(one);
}

template <class R>
void factored_of(hashes& h, char const* name, char const* normalized, char const* factors,
                 R const& reg) {
  regularizer_of(h, name, reg);
  h(factors, reg.factors());
  auto const one = [&](auto w) {
    if (absolute(w) < decltype(w)(1e4)) h(normalized, reg.unscaled(w));
  };
  for_weights<float>(one);
  for_weights<double>(one);
}

template <class R>
void waveq_of(hashes& h, R const& reg) {
  factored_of(h, "waveq", "waveq::unscaled", "waveq::factors", reg);
  h("waveq::of", reg.of().bit_width());
  h("waveq::rebuilt", reg.rebuilt(3.1).factors(), reg.rebuilt(4.2, 0.9).factors(),
    reg.rebuilt(3.3)(0.21f));
}

void regularizers(hashes& h) {
  auto const grid = dorefa_grid(bits{3}).scaled(0.77);
  for (auto height : {amplitude::squared_distance, amplitude::unit, amplitude::octave}) {
    sinusoidal const bounded{grid, height};
    factored_of(h, "sinusoidal", "sinusoidal::unscaled", "sinusoidal::factors", bounded);
    h("sinusoidal::grid", bounded.grid());
    factored_of(h, "sinusoidal", "sinusoidal::unscaled", "sinusoidal::factors",
                sinusoidal<extent::periodic>{grid, height});
  }
  waveq_of(h, waveq<>(period<>(2.7)));
  waveq_of(h, waveq<bit_convention::dorefa, 2, extent::periodic, learns::bit_width_and_range>(
                  period<bit_convention::dorefa>(3.3, 0.8)));
  magnitude m;
  moments all;
  norms n;
  bins<> of_bins(grid);
  for (float const w : weights<float>(1000, 8)) {
    m.observe(w);
    all.observe(w);
    n.observe(w);
    of_bins.observe(w);
  }
  dorefa_weights const q(bits{3}, m);
  factored_of(h, "matched", "seen_through::unscaled", "seen_through::factors", matched(q));
  regularizer_of(h, "through", through(tanh_domain{}, sinusoidal{grid}));
  regularizer_of(h, "seen_through", through(tanh_domain{}, sinusoidal{grid}));
  kurtosis const k(all);
  factored_of(h, "kurtosis", "kurtosis::unscaled", "kurtosis::factors", k);
  h("kurtosis::value", k.value());
  h("kurtosis::of_weights", k.of_weights());
  h("kurtosis::is_degenerate", k.is_degenerate());
  bin<> const by_bins(of_bins);
  regularizer_of(h, "bin", by_bins);
  h("bin::grid", by_bins.grid());
  auto const norm_of = [&](auto const& reg) {
    regularizer_of(h, "gradient_norm", reg);
    h("gradient_norm::value", reg.value());
    h("gradient_norm::direction", reg.direction());
  };
  norm_of(gradient_norm<norm::l1>(n));
  norm_of(gradient_norm<norm::l2>(n));
  norm_of(gradient_norm<norm::maximum>(n));
  auto const own = differentiate([](auto w) {
    auto const s = w * w - 0.25;
    return s * s * 0.3 + abs(w) * 0.1 + tanh(w * 1.7) * exp(w * 0.01);
  });
  regularizer_of(h, "differentiate", own);
  regularizer_of(h, "differentiated", own);
}

}  // namespace

void functors(hashes& h) {
  quantizers(h);
  noisy_quantizers(h);
  regularizers(h);
}

}  // namespace determinism
