// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The loops of statistics: lanes of sums and maxima, or copies of a statistic, chunk by chunk.

#include <algorithm>
#include <cstddef>
#include <detent/config.hpp>
#include <detent/execution/isa.hpp>
#include <detent/execution/lane_tree.hpp>
#include <detent/execution/policy.hpp>
#include <detent/execution/run.hpp>
#include <detent/math/floating_mode.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/storage.hpp>
#include <detent/numbers.hpp>
#include <detent/statistic/statistic.hpp>
#include <limits>
#include <new>
#include <span>
#include <utility>

namespace detent::inline DETENT_ABI::detail {

/// Weights that statistics observe between two merges, of every element type.
inline constexpr std::size_t observed_chunk = tree_chunk<float>;
/// Lane l of a chunk adds the terms of its weights l, l + 256, … in double, in order; lanes, then
/// chunks, are combined by the tree.
inline constexpr std::size_t observed_lanes = tree_groups;

/// One tensor and the statistic that observes it.
template <class S, class W>
struct observed_tensor {
  S fresh;
  W const* w;
  std::size_t size;
};

// Folds in place of loops over K, which GCC would take for the loops to vectorize.
template <int Sums, int Maxima, std::size_t... K>
DETENT_HD inline void add_sums(observation<Sums, Maxima> const& terms, double one, double* sum,
                               std::index_sequence<K...>) noexcept {
  ((sum[K] = fma(terms.sum[K], one, sum[K])), ...);
}
template <int Sums, int Maxima, std::size_t... K>
DETENT_HD inline void keep_maxima(observation<Sums, Maxima> const& terms, double* maximum,
                                  std::index_sequence<K...>) noexcept {
  ((maximum[K] = terms.maximum[K] > maximum[K] ? terms.maximum[K] : maximum[K]), ...);
}
template <std::size_t... K>
DETENT_HD inline void load_lane(double const* lane, double* number,
                                std::index_sequence<K...>) noexcept {
  ((number[K] = lane[K * observed_lanes]), ...);
}
template <std::size_t... K>
DETENT_HD inline void store_lane(double const* number, double* lane,
                                 std::index_sequence<K...>) noexcept {
  ((lane[K * observed_lanes] = number[K]), ...);
}

template <class S, class W>
DETENT_HOST_LOOP inline void observe_weight(S const& statistic, W const& w, double one,
                                            double* number) noexcept {
  constexpr auto sums = static_cast<std::size_t>(S::sums);
  constexpr auto maxima = static_cast<std::size_t>(S::maxima);
  auto const terms = statistic.terms(to_compute(w));
  add_sums(terms, one, number, std::make_index_sequence<sums>{});
  keep_maxima(terms, number + sums, std::make_index_sequence<maxima>{});
}

/// The first `count` lanes observe their weights of one row or two: two at a time spare the lanes
/// half their way to memory and back, and change no order.
template <int Rows, class S, class W>
DETENT_HOST_LOOP inline void observe_rows(S const& statistic, W const* w, std::size_t count,
                                          double one, double* lane) noexcept {
  constexpr std::size_t numbers = std::size_t{S::sums} + std::size_t{S::maxima};
  DETENT_INDEPENDENT
  for (std::size_t l = 0; l < count; ++l) {
    double number[numbers];
    load_lane(lane + l, number, std::make_index_sequence<numbers>{});
    observe_weight(statistic, w[l], one, number);
    if constexpr (Rows == 2) observe_weight(statistic, w[l + observed_lanes], one, number);
    store_lane(number, lane + l, std::make_index_sequence<numbers>{});
  }
}

inline double largest_of(double const* x, std::size_t count) noexcept {
  double largest = x[0];
  for (std::size_t i = 1; i < count; ++i)
    largest = larger(largest, x[i]);
  return largest;
}

/// Writes the sums, then the maxima, of at most one chunk.
template <class S, class W>
DETENT_HOST_LOOP inline void observe_terms(S statistic, W const* w, std::size_t count,
                                           double* result) noexcept {
  constexpr auto sums = static_cast<std::size_t>(S::sums);
  constexpr auto maxima = static_cast<std::size_t>(S::maxima);
  constexpr std::size_t lanes = observed_lanes, block = 32;
  alignas(64) double lane[(sums + maxima) * lanes];
  std::size_t const used = (std::min)(count, lanes);
  std::size_t const cleared = (used + block - 1) / block * block;
  for (std::size_t k = 0; k < sums; ++k)
    fill(lane + k * lanes, cleared, 0.0);
  for (std::size_t k = sums; k < sums + maxima; ++k)
    fill(lane + k * lanes, cleared, -infinite);
  double const one = opaque_one<double>();
  for (; count >= 2 * lanes; count -= 2 * lanes, w += 2 * lanes)
    observe_rows<2>(statistic, w, lanes, one, lane);
  std::size_t l = 0;
  if (count >= lanes) {
    observe_rows<1>(statistic, w, lanes, one, lane);
    count -= lanes;
    w += lanes;
  }
  for (; l + block <= count; l += block)
    observe_rows<1>(statistic, w + l, block, one, lane + l);
  for (; l < count; ++l)
    observe_rows<1>(statistic, w + l, 1, one, lane + l);
  for (std::size_t k = 0; k < sums; ++k)
    result[k] = tree_sum(lane + k * lanes, used);
  for (std::size_t k = sums; k < sums + maxima; ++k)
    result[k] = largest_of(lane + k * lanes, used);
}

/// What the chunks of one tensor have added.
template <int Sums, int Maxima>
observation<Sums, Maxima> combined(double const* partial, std::size_t chunks) noexcept {
  constexpr auto sums = static_cast<std::size_t>(Sums), maxima = static_cast<std::size_t>(Maxima);
  observation<Sums, Maxima> total;
  for (std::size_t k = 0; k < sums; ++k)
    total.sum[k] = partials_sum(partial + k, chunks, sums + maxima);
  if constexpr (Maxima > 0) {
    for (std::size_t k = 0; k < maxima; ++k) {
      total.maximum[k] = partial[sums + k];
      for (std::size_t c = 1; c < chunks; ++c)
        total.maximum[k] = larger(total.maximum[k], partial[c * (sums + maxima) + sums + k]);
    }
  }
  return total;
}

/// One chunk of a tensor, compiled once whatever the policies, as `chunk_run` is.
template <class S, class W>
struct terms_of_chunk {
  S const& statistic;
  W const* w;
  std::size_t count;
  double* result;

  DETENT_HOST_LOOP void operator()() const noexcept { observe_terms(statistic, w, count, result); }
};

/// results[t] becomes the statistic of tensors[t]; load is shared by chunks.
template <class Policy, summing_statistic S, class W>
void observe(Policy const& policy, std::span<observed_tensor<S, W> const> tensors, S* results) {
  constexpr std::size_t numbers = std::size_t{S::sums} + std::size_t{S::maxima};
  require_rounding_to_nearest();
  auto const size_of = [=](std::size_t t) noexcept { return tensors[t].size; };
  scratch<std::size_t, use::chunk_offsets> offsets(tensors.size() + 1);
  count_chunks(tensors.size(), observed_chunk, size_of, offsets.data());
  std::span<std::size_t const> const offset(offsets.data(), tensors.size() + 1);
  scratch<double, use::partial_sums> partials(std::max<std::size_t>(offset.back() * numbers, 1));
  double* const partial = partials.data();
  isa const level = active_isa();
  if (offset.back() > 0) {
    for_each_chunk(policy, offset, observed_chunk, size_of,
                   [=](std::size_t t, std::size_t first, std::size_t count, std::size_t c) {
                     call_with(level, terms_of_chunk<S, W>{tensors[t].fresh, tensors[t].w + first,
                                                           count, partial + c * numbers});
                   });
  }
  standard_floating_mode const mode;
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    std::size_t const chunks = offset[t + 1] - offset[t];
    results[t] = tensors[t].fresh;
    if (chunks == 0) continue;
    results[t].add(combined<S::sums, S::maxima>(partial + offset[t] * numbers, chunks),
                   tensors[t].size);
  }
}

/// Statistics whose `observe` takes double and nothing else: a float is promoted explicitly.
template <class Statistic>
concept observes_double = requires {
  static_cast<void (Statistic::*)(double)>(&Statistic::observe);
}
&&!requires {
  static_cast<void (Statistic::*)(float)>(&Statistic::observe);
};

template <class Statistic, class T>
DETENT_HOST_LOOP inline void observe_one(Statistic& statistic, T w) noexcept {
  if constexpr (observes_double<Statistic>) {
    statistic.observe(static_cast<double>(w));
  } else {
    statistic.observe(w);
  }
}

/// Lets copies of a statistic observe the elements of a chunk. Several of them break the chain of
/// dependent operations; a large statistic goes alone.
template <class Statistic, class W>
DETENT_HOST_LOOP inline void observe_chunk(W const* w, std::size_t count,
                                           Statistic& result) noexcept {
  constexpr std::size_t lanes = sizeof(Statistic) <= 256 ? 8 : 1;
  alignas(Statistic) std::byte memory[lanes * sizeof(Statistic)];
  auto* const lane = reinterpret_cast<Statistic*>(memory);
  for (std::size_t l = 0; l < lanes; ++l)
    ::new (static_cast<void*>(lane + l)) Statistic(result);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (std::size_t l = 0; l < lanes; ++l)
      observe_one(lane[l], to_compute(w[i + l]));
  }
  for (std::size_t l = 0; i < count; ++i, ++l)
    observe_one(lane[l], to_compute(w[i]));
  for (std::size_t l = 1; l < lanes; ++l)
    lane[0].merge(lane[l]);
  result = lane[0];
}

/// One chunk, compiled once whatever the policies, as `chunk_run` is.
template <class Statistic, class W>
struct chunk_observed {
  W const* w;
  std::size_t count;
  Statistic& result;

  DETENT_HOST_LOOP void operator()() const noexcept { observe_chunk(w, count, result); }
};

/// What any statistic learns of a tensor, chunk by chunk, merged in the order of the chunks.
template <class Policy, class Statistic, class W>
Statistic observe(Policy const& policy, Statistic const& fresh, W const* w, std::size_t size) {
  require_rounding_to_nearest();
  std::size_t const chunks = chunks_of(size, observed_chunk);
  if (chunks == 0) return fresh;
  numbers<Statistic> partial(chunks, fresh);
  isa const level = active_isa();
  auto const one = [=, out = partial.data()](std::size_t c) noexcept {
    std::size_t const first = c * observed_chunk;
    standard_floating_mode const mode;
    call_with(level, chunk_observed<Statistic, W>{
                         w + first, (std::min)(observed_chunk, size - first), out[c]});
  };
  if (chunks == 1) {
    one(0);
  } else {
    policy.bulk(chunks, one);
  }
  standard_floating_mode const mode;
  Statistic result = partial[0];
  for (std::size_t c = 1; c < chunks; ++c)
    result.merge(partial[c]);
  return result;
}

}  // namespace detent::inline DETENT_ABI::detail
