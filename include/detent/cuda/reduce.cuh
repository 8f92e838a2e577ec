// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// reduce on a stream: what a statistic learns of one or many tensors.

#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/cuda/block_tree.cuh>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/parameter.cuh>
#include <detent/cuda/pass.cuh>
#include <detent/cuda/plan.cuh>
#include <detent/cuda/row.cuh>
#include <detent/cuda/stream.cuh>
#include <detent/execution/observe.hpp>
#include <detent/math/rounding.hpp>
#include <detent/math/storage.hpp>
#include <detent/statistic/statistic.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI::cuda {

/// One tensor of many, for `reduce` on a stream. Statistics are those of sums and maxima.
template <summing_statistic S, class W>
struct observed_layer {
  using statistic_type = S;
  using weight = W;
  static constexpr int sums = S::sums + S::maxima;
  static constexpr std::size_t chunk = detent::detail::observed_chunk;

  S fresh;
  device_span<W const> w;

  DETENT_HD constexpr std::size_t size() const noexcept { return w.size(); }

  /// Errors: invalid_argument for null data. The message names the layer, where it is one of a
  /// list.
  void require(std::size_t layer = detail::argument::no_layer) const {
    detail::require_data(w, detail::argument{"w", layer});
  }

  /// Tells the memory that the layer reads.
  void tell_memory(detail::overlap_check& used, std::size_t layer) const {
    used.reads(w.data(), w.size(), {"w", layer});
  }
};
template <class S, device_container W>
observed_layer(S, W&&) -> observed_layer<S, detail::device_element_of<std::remove_reference_t<W>>>;

namespace detail {

inline constexpr int observing_threads = static_cast<int>(observed_lanes);

/// Sums and maxima of one thread, or of many.
template <int Sums, int Maxima>
struct observed_numbers {
  double sum[static_cast<std::size_t>(Sums)][1];
  double maximum[static_cast<std::size_t>(Maxima > 0 ? Maxima : 1)];

  __device__ observed_numbers() {
    DETENT_UNROLL
    for (int k = 0; k < Sums; ++k)
      sum[k][0] = 0;
    DETENT_UNROLL
    for (int k = 0; k < Maxima; ++k)
      maximum[k] = -__builtin_huge_val();
  }

  __device__ void add(observation<Sums, Maxima> const& terms) {
    DETENT_UNROLL
    for (int k = 0; k < Sums; ++k)
      sum[k][0] = add_exactly(terms.sum[k], sum[k][0]);
    if constexpr (Maxima > 0) {
      DETENT_UNROLL
      for (int k = 0; k < Maxima; ++k)
        maximum[k] = terms.maximum[k] > maximum[k] ? terms.maximum[k] : maximum[k];
    }
  }
};

/// The lane of a thread: weights thread, thread + 256, … of at most one chunk.
template <class S, class W, class Numbers>
__device__ void observe_lane(S const& statistic, W const* w, int count, Numbers& numbers) {
  constexpr int unroll = 8;
  int i = static_cast<int>(threadIdx.x);
  for (; i + (unroll - 1) * observing_threads < count; i += unroll * observing_threads) {
    elements<W, 1> weight[unroll];
    DETENT_UNROLL
    for (int r = 0; r < unroll; ++r)
      weight[r].load(w + i + r * observing_threads);
    DETENT_UNROLL
    for (int r = 0; r < unroll; ++r)
      numbers.add(statistic.terms(to_compute(weight[r].value[0])));
  }
  DETENT_ROLL
  for (; i < count; i += observing_threads) {
    elements<W, 1> weight;
    weight.load(w + i);
    numbers.add(statistic.terms(to_compute(weight.value[0])));
  }
}

/// The numbers of a block, sums first, in thread 0.
template <int Sums, int Maxima>
__device__ void block_numbers(observed_numbers<Sums, Maxima>& mine,
                              double (&total)[static_cast<std::size_t>(Sums + Maxima)]) {
  double sum[static_cast<std::size_t>(Sums)];
  block_sums(mine.sum, sum);
  DETENT_UNROLL
  for (int k = 0; k < Sums; ++k)
    total[k] = sum[k];
  if constexpr (Maxima > 0) {
    __shared__ double of_warp[static_cast<std::size_t>(Maxima)][observing_threads / 32];
    DETENT_UNROLL
    for (int k = 0; k < Maxima; ++k) {
      double largest = mine.maximum[k];
      DETENT_UNROLL
      for (unsigned half = 16; half > 0; half /= 2) {
        double const other = __shfl_down_sync(0xffffffffu, largest, half);
        largest = other > largest ? other : largest;
      }
      if (threadIdx.x % 32 == 0) of_warp[k][threadIdx.x / 32] = largest;
    }
    __syncthreads();
    DETENT_UNROLL
    for (int k = 0; k < Maxima; ++k) {
      double largest = of_warp[k][0];
      DETENT_UNROLL
      for (int warp = 1; warp < observing_threads / 32; ++warp)
        largest = of_warp[k][warp] > largest ? of_warp[k][warp] : largest;
      total[Sums + k] = largest;
    }
  }
}

/// What the chunks of a tensor have left: chunk c for thread c % 256.
template <int Sums, int Maxima>
__device__ void observe_partials(double const* partial, unsigned chunks,
                                 observed_numbers<Sums, Maxima>& numbers) {
  for (unsigned c = threadIdx.x; c < chunks; c += static_cast<unsigned>(observing_threads)) {
    double const* const of_chunk = partial + std::size_t{c} * (Sums + Maxima);
    observation<Sums, Maxima> terms;
    DETENT_UNROLL
    for (int k = 0; k < Sums; ++k)
      terms.sum[k] = __ldcg(of_chunk + k);
    if constexpr (Maxima > 0) {
      DETENT_UNROLL
      for (int k = 0; k < Maxima; ++k)
        terms.maximum[k] = __ldcg(of_chunk + Sums + k);
    }
    numbers.add(terms);
  }
}

/// A statistic that has taken in the numbers, to device memory.
template <class S, std::size_t Numbers>
__device__ void write_statistic(S result, double const (&total)[Numbers], std::size_t size, S* to) {
  observation<S::sums, S::maxima> all;
  DETENT_UNROLL
  for (int k = 0; k < S::sums; ++k)
    all.sum[k] = total[k];
  if constexpr (S::maxima > 0) {
    DETENT_UNROLL
    for (int k = 0; k < S::maxima; ++k)
      all.maximum[k] = total[S::sums + k];
  }
  result.add(all, size);
  *to = result;
}

template <class Layer, class Segments>
__global__ void __launch_bounds__(observing_threads)
    run_observation(Segments const tensors, meeting_place const meeting,
                    typename Layer::statistic_type* const results) {
  using statistic_type = typename Layer::statistic_type;
  using numbers = observed_numbers<statistic_type::sums, statistic_type::maxima>;
  unsigned const tensor = tensors.tensor(blockIdx.x);
  auto const mine = tensors.of(tensor);
  std::size_t const first = (blockIdx.x - mine.first_chunk) * Layer::chunk;
  std::size_t const left = mine.layer.size() > first ? mine.layer.size() - first : 0;
  int const count = static_cast<int>(left < Layer::chunk ? left : Layer::chunk);
  numbers lane;
  observe_lane(mine.layer.fresh, mine.layer.w.data() + first, count, lane);
  double total[Layer::sums];
  block_numbers(lane, total);
  if (mine.chunks > 1) {
    if (!is_last_with(total, meeting, blockIdx.x, tensor, mine.chunks)) return;
    numbers of_chunks;
    observe_partials(meeting.partial + std::size_t{mine.first_chunk} * Layer::sums, mine.chunks,
                     of_chunks);
    block_numbers(of_chunks, total);
  }
  if (threadIdx.x == 0) {
    write_statistic(mine.layer.fresh, total, mine.layer.size(), results + tensor);
  }
}

template <class Layer, class Segments>
void launch_observation(stream s, unsigned chunks, Segments const& tensors,
                        meeting_place const& meeting,
                        device_span<typename Layer::statistic_type> const& results,
                        std::size_t layers) {
  require_data(results, "results");
  require_same_size(results.size(), "results", layers, "layers");
  launch_kernel(s, chunks, static_cast<unsigned>(observing_threads),
                run_observation<Layer, Segments>, tensors, meeting, results.data());
}

}  // namespace detail

/// `reduce` for the tensors of a plan, in one launch: results[t] becomes the statistic of tensor t.
///
/// @param  results  device container of as many statistics, overwritten; copy them to the host to
///                  ask them
/// Errors: invalid_argument for null results or another number of them, before anything is
/// enqueued; cuda_error if CUDA refuses the launch. Allocates nothing, waits for nothing.
/// Determinism: the bits of the verb on the host. Histograms, which are no sums, are CUB's.
template <class S, class W>
void reduce(stream s, plan<observed_layer<S, W>> const& p,
            std::type_identity_t<device_span<S>> results) {
  detail::launch_observation<observed_layer<S, W>>(s, p.chunks(), p.segments(), p.meeting(),
                                                   results, p.size());
}

/// `reduce` for one tensor, with a workspace of `workspace_bytes(w.size(), sums + maxima)`.
template <summing_statistic S, device_container W>
void reduce(stream s, S const& fresh, W const& w, workspace const& meeting,
            std::type_identity_t<device_span<S>> to) {
  observed_layer const layer{fresh, w};
  layer.require();
  using layer_type = std::remove_const_t<decltype(layer)>;
  std::size_t const chunks = detail::chunks_of(layer);
  detail::require_room(
      meeting, detail::workspace_bytes_of(chunks, static_cast<std::size_t>(layer_type::sums)));
  auto const count = static_cast<unsigned>(chunks);
  detail::launch_observation<layer_type>(
      s, count, detail::single_segment<layer_type>{{layer, 0, count}}, meeting.meeting(), to, 1);
}

}  // namespace detent::inline DETENT_ABI::cuda
