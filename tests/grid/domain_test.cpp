// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <cmath>
#include <detent/grid/domain.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <initializer_list>
#include <limits>
#include <memory>
#include <support/difference.hpp>
#include <support/fast_math.hpp>
#include <support/random.hpp>
#include <support/ulp.hpp>

using namespace detent;
using namespace detent_test;

namespace {

/// All that a domain needs.
struct archetype {
  coordinate<float> operator()(float w) const { return {w, 1}; }
  coordinate<double> operator()(double w) const { return {w, 1}; }
};
static_assert(domain<archetype>);
static_assert(domain<identity_domain> && domain<tanh_domain> && domain<dorefa_domain>);

/// Near misses, each wrong in one respect.
struct without_slope {
  template <class T>
  T operator()(T w) const {
    return w;
  }
};
static_assert(!domain<without_slope>);
struct always_double {
  coordinate<double> operator()(double w) const { return {w, 1}; }
};
static_assert(!domain<always_double>);
struct not_const {
  template <class T>
  coordinate<T> operator()(T w) {
    return {w, T(1)};
  }
};
static_assert(!domain<not_const>);
struct not_trivially_copyable {
  std::shared_ptr<int> shared;
  template <class T>
  coordinate<T> operator()(T w) const {
    return {w, T(1)};
  }
};
static_assert(!domain<not_trivially_copyable>);

template <domain D>
void check_slope(D const& d, std::uint64_t seed, double third) {
  random_numbers r(seed);
  worst found;
  auto const value = [&](double w) { return d(w).value; };
  double const error = 4 * std::numeric_limits<double>::epsilon();
  for (int i = 0; i < 2000; ++i) {
    double const w = static_cast<float>(r.between(-4, 4));
    auto const quotient =
        central_difference(value, w, third, error, difference_distance(third, error));
    found.observe(std::fabs(d(w).slope - quotient.slope) / quotient.bound, w);
  }
  CAPTURE(found.at());
  CHECK(found.error() <= 1);
}

}  // namespace

TEST_CASE("domain: the identity is the weight, with slope 1") {
  for (float w : {0.0f, -0.3f, 1e30f}) {
    CHECK(identity_domain{}(w).value == w);
    CHECK(identity_domain{}(w).slope == 1.0f);
  }
}

TEST_CASE("domain: tanh at closed-form points") {
  CHECK(tanh_domain{}(0.0).value == 0.0);
  CHECK(tanh_domain{}(0.0).slope == 1.0);
  // tanh(½ ln 3) = ½
  CHECK(std::fabs(tanh_domain{}(0.54930614433405485).value - 0.5) < 1e-15);
  CHECK(std::fabs(tanh_domain{}(0.54930614433405485).slope - 0.75) < 1e-15);
  CHECK(tanh_domain{}(1e30f).value == 1.0f);
  CHECK(tanh_domain{}(1e30f).slope == 0.0f);
  CHECK(tanh_domain{}(-1e300).value == -1.0);
}

TEST_CASE("domain: slopes are the differences of the coordinates") {
  check_slope(tanh_domain{}, 1, 2);
  check_slope(dorefa_domain{false}, 2, 2);
  check_slope(dorefa_domain{true}, 3, 1e-3);
}

TEST_CASE("domain: odd, never falling, slope in [0, 1]") {
  random_numbers r(4);
  for (int i = 0; i < 5000; ++i) {
    float const w = static_cast<float>(r.between(0, 12));
    auto const plus = tanh_domain{}(w), minus = tanh_domain{}(-w);
    REQUIRE(plus.value == -minus.value);
    REQUIRE(plus.slope == minus.slope);
    REQUIRE((plus.slope >= 0 && plus.slope <= 1));
  }
}

TEST_CASE("domain: DoReFa's is tanh, and for one bit the weight") {
  CHECK(dorefa_domain{false}(0.7f).value == tanh_domain{}(0.7f).value);
  CHECK(dorefa_domain{false}(0.7f).slope == tanh_domain{}(0.7f).slope);
  CHECK(dorefa_domain{true}(0.7f).value == 0.7f);
  CHECK(dorefa_domain{true}(0.7f).slope == 1.0f);
}

TEST_CASE("domain: NaN stays NaN" * doctest::skip(fast_math)) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(is_nan(identity_domain{}(nan).value));
  CHECK(is_nan(tanh_domain{}(nan).value));
  CHECK(is_nan(tanh_domain{}(nan).slope));
}
