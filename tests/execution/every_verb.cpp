// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Every verb under every policy of the tests: the one file that compiles them all.

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <execution/every_verb.hpp>
#include <span>
#include <support/tensors.hpp>
#include <vector>

namespace every_verb {

namespace {

using detent::bits;

/// A quantizer with a parameter.
struct learned_rounding : detent::rounding {
  static constexpr int parameters = 1;
  using detent::rounding::rounding;
  template <class T>
  DETENT_HD detent::pullback<T, 1> backward(T w, T upstream) const noexcept {
    return {detent::rounding::backward(w, upstream).gradient, {upstream * ((*this)(w)-w)}};
  }
};

struct everything {
  std::vector<double> numbers;
  std::vector<std::vector<float>> tensors;
  std::vector<std::vector<std::uint8_t>> bytes;
};

/// A part of a container, the t-th of five.
template <class C>
auto fifth(C& x, std::size_t t) {
  std::size_t const first = x.size() * t / 5;
  return std::span(x).subspan(first, x.size() * (t + 1) / 5 - first);
}

template <class Policy>
void add_tensors(Policy const& policy, std::vector<float> const& w, everything& all) {
  auto const upstream = tensors::random<float>(w.size(), 2);
  auto const m = detent::reduce(policy, detent::magnitude{}, w);
  detent::dorefa_weights const q{bits{3}, m};
  learned_rounding const with_parameter{q.grid()};
  auto const reg = detent::matched(q);
  std::vector<float> g(w.size()), back(w.size()), learned_back(w.size()), learned_g(w.size());
  std::vector<float> out(w.size()), snapped = w, packed = w, unpacked(w.size());
  std::vector<std::int8_t> codes(w.size());
  std::vector<std::uint8_t> bytes(detent::packed_size(w.size(), bits{3}));
  detent::packed_codes const packed_codes{bytes, bits{3}};
  auto const learned_sums = detent::accumulate(policy, learned{}, w, learned_g, 0.1);
  auto const moments = detent::reduce(policy, detent::moments{0.1}, w);
  auto const error = detent::reduce(policy, detent::quantization_error{q}, w);
  auto const counts = detent::reduce(policy, detent::histogram<16>{-1.0, 1.0}, w);
  all.numbers = {m.mean(),
                 m.smallest(),
                 m.largest(),
                 moments.mean(),
                 moments.fourth(),
                 error.mean_squared_error(),
                 error.sqnr_db(),
                 error.on_grid_fraction(),
                 learned_sums.value,
                 learned_sums.theta[0],
                 detent::accumulate(policy, reg, w, g, 0.3).value,
                 detent::penalty(policy, reg, w).value,
                 detent::backward(policy, with_parameter, w, upstream, learned_back).theta[0]};
  all.numbers.insert(all.numbers.end(), counts.counts().begin(), counts.counts().end());
  detent::backward(policy, q, w, upstream, back);
  detent::quantize(policy, q, w, out);
  detent::snap(policy, q.grid(), snapped, codes);
  detent::snap(policy, q.grid(), packed, packed_codes);
  detent::unpack(policy, q.grid(), packed_codes, unpacked);
  CHECK(packed == snapped);
  CHECK(unpacked == snapped);
  all.tensors = {g, back, learned_back, out, snapped, packed, unpacked, learned_g};
  all.tensors.emplace_back(codes.begin(), codes.end());
  all.bytes = {bytes};
}

template <class Policy>
void add_layers(Policy const& policy, std::vector<float> const& w, everything& all) {
  auto const upstream = tensors::random<float>(w.size(), 2);
  auto const grid = detent::dorefa_grid(bits{3});
  learned_rounding const q{grid};
  std::vector<float> g(w.size()), back(w.size()), out(w.size()), snapped = w, packed = w;
  std::array<std::vector<std::uint8_t>, 5> bytes;
  std::vector<detent::regularized_layer<learned, float, float>> regularized;
  std::vector<detent::straight_through_layer<learned_rounding, float, float, float>> rounded;
  std::vector<detent::quantized_layer<learned_rounding, float, float>> quantized;
  std::vector<detent::observed_layer<detent::moments, float>> observed;
  std::vector<detent::observed_layer<detent::histogram<4>, float>> counted;
  std::vector<detent::snapped_layer<float>> to_snap;
  std::vector<detent::packed_layer<float>> to_pack;
  for (std::size_t t = 0; t < 5; ++t) {
    auto const part = fifth(w, t);
    bytes[t].resize(detent::packed_size(part.size(), bits{3}));
    regularized.push_back({learned{}, part, fifth(g, t), 0.2});
    rounded.push_back({q, part, fifth(upstream, t), fifth(back, t)});
    quantized.push_back({q, part, fifth(out, t)});
    observed.push_back({detent::moments{}, part});
    counted.push_back({detent::histogram<4>{-1.0, 1.0}, part});
    to_snap.push_back({grid, fifth(snapped, t)});
    to_pack.push_back({grid, fifth(packed, t), detent::packed_codes{bytes[t], bits{3}}});
  }
  std::vector<detent::result<1>> sums(5), penalties(5), pulls(5);
  std::vector<detent::moments> moments(5);
  std::vector<detent::histogram<4>> counts(5, detent::histogram<4>{-1.0, 1.0});
  detent::accumulate(policy, regularized, sums);
  detent::penalty(policy, regularized, penalties);
  detent::backward(policy, rounded, pulls);
  detent::quantize(policy, quantized);
  detent::reduce(policy, observed, moments);
  detent::reduce(policy, counted, counts);
  detent::snap(policy, to_snap);
  detent::snap(policy, to_pack);
  for (std::size_t t = 0; t < 5; ++t) {
    for (double const number :
         {sums[t].value, sums[t].theta[0], penalties[t].value, penalties[t].theta[0],
          pulls[t].theta[0], moments[t].fourth(), static_cast<double>(counts[t].counts()[1])})
      all.numbers.push_back(number);
  }
  for (auto const& tensor : {g, back, out, snapped, packed})
    all.tensors.push_back(tensor);
  all.bytes.insert(all.bytes.end(), bytes.begin(), bytes.end());
}

template <class Policy>
everything results(Policy const& policy, std::size_t size) {
  auto const w = tensors::random<float>(size, 1);
  everything all;
  add_tensors(policy, w, all);
  add_layers(policy, w, all);
  return all;
}

/// Sizes without, with one and with many chunks.
constexpr std::size_t sizes[] = {0, 1, 1000, 16384, 16385, 200001};

template <class Policy>
void check_policy(Policy const& policy) {
  for (std::size_t const size : sizes) {
    everything const want = results(detent::seq, size), got = results(policy, size);
    CHECK(tensors::same_bits(got.numbers, want.numbers));
    for (std::size_t i = 0; i < want.tensors.size(); ++i)
      CHECK(tensors::same_bits(got.tensors[i], want.tensors[i]));
    CHECK(got.bytes == want.bytes);
  }
}

}  // namespace

void check_same_as_seq(any_executor executor) {
  check_policy(detent::on(executor));
}

#if defined(_OPENMP)
void check_same_as_seq(detent::openmp_policy const& policy) {
  check_policy(policy);
}
#endif

}  // namespace every_verb
