// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <detent/regularizer/differentiate.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <detent/regularizer/term.hpp>
#include <detent/regularizer/through.hpp>
#include <memory>
#include <type_traits>

using namespace detent;

namespace {

/// All that a regularizer needs: no more than two calls and a number of parameters.
struct archetype {
  static constexpr int parameters = 0;
  term<float> operator()(float w) const { return {w, 1}; }
  term<double> operator()(double w) const { return {w, 1}; }
};
static_assert(regularizer<archetype>);

struct with_parameters {
  static constexpr int parameters = 2;
  template <class T>
  term<T, 2> operator()(T w) const {
    return {w * w, 2 * w, {w, -w}};
  }
};
static_assert(regularizer<with_parameters>);

/// Every model that is shipped.
constexpr auto penalty = [](auto w) { return w * w; };
using penalty_type = std::remove_const_t<decltype(penalty)>;
static_assert(regularizer<sinusoidal<extent::bounded>>);
static_assert(regularizer<sinusoidal<extent::periodic>>);
static_assert(regularizer<differentiated<penalty_type>>);
static_assert(regularizer<seen_through<identity_domain, archetype>>);
static_assert(regularizer<seen_through<tanh_domain, sinusoidal<>>>);
static_assert(regularizer<seen_through<tanh_domain, differentiated<penalty_type>>>);
static_assert(regularizer<seen_through<tanh_domain, with_parameters>>);

/// Near misses, each wrong in one respect.
struct without_parameters {
  template <class T>
  term<T> operator()(T w) const {
    return {w, T(1)};
  }
};
static_assert(!regularizer<without_parameters>);

struct negative_parameters {
  [[maybe_unused]] static constexpr int parameters = -1;
  template <class T>
  term<T> operator()(T w) const {
    return {w, T(1)};
  }
};
static_assert(!regularizer<negative_parameters>);

struct wrong_number_of_parameters {
  [[maybe_unused]] static constexpr int parameters = 1;
  template <class T>
  term<T> operator()(T w) const {
    return {w, T(1)};
  }
};
static_assert(!regularizer<wrong_number_of_parameters>);

struct float_alone {
  [[maybe_unused]] static constexpr int parameters = 0;
  term<float> operator()(float w) const { return {w, 1}; }
};
static_assert(!regularizer<float_alone>);

struct not_const {
  [[maybe_unused]] static constexpr int parameters = 0;
  template <class T>
  term<T> operator()(T w) {
    return {w, T(1)};
  }
};
static_assert(!regularizer<not_const>);

struct value_alone {
  [[maybe_unused]] static constexpr int parameters = 0;
  template <class T>
  T operator()(T w) const {
    return w;
  }
};
static_assert(!regularizer<value_alone>);

struct owning {
  [[maybe_unused]] static constexpr int parameters = 0;
  std::shared_ptr<double> strength;
  template <class T>
  term<T> operator()(T w) const {
    return {w, T(1)};
  }
};
static_assert(!regularizer<owning>);
static_assert(!regularizer<double>);

static_assert(std::is_trivially_copyable_v<term<float>> && std::is_aggregate_v<term<float>>);
static_assert(sizeof(term<float>) == 2 * sizeof(float), "no theta where there is no parameter");

}  // namespace

TEST_CASE("term: the archetypes are called as the concept says") {
  CHECK(archetype{}(2.0f).value == 2.0f);
  auto const t = with_parameters{}(3.0);
  CHECK(t.value == 9.0);
  CHECK(t.slope == 6.0);
  CHECK(t.theta[0] == 3.0);
  CHECK(t.theta[1] == -3.0);
}
