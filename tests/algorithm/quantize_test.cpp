// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// quantize against a loop over the quantizer: sizes, types, in place, layers, errors.

#include <doctest/doctest.h>

#include <cmath>
#include <detent/algorithm/quantize.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <limits>
#include <span>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::quantized_layer;
using detent::seq;

namespace {

detent::wrpn_weights const wrpn{bits{3}, 0.9};

template <class W, class Out>
void check_against_loop(std::size_t size, std::size_t offset) {
  auto const memory = tensors::random<W>(size + offset, size);
  auto const w = std::span(memory).subspan(offset);
  std::vector<Out> out_memory(size + offset + 1, Out(7));
  auto const out = std::span(out_memory).subspan(offset, size);
  detent::quantize(wrpn, w, out);
  std::size_t different = 0;
  for (std::size_t i = 0; i < size; ++i)
    different += out[i] != static_cast<Out>(wrpn(w[i]));
  CHECK(different == 0);
  CHECK(out_memory.back() == Out(7));
}

}  // namespace

TEST_CASE("quantize: agrees with a plain loop at every size, type and alignment") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    for (std::size_t const offset : {0u, 1u}) {
      check_against_loop<float, float>(size, offset);
      check_against_loop<float, double>(size, offset);
      check_against_loop<double, float>(size, offset);
      check_against_loop<double, double>(size, offset);
    }
  }
}

TEST_CASE("quantize: in place") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    auto w = tensors::random<float>(size, 3);
    detent::dorefa_weights const q{bits{4}, detent::reduce(detent::magnitude{}, w), 0.5};
    std::vector<float> out(size);
    detent::quantize(q, w, out);
    detent::quantize(q, w, w);
    CHECK(w == out);
  }
}

TEST_CASE("quantize: rejects differing sizes and null data before anything is written") {
  auto const w = tensors::random<float>(10, 1);
  std::vector<float> out(11, 7.0f);
  CHECK(tensors::message_of([&] { detent::quantize(wrpn, w, out); }) ==
        "detent: out: has 11 elements where w has 10");
  std::span<float> const null(static_cast<float*>(nullptr), 10);
  CHECK(tensors::message_of([&] { detent::quantize(wrpn, null, out); }) ==
        "detent: w: has null data and size 10");
  CHECK(tensors::message_of([&] { detent::quantize(wrpn, w, null); }) ==
        "detent: out: has null data and size 10");
  CHECK(out == std::vector<float>(11, 7.0f));
}

TEST_CASE("quantize: a NaN weight stays NaN and harms no neighbour") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math assumes that there are no NaNs and infinities");
#else
  auto w = tensors::random<float>(3000, 2);
  std::vector<float> clean(3000), out(3000);
  detent::quantize(wrpn, w, clean);
  w[2100] = std::numeric_limits<float>::quiet_NaN();
  detent::quantize(wrpn, w, out);
  CHECK(std::isnan(out[2100]));
  out[2100] = clean[2100];
  CHECK(out == clean);
#endif
}

TEST_CASE("quantize: hundreds of layers give what single calls give") {
  std::vector<std::vector<float>> w, single, layered;
  std::vector<detent::wrpn_weights> quantizers;
  for (std::size_t t = 0; t < 300; ++t) {
    w.push_back(tensors::random<float>(t % 4 == 0 ? 0 : t * 131 % 3001, t));
    single.emplace_back(w[t].size());
    layered.emplace_back(w[t].size());
    quantizers.emplace_back(bits{static_cast<int>(2 + t % 7)}, 0.1 + 0.01 * static_cast<double>(t));
  }
  std::vector<quantized_layer<detent::wrpn_weights, float, float>> layers;
  for (std::size_t t = 0; t < 300; ++t) {
    detent::quantize(quantizers[t], w[t], single[t]);
    layers.push_back({quantizers[t], w[t], layered[t]});
  }
  detent::quantize(seq, layers);
  CHECK(layered == single);
}

TEST_CASE("quantize: a bad layer is rejected before any output is touched") {
  std::vector<float> w(10, 0.3f), out(10, 7.0f), shorter(9, 7.0f);
  std::vector const layers{quantized_layer{wrpn, w, out}, quantized_layer{wrpn, w, shorter}};
  CHECK(tensors::message_of([&] { detent::quantize(seq, layers); }) ==
        "detent: out of layer 1: has 9 elements where its w has 10");
  using layer = quantized_layer<detent::wrpn_weights, float, float>;
  std::vector<layer> const null{{wrpn, w, out}, {wrpn, {static_cast<float*>(nullptr), 3}, out}};
  CHECK(tensors::message_of([&] { detent::quantize(seq, null); }) ==
        "detent: w of layer 1: has null data and size 3");
  CHECK(out == std::vector<float>(10, 7.0f));
}
