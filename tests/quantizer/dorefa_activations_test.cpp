// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Unsigned rounding of activations against the papers' formula, and its gradient at the ends.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <detent/quantizer/dorefa_activations.hpp>
#include <limits>
#include <support/tensors.hpp>
#include <type_traits>

using detent::bits;
using detent::dorefa_activations;

namespace {

template <class T>
void check(int b, double range) {
  dorefa_activations const q{bits{b}, range};
  double const codes = std::exp2(b) - 1.0;
  double const epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  int compared = 0;
  for (T const x : tensors::random<T>(3000, 3, 2.0 * range)) {
    double const a = static_cast<double>(x);
    double const steps = codes * std::clamp(a / range, 0.0, 1.0);
    bool const inside = a > 0 && a < range;
    if (inside && std::abs(steps - std::floor(steps) - 0.5) < 4.0 * epsilon * codes) continue;
    ++compared;
    double const want = std::nearbyint(steps) / codes * range;
    CHECK(std::abs(static_cast<double>(q(x)) - want) <= 1.5 * epsilon * want);
    CHECK(static_cast<double>(q.code(x)) == std::nearbyint(steps));
    CHECK(q.backward(x, T(-0.3)).gradient == (inside ? T(-0.3) : T(0)));
  }
  CHECK(compared > 2900);
}

}  // namespace

TEST_CASE("dorefa_activations: agrees with the formula for 1 to 8 bits") {
  for (int b = 1; b <= 8; ++b) {
    for (double const range : {1.0, 0.7, 6.0}) {
      check<float>(b, range);
      check<double>(b, range);
    }
  }
}

TEST_CASE("dorefa_activations: the ends 0 and c are inside, the next number is not") {
  for (int b = 1; b <= 16; ++b) {
    for (float const c : {1.0f, 0.7f, 5.3f, 0.1f}) {
      dorefa_activations const q{bits{b}, static_cast<double>(c)};
      CHECK(q.backward(0.0f, 2.0f).gradient == 2.0f);
      CHECK(q.backward(-0.0f, 2.0f).gradient == 2.0f);
      CHECK(q.backward(c, 2.0f).gradient == 2.0f);
      CHECK(q.backward(std::nextafter(c, 9.0f), 2.0f).gradient == 0.0f);
      CHECK(q.backward(-1e-30f, 2.0f).gradient == 0.0f);
    }
  }
}

TEST_CASE("dorefa_activations: WRPN's are the same type") {
  CHECK(std::is_same_v<detent::wrpn_activations, dorefa_activations>);
}

TEST_CASE("dorefa_activations: rejects a range that is not above 0 and impossible bits") {
  CHECK(tensors::message_of([] { dorefa_activations(bits{4}, 0.0); }) ==
        "detent: range: is 0; a finite number above 0 is needed");
  CHECK(tensors::message_of([] {
          dorefa_activations(bits{4}, std::numeric_limits<double>::infinity());
        }) == "detent: range: is not finite; a finite number above 0 is needed");
  CHECK(tensors::message_of([] { dorefa_activations(bits{0}); }) ==
        "detent: bits: is 0; allowed are 1 to 16");
  CHECK(tensors::message_of([] { dorefa_activations(bits{17}); }) ==
        "detent: bits: is 17; allowed are 1 to 16");
}
