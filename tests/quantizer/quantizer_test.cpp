// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The concepts of a quantizer: what the library ships, the least that fits, and near misses.

#include <doctest/doctest.h>

#include <cstdint>
#include <detent/quantizer/dorefa_activations.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/quantizer/quantizer.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <string>

namespace {

/// The least that is a quantizer.
struct sign {
  static constexpr int parameters = 0;
  template <class T>
  T operator()(T w) const {
    return w < T(0) ? T(-1) : T(1);
  }
  std::int32_t code(float w) const { return w < 0 ? -1 : 0; }
  template <class T>
  detent::pullback<T> backward(T, T upstream) const {
    return {upstream};
  }
};

/// With a learnable parameter.
struct scaled_sign : sign {
  static constexpr int parameters = 1;
  template <class T>
  detent::pullback<T, 1> backward(T w, T upstream) const {
    return {upstream, {upstream * w}};
  }
};

struct without_code {
  static constexpr int parameters = 0;
  template <class T>
  T operator()(T w) const {
    return w;
  }
  template <class T>
  detent::pullback<T> backward(T, T upstream) const {
    return {upstream};
  }
};
struct code_of_64_bits : sign {
  std::int64_t code(float) const { return 0; }
};
struct always_double : sign {
  double operator()(double w) const { return w; }
};
struct undeclared_parameter : scaled_sign {
  static constexpr int parameters = 0;
};
struct not_trivial : sign {
  std::string name;
};
struct changes_itself : sign {
  template <class T>
  T operator()(T w) {
    return w;
  }
};

static_assert(detent::quantizer<sign> && !detent::grid_quantizer<sign>);
static_assert(detent::quantizer<scaled_sign>);
static_assert(!detent::quantizer<without_code>);
static_assert(!detent::quantizer<code_of_64_bits>);
static_assert(!detent::quantizer<always_double>);
static_assert(!detent::quantizer<undeclared_parameter>);
static_assert(!detent::quantizer<not_trivial>);
static_assert(!detent::quantizer<changes_itself>);
static_assert(!detent::quantizer<float> && !detent::quantizer<detent::uniform<double>>);

static_assert(detent::grid_quantizer<detent::rounding>);
static_assert(detent::grid_quantizer<detent::dorefa_weights>);
static_assert(detent::grid_quantizer<detent::dorefa_activations>);
static_assert(detent::grid_quantizer<detent::wrpn_activations>);
static_assert(detent::grid_quantizer<detent::wrpn_weights>);

}  // namespace

TEST_CASE("quantizer: the archetypes do what the concept says") {
  CHECK(sign{}(-0.5f) == -1.0f);
  CHECK(sign{}.code(0.5f) == 0);
  CHECK(scaled_sign{}.backward(3.0, 2.0).theta[0] == 6.0);
}
