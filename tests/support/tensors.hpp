// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Random tensors, awkward sizes, bit comparison and the message of an error, for several rooms.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <detent/error.hpp>
#include <string>
#include <vector>

namespace tensors {

/// The next number of splitmix64, the same on every machine.
inline std::uint64_t next(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// `size` numbers in [-range, range); 24 random bits each, so that float holds them exactly as long
/// as the range is a power of two.
template <class T>
std::vector<T> random(std::size_t size, std::uint64_t seed, double range = 2.0) {
  std::vector<T> x(size);
  for (T& value : x) {
    double const unit = static_cast<double>(next(seed) >> 40) * 0x1p-24;
    value = static_cast<T>(range * (2.0 * unit - 1.0));
  }
  return x;
}

/// Sizes with every kind of tail around the block (64), the row (1024 or 512), the chunk (16,384
/// or 8,192) and several chunks.
inline std::vector<std::size_t> awkward_sizes() {
  std::vector<std::size_t> sizes{0, 1, 2, 3, 7, 31, 32, 33};
  for (std::size_t const middle : {64u, 128u, 512u, 1024u, 2048u, 8192u, 16384u, 32768u}) {
    for (std::size_t const size : {middle - 1, middle, middle + 1})
      sizes.push_back(size);
  }
  for (std::size_t const size : {1087u, 1088u, 1089u, 3263u, 50263u})
    sizes.push_back(size);
  return sizes;
}

/// Whether two containers hold the same bits: tells -0 from 0 and a NaN equal to itself.
template <class A, class B>
bool same_bits(A const& a, B const& b) {
  static_assert(sizeof(*a.data()) == sizeof(*b.data()));
  if (a.size() != b.size()) return false;
  return a.size() == 0 || std::memcmp(a.data(), b.data(), a.size() * sizeof(*a.data())) == 0;
}
inline bool same_bits(double a, double b) {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

/// FNV-1a of the bits of a container.
template <class C>
std::uint64_t checksum(C const& container) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  auto const* const bytes = reinterpret_cast<unsigned char const*>(container.data());
  for (std::size_t i = 0; i < container.size() * sizeof(*container.data()); ++i)
    hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

/// What the detent::invalid_argument that f() throws says; empty if it throws none.
template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (detent::invalid_argument const& error) {
    return error.what();
  }
  return {};
}

}  // namespace tensors
