// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Containers that share memory: the same elements as input and output, parts of one another, and
// layers of a list; and the names in a list's errors.

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <span>
#include <string>
#include <support/tensors.hpp>
#include <vector>

using detent::bits;
using detent::regularized_layer;
using detent::result;
using detent::seq;
using tensors::message_of;
using tensors::same_bits;

namespace {

detent::sinusoidal<> const reg{detent::dorefa_grid(bits{3})};
detent::wrpn_weights const wrpn{bits{3}, 0.9};

/// Calls f(size) for sizes with every kind of tail.
template <class F>
void for_sizes(F f) {
  for (std::size_t const size : {1u, 7u, 64u, 129u, 1025u, 16384u, 20001u})
    f(size);
}

/// q with the output over its input, and backward with g over upstream and over w, against the same
/// with memory of their own.
template <class T, class Q>
void check_in_place(Q const& q) {
  for_sizes([&](std::size_t size) {
    auto const w = tensors::random<T>(size, 1);
    auto const upstream = tensors::random<T>(size, 2);
    std::vector<T> out(size), in_place = w;
    detent::quantize(q, w, out);
    detent::quantize(q, in_place, in_place);
    CHECK(same_bits(in_place, out));
    auto g = upstream, over_upstream = upstream;
    auto const apart = detent::backward(q, w, upstream, g);
    auto const joined = detent::backward(q, w, over_upstream, over_upstream);
    CHECK(same_bits(over_upstream, g));
    CHECK(same_bits(apart.theta, joined.theta));
    auto g_of_w = w, over_w = w;
    detent::backward(q, w, upstream, g_of_w);
    detent::backward(q, over_w, upstream, over_w);
    CHECK(same_bits(over_w, g_of_w));
  });
}

std::string const or_none = "; they may be the same elements, or share none";
std::string const between =
    ", and one of them is written; layers share no memory that one of them writes";

}  // namespace

TEST_CASE("overlap: a gradient over the weights themselves") {
  for_sizes([](std::size_t size) {
    auto const w = tensors::random<float>(size, 1);
    auto g = w, over_w = w;
    auto const apart = detent::accumulate(reg, w, g, 0.5);
    auto const joined = detent::accumulate(reg, over_w, over_w, 0.5);
    CHECK(same_bits(g, over_w));
    CHECK(same_bits(apart.value, joined.value));
  });
}

TEST_CASE(
    "overlap: levels over the weights, gradients over upstream and weights, for every kind of "
    "loop") {
  check_in_place<float>(wrpn);
  check_in_place<double>(wrpn);
  check_in_place<float>(detent::dorefa_weights{
      bits{3}, detent::reduce(detent::magnitude{}, tensors::random<float>(99, 5))});
  check_in_place<detent::half>(detent::lsq::weights(bits{4}, detent::step_size{0.1}));
}

TEST_CASE("overlap: levels in the quantizers that draw and that take blocks") {
  auto const grid = detent::twos_complement_grid(bits{4}, detent::step_size{0.2});
  check_in_place<float>(detent::relaxed<>(grid, 0.07, {.seed = 1, .step = 2, .tensor = 3},
                                          detent::relaxed_options{}));
  check_in_place<float>(detent::semi_relaxed<>(grid, 0.07));
}

TEST_CASE("overlap: parts of one another are refused, and nothing is written") {
  auto memory = tensors::random<float>(300, 1);
  auto const before = memory;
  std::span const all(memory);
  auto const w = all.subspan(100, 100);
  for (std::size_t const first : {1u, 50u, 99u, 101u, 150u, 199u}) {
    auto const part = all.subspan(first, 100);
    CHECK(message_of([&] { detent::accumulate(reg, w, part, 1.0); }) ==
          "detent: g: overlaps w" + or_none);
    CHECK(message_of([&] { detent::quantize(wrpn, w, part); }) ==
          "detent: out: overlaps w" + or_none);
    CHECK(message_of([&] { detent::backward(wrpn, w, std::vector<float>(100), part); }) ==
          "detent: g: overlaps w" + or_none);
    CHECK(message_of([&] { detent::backward(wrpn, std::vector<float>(100), w, part); }) ==
          "detent: g: overlaps upstream" + or_none);
    std::array<detent::wrpn_weights, 1> const one{wrpn};
    CHECK(message_of([&] {
            detent::quantize(seq, {1, 1, 100}, one, w, part);
          }) == "detent: out: overlaps w" + or_none);
  }
  CHECK(memory == before);
  // Inputs may share what they like, neighbours share nothing.
  CHECK(message_of([&] {
          detent::backward(wrpn, w, all.subspan(120, 100), std::vector<float>(100));
        }).empty());
  CHECK(message_of([&] { detent::accumulate(reg, w, all.first(100), 1.0); }).empty());
  CHECK(message_of([&] { detent::accumulate(reg, w, all.last(100), 1.0); }).empty());
  std::span<float> const null(static_cast<float*>(nullptr), 1);
  CHECK(message_of([&] { detent::snap(wrpn.grid(), null); }) ==
        "detent: w: has null data and size 1");
}

TEST_CASE("overlap: the same memory under another type is refused") {
  alignas(8) std::array<float, 100> memory{};
  auto* const bytes = reinterpret_cast<std::uint8_t*>(memory.data());
  auto* const codes = reinterpret_cast<std::int32_t*>(memory.data());
  auto* const doubles = reinterpret_cast<double*>(memory.data());
  auto const grid = wrpn.grid();
  CHECK(message_of([&] {
          detent::accumulate(reg, std::span(memory).first(50), std::span(doubles, 50), 1.0);
        }) ==
        "detent: g: overlaps w; they may be the same elements, of the same type, or share none");
  CHECK(
      message_of([&] { detent::snap(grid, memory, std::span(codes, 100)); }) ==
      "detent: codes: overlaps w; they may be the same elements, of the same type, or share none");
  detent::packed_codes const packed{std::span(bytes + 396, 40), bits{3}};
  CHECK(message_of([&] { detent::snap(grid, memory, packed); }) ==
        "detent: bytes of codes: overlaps the weights");
  CHECK(message_of([&] { detent::unpack(grid, packed, memory); }) ==
        "detent: bytes of codes: overlaps the weights");
  // Bytes behind the codes are not touched.
  detent::packed_codes const behind{std::span(bytes, 400), bits{3}};
  CHECK(message_of([&] { detent::snap(grid, std::span(memory).last(90), behind); }).empty());
}

TEST_CASE("overlap: between layers, what one writes no other uses") {
  auto memory = tensors::random<float>(100, 1);
  auto const before = memory;
  auto const at = [&](std::size_t first) { return std::span(memory).subspan(first, 10); };
  using layer = regularized_layer<detent::sinusoidal<>, float, float>;
  auto const message = [&](std::vector<layer> const& layers) {
    std::vector<result<>> results(layers.size());
    return message_of([&] { detent::accumulate(seq, layers, results); });
  };
  CHECK(message(
            {{reg, at(0), at(10), 1.0}, {reg, at(40), at(20), 1.0}, {reg, at(30), at(15), 1.0}}) ==
        "detent: g of layer 2: overlaps g of layer 0" + between);
  CHECK(message({{reg, at(0), at(10), 1.0}, {reg, at(19), at(30), 1.0}}) ==
        "detent: w of layer 1: overlaps g of layer 0" + between);
  CHECK(message({{reg, at(0), at(10), 1.0}, {reg, at(20), at(9), 1.0}})
            .find("g of layer 1: overlaps") != std::string::npos);
  CHECK(message({{reg, at(0), at(0), 1.0}, {reg, at(0), at(20), 1.0}}) ==
        "detent: w of layer 1: overlaps g of layer 0" + between);
  CHECK(message({{reg, std::span(memory).first(60), std::span(memory).first(60), 1.0},
                 {reg, at(5), at(80), 1.0},
                 {reg, at(90), at(70), 1.0}}) ==
        "detent: w of layer 1: overlaps g of layer 0" + between);
  CHECK(message({{reg, at(0), at(10), 1.0}, {reg, at(20), at(25), 1.0}}) ==
        "detent: g of layer 1: overlaps its w" + or_none);
  CHECK(memory == before);
  // Shared weights are read by all.
  CHECK(message({{reg, at(0), at(50), 1.0}, {reg, at(5), at(60), 1.0}, {reg, at(0), at(70), 1.0}})
            .empty());
  CHECK(message({{reg, at(0), at(0), 1.0}, {reg, at(10), at(10), 1.0}}).empty());

  std::vector const snapped{detent::snapped_layer{wrpn.grid(), at(0)},
                            detent::snapped_layer{wrpn.grid(), at(9)}};
  CHECK(message_of([&] { detent::snap(seq, snapped); }) ==
        "detent: w of layer 1: overlaps w of layer 0" + between);
  std::vector const quantized{detent::quantized_layer{wrpn, at(0), at(50)},
                              detent::quantized_layer{wrpn, at(10), at(50)}};
  CHECK(message_of([&] { detent::quantize(seq, quantized); }) ==
        "detent: out of layer 1: overlaps out of layer 0" + between);
  std::vector<std::uint8_t> bytes(20);
  std::vector const packed{
      detent::packed_layer{wrpn.grid(), at(0),
                           detent::packed_codes{std::span(bytes).first(8), bits{3}}},
      detent::packed_layer{wrpn.grid(), at(10),
                           detent::packed_codes{std::span(bytes).subspan(3), bits{3}}}};
  CHECK(message_of([&] { detent::snap(seq, packed); }) ==
        "detent: bytes of codes of layer 1: overlaps bytes of codes of layer 0" + between);
  std::vector const pulled{detent::straight_through_layer{wrpn, at(0), at(10), at(20)},
                           detent::straight_through_layer{wrpn, at(30), at(25), at(50)}};
  std::vector<result<>> results(2);
  CHECK(message_of([&] { detent::backward(seq, pulled, results); }) ==
        "detent: upstream of layer 1: overlaps g of layer 0" + between);
}

TEST_CASE("overlap: results that lie in the weights are refused") {
  std::array<result<>, 4> results{};
  std::span const inside(&results[0].value, 4);
  std::vector<double> g(4);
  std::vector const layers{regularized_layer{reg, inside, g, 1.0}};
  CHECK(message_of([&] { detent::accumulate(seq, layers, std::span(results).subspan(1, 1)); }) ==
        "detent: w of layer 0: overlaps results" + between);
  CHECK(message_of([&] {
          detent::penalty(seq, {1, 1, 4}, std::array{reg}, inside, std::span(results).first(1));
        }).find("detent: results: overlaps w") == 0);
}

TEST_CASE("lists: null layers and results with a size are refused before anything is written") {
  std::vector<float> w(10, 0.3f), g(10, 0.5f);
  auto const before = g;
  using layer = regularized_layer<detent::sinusoidal<>, float, float>;
  std::vector<layer> const layers{{reg, w, g, 1.0}};
  std::span<layer const> const null_layers(static_cast<layer const*>(nullptr), 1);
  std::span<result<>> const null_results(static_cast<result<>*>(nullptr), 1);
  std::array<result<>, 1> results;
  CHECK(message_of([&] { detent::accumulate(seq, layers, null_results); }) ==
        "detent: results: has null data and size 1");
  CHECK(message_of([&] { detent::accumulate(seq, null_layers, results); }) ==
        "detent: layers: has null data and size 1");
  CHECK(message_of([&] { detent::penalty(seq, layers, null_results); }) ==
        "detent: results: has null data and size 1");
  CHECK(message_of([&] {
          detent::accumulate(seq, {1, 1, 10}, std::array{reg}, w, g, 1.0, null_results);
        }) == "detent: results: has null data and size 1");
  std::span<detent::sinusoidal<> const> const null_regs(
      static_cast<detent::sinusoidal<> const*>(nullptr), 1);
  CHECK(message_of([&] {
          detent::accumulate(seq, {1, 1, 10}, null_regs, w, g, 1.0, results);
        }) == "detent: regularizers: has null data and size 1");
  std::vector const observed{detent::observed_layer{detent::magnitude{}, w}};
  CHECK(message_of([&] {
          detent::reduce(seq, observed,
                         std::span<detent::magnitude>(static_cast<detent::magnitude*>(nullptr), 1));
        }) == "detent: results: has null data and size 1");
  CHECK(g == before);
}

TEST_CASE("lists: an error names the layer") {
  std::vector<float> w(20 * 10, 0.3f), g(20 * 10, 0.5f);
  auto const before = g;
  using layer = regularized_layer<detent::sinusoidal<>, float, float>;
  std::vector<layer> layers;
  for (std::size_t t = 0; t < 20; ++t)
    layers.push_back(
        {reg, std::span(w).subspan(10 * t, 10), std::span(g).subspan(10 * t, 10), 1.0});
  layers[17].g = std::span(g).subspan(170, 9);
  std::vector<result<>> results(20);
  CHECK(message_of([&] { detent::accumulate(seq, layers, results); }) ==
        "detent: g of layer 17: has 9 elements where its w has 10");
  layers[17].g = std::span(g).subspan(170, 10);
  layers[19].scale = 1e300;
  CHECK(message_of([&] { detent::accumulate(seq, layers, results); }) ==
        "detent: scale of layer 19: is not finite; a finite number is needed");
  CHECK(g == before);
}

TEST_CASE("lists: views that are temporaries go into layers, and arrays too") {
  auto const w = tensors::random<float>(100, 1);
  std::vector<float> g(100), want(100);
  float array[100] = {};
  detent::accumulate(reg, w, want, 0.5);
  std::array<result<>, 1> results;
  detent::accumulate(seq, std::array{regularized_layer{reg, std::span(w), std::span(g), 0.5}},
                     results);
  CHECK(same_bits(g, want));
  regularized_layer<detent::sinusoidal<>, float, float> const layers[] = {{reg, w, array, 0.5}};
  detent::accumulate(seq, layers, results);
  CHECK(same_bits(std::span(array), want));
  std::vector<float> levels(100), in_list(100);
  detent::quantize(wrpn, w, levels);
  detent::quantize(seq,
                   std::array{detent::quantized_layer{wrpn, std::span(w), std::span(in_list)}});
  CHECK(same_bits(in_list, levels));
  std::span<float> const as_before = layers[0].g;
  CHECK(as_before.data() == array);
}
