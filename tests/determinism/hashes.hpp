// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Hashes of the outputs of public functions by name, weights without rounding, and any executor.

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <functional>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace determinism {

/// FNV-1a of the outputs under a name, in the order of first use.
class hashes {
 public:
  template <class... Outputs>
  void operator()(char const* name, Outputs const&... outputs) {
    hash_ = &of(name);
    (add(outputs), ...);
  }

  /// Prints "name hash", a line each.
  void print() const;

 private:
  std::uint64_t& of(char const* name);

  void byte(std::uint64_t b) noexcept { *hash_ = (*hash_ ^ (b & 0xff)) * 0x100000001b3u; }
  void word(std::uint64_t w, int bytes) noexcept {
    for (int i = 0; i < bytes; ++i)
      byte(w >> (8 * i));
  }

  // A NaN's sign and payload are the processor's: every NaN counts as one.
  void add(double x) { word(x == x ? std::bit_cast<std::uint64_t>(x) : 0x7ff8000000000000u, 8); }
  void add(float x) { word(x == x ? std::bit_cast<std::uint32_t>(x) : 0x7fc00000u, 4); }
  template <class T>
  requires std::integral<T> || std::is_enum_v<T>
  void add(T x) { word(static_cast<std::uint64_t>(x), 8); }
  template <detent::storage_element T>
  void add(T x) {
    add(detent::to_compute(x));
  }
  void add(std::string const& text) {
    for (char const c : text)
      byte(static_cast<unsigned char>(c));
  }
  template <std::ranges::sized_range R>
  requires(!std::convertible_to<R, std::string>) void add(R const& numbers) {
    word(std::ranges::size(numbers), 8);
    for (auto const& number : numbers)
      add(number);
  }
  template <class T>
  requires requires(T const& t) { t.square, t.sine; }
  void add(T const& t) {
    add(t.square);
    add(t.sine);
  }
  template <class T>
  requires requires(T const& t) { t.up, t.down; }
  void add(T const& t) {
    add(t.up);
    add(t.down);
  }
  template <class T>
  requires requires(T const& t) { t.code, t.offset; }
  void add(T const& t) {
    add(t.code);
    add(t.offset);
  }
  template <class T>
  requires requires(T const& t) { t.mask, t.slope; }
  void add(T const& t) {
    add(t.mask);
    add(t.slope);
  }
  template <class T>
  requires requires(T const& t) { t.value, t.slope; }
  void add(T const& t) {
    add(t.value);
    add(t.slope);
    if constexpr (requires { t.theta[0]; }) add(t.theta);
  }
  template <class T>
  requires requires(T const& t) { t.gradient; }
  void add(T const& t) {
    add(t.gradient);
    if constexpr (requires { t.theta[0]; }) add(t.theta);
  }
  template <int P>
  void add(detent::result<P> const& r) {
    add(r.value);
    if constexpr (P > 0) add(r.theta);
  }
  template <int Sums, int Maxima>
  void add(detent::observation<Sums, Maxima> const& o) {
    add(o.sum);
    if constexpr (Maxima > 0) add(o.maximum);
  }
  void add(detent::bits b) { add(b.count()); }
  void add(detent::step_size s) { add(s.value()); }
  template <class T>
  void add(detent::uniform<T> const& g) {
    add(g.step());
    add(g.phase());
    add(g.lowest_code());
    add(g.highest_code());
    // The parts of step and reciprocal that cannot be asked for.
    for (int code = g.lowest_code(); code <= g.highest_code(); code += 1 + g.size() / 9) {
      add(g.level(code));
      add(g.position(g.level(code) * T(1.0625)).offset);
    }
  }
  void add(detent::philox_words const& w) { add(w.word); }

  std::vector<std::pair<std::string, std::uint64_t>> all_;
  std::uint64_t* hash_ = nullptr;
};

/// Any executor, so that every operation is compiled once, whatever runs it.
struct any_executor {
  using chunk = std::function<void(std::size_t)>;
  std::function<void(std::size_t, chunk const&)> run;
  void bulk(std::size_t count, chunk const& f) const { run(count, f); }
};

/// Multiples of 2^-21 in [-2, 2), among them zeros, -0 and numbers on levels of binary grids.
template <class T>
std::vector<T> weights(std::size_t count, std::uint64_t seed) {
  std::vector<T> w(count);
  std::uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    auto const n = static_cast<std::int32_t>(static_cast<std::int64_t>(state >> 41) - (1 << 22));
    float x = static_cast<float>(n) * 0x1p-21f;
    if (i % 61 == 7) x = 0;
    if (i % 61 == 9) x = -0.0f;
    if (i % 61 == 11) x = static_cast<float>(n >> 19) * 0.25f;
    w[i] = detent::from_compute<T>(x);
  }
  return w;
}

/// The same with NaN, infinities, and numbers of every size.
template <class T>
std::vector<T> wild_weights(std::size_t count, std::uint64_t seed) {
  std::vector<T> w = weights<T>(count, seed);
  float const wild[] = {
      1e30f, -1e-30f,   3e-41f, __builtin_inff(), -__builtin_inff(), __builtin_nanf(""),
      1e10f, -65504.0f, 1e-7f};
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 5 == 3) w[i] = detent::from_compute<T>(wild[i / 5 % std::size(wild)]);
  }
  return w;
}

/// Sizes of a row, less and more; of a chunk, less and more; and of several chunks.
inline constexpr std::size_t sizes[] = {1, 63, 1030, 16384, 16385, 36001};

void scalars(hashes& h);
void functors(hashes& h);
void operations(hashes& h, any_executor& executor, int threads);
void drawing_operations(hashes& h, any_executor& executor);
void statistics(hashes& h, any_executor& executor);
void training(hashes& h, any_executor& executor);

}  // namespace determinism
