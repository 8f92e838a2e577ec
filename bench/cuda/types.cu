// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// accumulate by type and size beside what moves the same bytes, and host against device.

#include <bench/cuda/accumulate.cuh>
#include <bench/cuda/host.hpp>
#include <cstdio>
#include <cstring>

namespace bench::cuda {

namespace {

template <class W, class G>
struct pair_of_types {
  char const* w;
  char const* g;
  number of_w, of_g;
};
constexpr pair_of_types<float, float> floats{"float", "float", number::float32, number::float32};
constexpr pair_of_types<double, double> doubles{"double", "double", number::float64,
                                                number::float64};
constexpr pair_of_types<detent::half, detent::half> halves{"half", "half", number::half,
                                                           number::half};
constexpr pair_of_types<detent::bfloat16, detent::bfloat16> bfloat16s{
    "bfloat16", "bfloat16", number::bfloat16, number::bfloat16};
constexpr pair_of_types<detent::bfloat16, float> mixed{"bfloat16", "float", number::bfloat16,
                                                       number::float32};

template <class W, class G>
void compare_size(session& s, char const* group, pair_of_types<W, G> const& types,
                  std::size_t weights, bool is_in_cache) {
  using tensors = regularized<W, G>;
  std::size_t const bytes_of_set = weights * (sizeof(W) + sizeof(G));
  if (is_in_cache && bytes_of_set > s.cache_bytes() / 2) return;
  std::size_t const sets = is_in_cache ? 1 : sets_beyond_cache(s, bytes_of_set);
  subject const of{group, "accumulate/bounded", types.w, types.g, weights, 1, sets, is_in_cache};
  std::size_t const of_copy = weights * static_cast<std::size_t>(tensors::bytes);
  if (!s.has_room(of, sets * (bytes_of_set + of_copy))) return;
  tensors const t(s, weights, sets);
  copied const copy(weights, tensors::bytes, sets);
  std::vector<candidate> candidates{t.candidate(), copy.candidate(), t.multiply_add()};
  if constexpr (std::is_same_v<W, float>) {
    for (candidate& c : library_candidates(t.w(), t.g(), weights))
      candidates.push_back(std::move(c));
  }
  s.run(of, candidates);
}

/// The sizes with targets first, in case that time runs out.
template <class W, class G>
void compare_sizes(session& s, char const* group, pair_of_types<W, G> const& types) {
  for (int const power : {26, 28, 30, 24, 22, 20, 18, 16, 14, 12}) {
    std::size_t const weights = std::size_t{1} << power;
    if (!s.wanted().has(weights)) continue;
    compare_size(s, group, types, weights, false);
    compare_size(s, group, types, weights, true);
  }
}

/// g of the device as the host sees it.
template <class T>
std::vector<unsigned char> bytes_of(T const* data, std::size_t size) {
  std::vector<unsigned char> bytes(size * sizeof(T));
  require(cudaMemcpy(bytes.data(), data, bytes.size(), cudaMemcpyDeviceToHost), "copy to the host");
  return bytes;
}

template <class W, class G>
bool check(session& s, pair_of_types<W, G> const& types, char const* separator) {
  constexpr std::size_t weights = (std::size_t{1} << 20) + 777;
  regularized<W, G> const t(s, weights, 1);
  auto const w = bytes_of(t.w(), weights);
  auto expected = bytes_of(t.g(), weights);
  auto const untouched = expected;
  t.accumulate(s.stream(), 0);
  require(cudaStreamSynchronize(s.stream()), "accumulate");
  double const value = t.value();
  double const on_host =
      accumulate_on_host(types.of_w, types.of_g, w.data(), expected.data(), weights, scale);
  bool const is_equal = std::memcmp(&value, &on_host, sizeof(value)) == 0 &&
                        bytes_of(t.g(), weights) == expected && expected != untouched;
  std::printf(
      "%s\n{\"type\": \"%s\", \"gradient\": \"%s\", \"weights\": %zu, \"value\": %.17g, "
      "\"host_value\": %.17g, \"equal\": %s}",
      separator, types.w, types.g, weights, value, on_host, is_equal ? "true" : "false");
  return is_equal;
}

}  // namespace

void compare_floats(session& s) {
  compare_sizes(s, "float", floats);
}
void compare_bfloat16s(session& s) {
  compare_sizes(s, "bfloat16", bfloat16s);
}
void compare_other_types(session& s) {
  compare_sizes(s, "others", mixed);
  compare_sizes(s, "others", halves);
  compare_sizes(s, "others", doubles);
}

bool check_bits(session& s) {
  bool is_equal = check(s, floats, "");
  is_equal = check(s, doubles, ",") && is_equal;
  is_equal = check(s, halves, ",") && is_equal;
  is_equal = check(s, bfloat16s, ",") && is_equal;
  return check(s, mixed, ",") && is_equal;
}

}  // namespace bench::cuda
