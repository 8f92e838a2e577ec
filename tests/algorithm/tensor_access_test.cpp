// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// How elements are found: the trait, shapes and orders, views like std::mdspan, and classes whose
// members contradict each other.

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/algorithm/tensor_access.hpp>
#include <detent/regularizer/differentiate.hpp>
#include <detent/statistic/magnitude.hpp>
#include <limits>
#include <memory_resource>
#include <span>
#include <string>
#include <support/tensors.hpp>
#include <valarray>
#include <vector>

using detent::readable;
using detent::tensor_shape;
using detent::writable;

namespace {

auto const half_square = detent::differentiate([](auto x) { return x * x; });

template <class W, class G>
std::string refusal(W const& w, G&& g) {
  return tensors::message_of([&] { detent::accumulate(half_square, w, g, 0.5); });
}

// The members of std::mdspan, with two dimensions.

struct strides_of_two {
  std::array<std::size_t, 2> extent, stride;
  bool unique = true;
};

struct plain {
  float& access(float* p, std::size_t i) const { return p[i]; }
};
struct every_other {
  float& access(float* p, std::size_t i) const { return p[2 * i]; }
};
struct with_state {
  std::size_t offset;
  float& access(float* p, std::size_t i) const { return p[offset + i]; }
};
struct by_value {
  float access(float* p, std::size_t i) const { return p[i]; }
};

template <class Accessor = plain, class Handle = float*>
struct view_of_two {
  using accessor_type = Accessor;
  using data_handle_type = Handle;
  Handle handle;
  strides_of_two map;

  static constexpr std::size_t rank() { return 2; }
  Handle const& data_handle() const { return handle; }
  strides_of_two const& mapping() const { return map; }
  Accessor accessor() const { return {}; }
  std::size_t extent(std::size_t d) const { return map.extent[d]; }
  std::size_t stride(std::size_t d) const { return map.stride[d]; }
  std::size_t size() const { return extent(0) * extent(1); }
  bool is_unique() const { return map.unique; }
  bool is_strided() const { return true; }
  bool is_exhaustive() const {
    return (stride(1) == 1 && stride(0) == extent(1)) || (stride(0) == 1 && stride(1) == extent(0));
  }
};
using mdspan = view_of_two<>;

struct handle {
  float* raw;
};

static_assert(writable<mdspan> && writable<mdspan const>);
static_assert(!readable<view_of_two<with_state>> && !readable<view_of_two<by_value>>);
static_assert(!readable<view_of_two<plain, handle>>);

// Classes with one trap each.

struct elsewhere : std::vector<float> {
  using std::vector<float>::vector;
  float* data() { return std::vector<float>::data() + 1; }
  float const* data() const { return std::vector<float>::data() + 1; }
};
struct first_extent {
  std::vector<float> values = std::vector<float>(200);
  float* begin() { return values.data(); }
  float* end() { return values.data() + 200; }
  float const* begin() const { return values.data(); }
  float const* end() const { return values.data() + 200; }
  std::size_t size() const { return 10; }
};
struct shape_of_more : std::vector<float> {
  using std::vector<float>::vector;
  std::array<int, 2> shape() const { return {10, 20}; }
};
struct padded_rows : std::vector<float> {
  using std::vector<float>::vector;
  std::size_t rows() const { return 5; }
  std::size_t cols() const { return 7; }
  float const& operator()(std::size_t r, std::size_t c) const { return (*this)[8 * r + c]; }
};

/// Random access by an iterator that holds nothing but a pointer, as many do before C++20.
template <int Step>
struct stepping {
  struct iterator {
    using value_type = float;
    using difference_type = std::ptrdiff_t;
    using reference = float&;
    using pointer = float*;
    using iterator_category = std::random_access_iterator_tag;
    float* p;
    float& operator*() const { return *p; }
    float& operator[](std::ptrdiff_t n) const { return p[Step * n]; }
    iterator& operator+=(std::ptrdiff_t n) { return p += Step * n, *this; }
    iterator& operator-=(std::ptrdiff_t n) { return p -= Step * n, *this; }
    iterator& operator++() { return *this += 1; }
    iterator& operator--() { return *this -= 1; }
    iterator operator++(int) { return {(p += Step) - Step}; }
    iterator operator--(int) { return {(p -= Step) + Step}; }
    friend iterator operator+(iterator i, std::ptrdiff_t n) { return i += n; }
    friend iterator operator+(std::ptrdiff_t n, iterator i) { return i += n; }
    friend iterator operator-(iterator i, std::ptrdiff_t n) { return i -= n; }
    friend std::ptrdiff_t operator-(iterator a, iterator b) { return (a.p - b.p) / Step; }
    friend auto operator<=>(iterator, iterator) = default;
  };
  float* first;
  std::size_t count;
  iterator begin() const { return {first}; }
  iterator end() const { return begin() + static_cast<std::ptrdiff_t>(count); }
  float* data() const { return first; }
  std::size_t size() const { return count; }
};

/// A user's class, known by the trait alone.
struct own_tensor {
  std::vector<float> memory;
  std::size_t r, c;
  bool dense = true;
};
struct trusted_view : std::vector<float> {
  using std::vector<float>::vector;
  int stride() const { return 1; }
};

/// 16-bit types like Eigen's and LibTorch's: trivially copyable, not trivial, and described by
/// their std::numeric_limits. The bytes of `Swapped` ones are exchanged.
template <bool Swapped>
struct foreign_half {
  std::uint16_t pattern;
  foreign_half() : pattern(0) {}
  explicit foreign_half(std::uint16_t bits)
      : pattern(Swapped ? static_cast<std::uint16_t>(bits << 8 | bits >> 8) : bits) {}
};
struct fixed_point {
  std::int16_t pattern;
};

}  // namespace

template <bool Swapped>
struct std::numeric_limits<foreign_half<Swapped>> {
  static constexpr bool is_specialized = true, is_integer = false;
  static constexpr int radix = 2, digits = 11, max_exponent = 16;
  static foreign_half<Swapped> max() { return foreign_half<Swapped>(0x7bff); }
  static foreign_half<Swapped> min() { return foreign_half<Swapped>(0x0400); }
  static foreign_half<Swapped> lowest() { return foreign_half<Swapped>(0xfbff); }
};
template <>
struct std::numeric_limits<fixed_point> {
  static constexpr bool is_specialized = true, is_integer = false;
  static constexpr int radix = 2, digits = 15, max_exponent = 0;
};

static_assert(!std::is_trivial_v<foreign_half<false>> && detent::element<foreign_half<false>>);
static_assert(!detent::element<fixed_point> && !detent::element<std::uint16_t>);

template <>
struct detent::tensor_access<own_tensor> {
  static float* data(own_tensor& t) { return t.memory.data(); }
  static float const* data(own_tensor const& t) { return t.memory.data(); }
  static std::size_t size(own_tensor const& t) { return t.memory.size(); }
  static tensor_shape shape(own_tensor const& t) { return tensor_shape::by_rows({t.r, t.c}); }
  static char const* problem(own_tensor const& t) { return t.dense ? nullptr : "is not dense"; }
};
template <>
struct detent::tensor_access<trusted_view> {
  template <class T>
  static auto data(T& t) {
    return t.data();
  }
  static std::size_t size(trusted_view const& t) { return t.size(); }
};

static_assert(writable<own_tensor> && readable<own_tensor const> && !writable<own_tensor const>);
static_assert(writable<trusted_view>);
static_assert(writable<std::pmr::vector<float>> && writable<std::valarray<double>>);
static_assert(!readable<std::slice_array<float>> && !readable<std::span<float volatile>>);

TEST_CASE("tensor_shape: orders by rows and by columns, without extents of 1") {
  constexpr auto rows = tensor_shape::by_rows({5, 1, 7}),
                 columns = tensor_shape::by_columns({5, 7});
  static_assert(rows.rank == 2 && rows.stride[0] == 7 && rows.stride[1] == 1);
  static_assert(columns.rank == 2 && columns.stride[0] == 1 && columns.stride[1] == 5);
  static_assert(!rows.agrees(columns) && rows.agrees(tensor_shape::by_rows({5, 7})));
  static_assert(rows.agrees(tensor_shape::by_columns({35})) && columns.agrees({}));
  static_assert(rows.is_contiguous(35) && columns.is_contiguous(35) && !rows.is_contiguous(36));
  tensor_shape padded;
  padded.add(5, 8);
  padded.add(7, 1);
  CHECK(!padded.is_contiguous(35));
  tensor_shape repeated;
  repeated.add(5, 0);
  CHECK(!repeated.is_contiguous(5));
  auto const nine = tensor_shape::by_rows({2, 2, 2, 2, 2, 2, 2, 2, 2});
  CHECK(!nine.agrees(nine));
  CHECK(!nine.is_contiguous(512));
}

TEST_CASE("tensor_access: C arrays of one dimension and of several") {
  float w[3][4][5], g[3][4][5] = {};
  float flat[60] = {};
  for (int i = 0; i < 60; ++i)
    w[i / 20][i / 5 % 4][i % 5] = 0.1f * static_cast<float>(i);
  detent::accumulate(half_square, w, g, 0.5);
  detent::accumulate(half_square, w, flat, 0.5);
  int wrong = 0;
  for (int i = 0; i < 60; ++i) {
    wrong += g[i / 20][i / 5 % 4][i % 5] != w[i / 20][i / 5 % 4][i % 5];
    wrong += flat[i] != g[i / 20][i / 5 % 4][i % 5];
  }
  CHECK(wrong == 0);
  float turned[5][4][3] = {};
  CHECK(refusal(w, turned) ==
        "detent: g: has 5 x 4 x 3 elements stored by rows where w has 3 x 4 x 5 elements stored by "
        "rows");
}

TEST_CASE("tensor_access: std::valarray and std::pmr") {
  std::valarray<float> const w{0.5f, -0.25f, 1.0f};
  std::pmr::vector<float> g(3);
  detent::accumulate(half_square, w, g, 0.5);
  CHECK(g == std::pmr::vector<float>{0.5f, -0.25f, 1.0f});
  CHECK(detent::reduce(detent::magnitude{}, std::valarray<float>()).count() == 0);
}

TEST_CASE("tensor_access: views like std::mdspan, exhaustive in either order") {
  std::vector<float> w(35), g(35);
  for (std::size_t i = 0; i < 35; ++i)
    w[i] = static_cast<float>(i);
  mdspan const rows{w.data(), {{5, 7}, {7, 1}}}, columns{g.data(), {{5, 7}, {1, 5}}};
  CHECK(refusal(rows, mdspan{g.data(), {{5, 7}, {7, 1}}}).empty());
  CHECK(g == w);
  CHECK(refusal(rows, columns) ==
        "detent: g: has 5 x 7 elements stored by columns where w has 5 x 7 elements stored by "
        "rows");
  CHECK(refusal(rows, mdspan{g.data(), {{7, 5}, {5, 1}}}).find("7 x 5") != std::string::npos);
  CHECK(refusal(rows, std::span(g)).empty());
  CHECK(refusal(mdspan{w.data(), {{5, 7}, {8, 1}}}, g) ==
        "detent: w: is not exhaustive: its elements have strides");
  CHECK(refusal(mdspan{w.data(), {{5, 7}, {7, 1}, false}}, g) ==
        "detent: w: is not unique: several indices show the same element");
  CHECK(refusal(view_of_two<every_other>{w.data(), {{5, 3}, {3, 1}}}, std::span(g).first(15)) ==
        "detent: w: has an accessor that moves elements");
  CHECK(refusal(mdspan{nullptr, {{5, 7}, {7, 1}}}, g) == "detent: w: has null data and size 35");
  CHECK(refusal(mdspan{nullptr, {{0, 7}, {7, 1}}}, std::span<float>()).empty());
}

TEST_CASE("tensor_access: classes whose members contradict each other are refused") {
  std::vector<float> g(35), more(200);
  std::string const first = "detent: w: has data() that is not the address of its first element";
  CHECK(refusal(elsewhere(35), g) == first);
  CHECK(refusal(elsewhere(), std::span<float>()).empty());
  CHECK(refusal(first_extent(), more) ==
        "detent: w: has a size() that is not the number of its elements");
  CHECK(refusal(shape_of_more(35), g) ==
        "detent: w: has a size() that is not the product of its shape()");
  CHECK(refusal(shape_of_more(200), more).empty());
  CHECK(refusal(padded_rows(40), std::span(more).first(40)) ==
        "detent: w: has rows and columns that are not its elements one after another");
  CHECK(refusal(stepping<1>{more.data(), 35}, g).empty());
  CHECK(refusal(stepping<2>{more.data(), 35}, g) ==
        "detent: w: is not contiguous: its elements have strides");
  CHECK(refusal(stepping<-1>{more.data() + 100, 35}, g) ==
        "detent: w: is not contiguous: its elements have strides");
}

TEST_CASE("tensor_access: a class of a user's, with a shape and a reason to refuse") {
  own_tensor const w{std::vector<float>(35, 0.5f), 5, 7};
  own_tensor g{std::vector<float>(35), 5, 7};
  CHECK(refusal(w, g).empty());
  CHECK(g.memory == w.memory);
  CHECK(refusal(w, own_tensor{std::vector<float>(35), 7, 5}) ==
        "detent: g: has 7 x 5 elements stored by rows where w has 5 x 7 elements stored by rows");
  g.dense = false;
  CHECK(refusal(w, g) == "detent: g: is not dense");
  trusted_view view(35);
  CHECK(refusal(w, view).empty());
  CHECK(view[34] == 0.5f);
}

TEST_CASE(
    "elements: foreign 16-bit classes are known by their limits, if their bits are in order") {
  std::vector<detent::half> own;
  std::vector<foreign_half<false>> w;
  std::vector<foreign_half<true>> swapped;
  for (float const x : {0.0f, 0.3f, -1.5f, 65504.0f, 6e-8f}) {
    own.emplace_back(x);
    std::uint16_t bits;
    std::memcpy(&bits, &own.back(), sizeof bits);
    w.emplace_back(bits);
    swapped.emplace_back(bits);
  }
  auto own_g = own;
  auto g = w;
  detent::accumulate(half_square, own, own_g, 0.5);
  CHECK(refusal(w, g).empty());
  CHECK(std::memcmp(g.data(), own_g.data(), 2 * g.size()) == 0);
  CHECK(refusal(swapped, std::vector<float>(5)) ==
        "detent: w: has elements whose bits are not in the order that their numeric_limits name");
}

#if defined(__FLT16_MAX__) && (defined(__clang__) || __GNUC__ >= 13 || defined(__SSE2__))
TEST_CASE("elements: the compiler's half has the bits of the library's own") {
  using builtin = detent::detail::builtin_half;
  std::vector<builtin> w, g;
  std::vector<detent::half> own, own_g;
  for (int i = 0; i < 1000; ++i) {
    float const x = 0.013f * static_cast<float>(i % 311) - 2.0f;
    w.push_back(static_cast<builtin>(x));
    own.emplace_back(x);
  }
  REQUIRE(std::memcmp(w.data(), own.data(), 2000) == 0);
  g = w;
  own_g = own;
  detent::accumulate(half_square, w, g, 0.5);
  detent::accumulate(half_square, own, own_g, 0.5);
  CHECK(std::memcmp(g.data(), own_g.data(), 2000) == 0);
}
#endif

#if defined(__SSE2__) && defined(__clang__) && __clang_major__ >= 15
static_assert(detent::element<__bf16>);
#endif
