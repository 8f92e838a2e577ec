// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Operations on a foreign library's containers, whose elements are compared one by one, found by
// the library's own indices.

#include <doctest/doctest.h>

#include <cstddef>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/algorithm/snap.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/regularizer/differentiate.hpp>
#include <detent/statistic/magnitude.hpp>
#include <string>
#include <support/tensors.hpp>
#include <utility>

namespace containers {

inline auto const half_square = detent::differentiate([](auto x) { return x * x; });
inline detent::wrpn_weights const wrpn{detent::bits{4}, 0.9};

/// The message of the refusal of w beside g; empty where they are taken.
template <class W, class G>
std::string refusal(W const& w, G&& g) {
  return tensors::message_of([&] { detent::accumulate(half_square, w, g, 0.5); });
}

/// Checks that every operation reads all of w's elements and writes all of g's, each beside its
/// own. `each(f)` calls f(element of w, element of g) for every index.
template <class W, class G, class Each>
void check_elements(W& w, G& g, std::size_t count, Each each) {
  std::size_t seen = 0;
  each([&](float& of_w, float& of_g) {
    of_w = 0.031f * static_cast<float>(seen % 61) - 0.97f;
    of_g = 0.0f;
    ++seen;
  });
  REQUIRE(seen == count);

  // The gradient of ½x² is x.
  double sum = 0;
  double const value = detent::accumulate(half_square, std::as_const(w), g, 0.5).value;
  std::size_t wrong = 0;
  each([&](float const& of_w, float const& of_g) {
    wrong += of_g != of_w;
    sum += 0.5 * static_cast<double>(of_w) * static_cast<double>(of_w);
  });
  CHECK(wrong == 0);
  CHECK(value == doctest::Approx(sum).epsilon(1e-6));
  CHECK(detent::reduce(detent::magnitude{}, w).count() == count);

  detent::quantize(wrpn, std::as_const(w), g);
  each([&](float const& of_w, float const& of_g) { wrong += of_g != wrpn(of_w); });
  CHECK(wrong == 0);

  // Within the range the gradient passes through.
  detent::backward(wrpn, w, w, g);
  each([&](float const& of_w, float const& of_g) {
    float const passed = of_w > -0.9f && of_w < 0.9f ? of_w : 0.0f;
    wrong += of_g != wrpn(of_w) + passed;
  });
  CHECK(wrong == 0);

  detent::snap(wrpn.grid(), g);
  detent::snap(wrpn.grid(), w);
  each([&](float const& of_w, float const& of_g) {
    wrong += of_w != wrpn(of_w);
    wrong += of_g != wrpn(of_g) && of_g > -0.9f && of_g < 0.9f;
  });
  CHECK(wrong == 0);
}

}  // namespace containers
