// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// histogram on a stream, counted by CUB. Not part of cuda.cuh, because CUB takes long to compile.

#include <thrust/iterator/transform_iterator.h>

#include <cstddef>
#include <cstdint>
#include <cub/device/device_histogram.cuh>
#include <detent/config.hpp>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/pass.cuh>
#include <detent/cuda/stream.cuh>
#include <detent/error.hpp>
#include <detent/math/storage.hpp>
#include <detent/statistic/histogram.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI::cuda {

namespace detail {

/// Counts of a histogram: its bins, then below, above and NaN.
inline constexpr std::size_t counts_beyond_bins = 3;

/// The number of the count that a weight adds one to, by the host's rule: CUB's own leaves out the
/// upper end, and does not count what is outside.
template <class W, std::size_t Bins>
struct place_in_histogram {
  static_assert(Bins + counts_beyond_bins <= 65535, "at most 65532 bins on a device");
  /// CUB goes through bytes without computing a bin.
  using place = std::conditional_t<(Bins + counts_beyond_bins <= 256), std::uint8_t, std::uint16_t>;

  histogram_range range;

  DETENT_HD place operator()(W const& w) const noexcept {
    return static_cast<place>(range.place_of(to_compute(w), Bins));
  }
};

template <std::size_t Bins>
__global__ void write_range(histogram_range const range, histogram<Bins>* const to) {
  *reinterpret_cast<histogram_range*>(to) = range;
}

/// CUB's call, which with no memory says how many bytes it takes.
template <class W, std::size_t Bins>
cudaError_t count_weights(void* memory, std::size_t& bytes, histogram_range const& range,
                          W const* w, std::size_t size, histogram<Bins>* to, cudaStream_t s) {
  using places = place_in_histogram<W, Bins>;
  using level = std::conditional_t<sizeof(typename places::place) == 1, int, std::uint16_t>;
  constexpr int counts = static_cast<int>(Bins + counts_beyond_bins);
  auto* const first = reinterpret_cast<std::byte*>(to) + histogram_access::counts_offset<Bins>();
  return cub::DeviceHistogram::HistogramEven(
      memory, bytes, thrust::transform_iterator<places, W const*>(w, places{range}),
      reinterpret_cast<unsigned long long*>(first), counts + 1, level{0},
      static_cast<level>(counts), static_cast<long long>(size), s);
}

}  // namespace detail

/// The bytes of device memory that a histogram of so many weights needs; as CUB says for the device
/// that is current.
/// Errors: cuda_error if CUDA cannot tell.
template <class W, std::size_t Bins>
std::size_t histogram_bytes(std::size_t weights) {
  std::size_t bytes = 0;
  detail::require_success(
      detail::count_weights<W, Bins>(nullptr, bytes, {}, nullptr, weights, nullptr, nullptr),
      "size of a histogram's memory");
  return bytes;
}

/// `reduce` to a histogram, for one tensor: counts that are those of the host.
///
///     histogram<64> const fresh{-1.0, 1.0};
///     thrust::device_vector<std::byte> memory(cuda::histogram_bytes<float, 64>(w.size()));
///     thrust::device_vector<histogram<64>> to(1, fresh);
///     cuda::reduce(stream, fresh, w, memory, to);
///
/// @param  fresh   a histogram that has observed nothing
/// @param  memory  at least `histogram_bytes<W, Bins>(w.size())`; no two streams may use it at the
///                 same time
/// @param  to      device container of one histogram, overwritten; copy it to the host to ask it
/// Errors: invalid_argument for null data, too little memory or another number of results than one,
/// before anything is enqueued; cuda_error if CUDA refuses a launch. Allocates nothing, waits for
/// nothing: may be captured in a graph. Cost: one read of w, three launches.
template <std::size_t Bins, device_container W>
void reduce(stream s, histogram<Bins> const& fresh, W const& w, device_span<std::byte> memory,
            std::type_identity_t<device_span<histogram<Bins>>> to) {
  using weight = detail::device_element_of<W const>;
  device_span<weight const> const weights = w;
  detail::require_data(weights, "w");
  detail::require_data(memory, "memory of a histogram");
  detail::require_data(to, "results");
  detail::require_same_size(to.size(), "results", 1, "layers");
  std::size_t bytes = histogram_bytes<weight, Bins>(weights.size());
  if (memory.size() < bytes) {
    detail::fail("memory of a histogram", "has " + detail::text(memory.size()) + " bytes; " +
                                              detail::text(bytes) + " are needed");
  }
  auto const& range = detail::histogram_access::range(fresh);
  detail::launch_kernel(s, 1, 1, detail::write_range<Bins>, range, to.data());
  detail::require_success(detail::count_weights(memory.data(), bytes, range, weights.data(),
                                                weights.size(), to.data(), s.get()),
                          "launch of a histogram");
}

}  // namespace detent::inline DETENT_ABI::cuda
