// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Every convention of a grid with its formula, for the tests that go through all of them.

#include <detent/grid/convention.hpp>

namespace detent_test {

/// A convention: how the library makes the grid, and its levels by the definition.
struct convention {
  char const* name;
  int fewest_bits;
  detent::uniform<double> (*grid)(int bits);
  int (*lowest)(int bits);
  int (*highest)(int bits);
  long double (*level)(int bits, int code);  ///< in the arithmetic of the definition
};

inline constexpr double test_step = 0.037;

constexpr int power(int b) noexcept {
  return 1 << b;
}

inline constexpr convention conventions[] = {
    {"dorefa", 1, [](int b) { return detent::dorefa_grid(detent::bits(b)); },
     [](int b) { return -power(b - 1); }, [](int b) { return power(b - 1) - 1; },
     // (2i - (2^b - 1))/(2^b - 1) with i counted from 0.
     [](int b, int code) {
       int const i = code + power(b - 1);
       return static_cast<long double>(2 * i - (power(b) - 1)) / (power(b) - 1);
     }},
    {"wrpn", 2, [](int b) { return detent::wrpn_grid(detent::bits(b)); },
     [](int b) { return -(power(b - 1) - 1); }, [](int b) { return power(b - 1) - 1; },
     [](int b, int code) { return static_cast<long double>(code) / (power(b - 1) - 1); }},
    {"unit", 1, [](int b) { return detent::unit_grid(detent::bits(b)); }, [](int) { return 0; },
     [](int b) { return power(b) - 1; },
     [](int b, int code) { return static_cast<long double>(code) / (power(b) - 1); }},
    {"two's complement", 1,
     [](int b) {
       return detent::twos_complement_grid(detent::bits(b), detent::step_size(test_step));
     },
     [](int b) { return -power(b - 1); }, [](int b) { return power(b - 1) - 1; },
     [](int, int code) { return static_cast<long double>(test_step) * code; }},
    {"unsigned", 1,
     [](int b) { return detent::unsigned_grid(detent::bits(b), detent::step_size(test_step)); },
     [](int) { return 0; }, [](int b) { return power(b) - 1; },
     [](int, int code) { return static_cast<long double>(test_step) * code; }},
};

/// Calls f(convention, bits) for every convention and number of bits.
template <class F>
void for_each_grid(F f) {
  for (auto const& c : conventions) {
    for (int b = c.fewest_bits; b <= detent::max_bits; ++b)
      f(c, b);
  }
}

}  // namespace detent_test
