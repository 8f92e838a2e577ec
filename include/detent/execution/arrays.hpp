// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The arrays of a kernel: what a loop that moves many elements at a time loads before and stores
// after the kernel sees them.

#include <detent/config.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI::detail {

/// An array that a kernel goes through, element by element.
template <class T, bool Loaded, bool Stored>
struct kernel_array {
  using element = T;
  static constexpr bool loaded = Loaded;
  static constexpr bool stored = Stored;
  std::conditional_t<Stored, T, T const>* data;
};
template <class T>
using reads = kernel_array<T, true, false>;
template <class T>
using writes = kernel_array<T, false, true>;
template <class T>
using updates = kernel_array<T, true, true>;

/// The arrays of a kernel in the order in which its `element` takes them. A host loop calls
/// `element` with elements in memory, a device loop with those it has in registers: what is
/// computed of them is written once.
template <class... Arrays>
struct array_list {};
template <class First, class... Rest>
struct array_list<First, Rest...> {
  First first;
  [[no_unique_address]] array_list<Rest...> rest;
};

DETENT_HD constexpr array_list<> list_of() noexcept {
  return {};
}
template <class First, class... Rest>
DETENT_HD constexpr array_list<First, Rest...> list_of(First first, Rest... rest) noexcept {
  return {first, list_of(rest...)};
}

}  // namespace detent::inline DETENT_ABI::detail
