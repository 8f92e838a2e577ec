// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// plan: tensors that a device verb goes through in one launch, described in device memory once.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <detent/algorithm/result.hpp>
#include <detent/config.hpp>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/parameter.cuh>
#include <detent/cuda/pass.cuh>
#include <detent/cuda/stream.cuh>
#include <detent/error.hpp>
#include <span>
#include <vector>

namespace detent::inline DETENT_ABI::cuda {

namespace detail {

/// Where the parts of a plan lie in its memory, in bytes from its start.
struct plan_layout {
  std::size_t chunks = 0;
  std::size_t table = 0, tickets = 0, partials = 0, end = 0;
};

inline constexpr std::size_t plan_alignment = 16;
constexpr std::size_t aligned(std::size_t bytes) noexcept {
  return (bytes + plan_alignment - 1) / plan_alignment * plan_alignment;
}

/// A tensor with results has a chunk even where it has no weights: someone must write them.
template <class Layer>
std::size_t chunks_of(Layer const& layer) noexcept {
  std::size_t const chunks = (layer.size() + Layer::chunk - 1) / Layer::chunk;
  return Layer::sums > 0 ? std::max<std::size_t>(chunks, 1) : chunks;
}

template <class Layer>
plan_layout layout_of(std::span<Layer const> layers) {
  plan_layout at;
  for (Layer const& layer : layers)
    at.chunks += chunks_of(layer);
  require_between(static_cast<long long>(at.chunks), 0, 0x7fffffff, "chunks of all layers");
  at.table = aligned(layers.size() * sizeof(segment<Layer>));
  at.tickets = at.table + aligned(at.chunks * sizeof(std::uint32_t));
  at.partials = at.tickets + aligned(layers.size() * sizeof(unsigned));
  at.end = at.partials + aligned(at.chunks * std::size_t{Layer::sums} * sizeof(double));
  return at;
}

/// Segments, table and tickets as they lie in device memory.
template <class Layer>
std::vector<std::byte> image_of(std::span<Layer const> layers, plan_layout const& at) {
  std::vector<std::byte> image(at.partials);
  std::uint32_t chunk = 0;
  for (std::size_t t = 0; t < layers.size(); ++t) {
    auto const chunks = static_cast<std::uint32_t>(chunks_of(layers[t]));
    segment<Layer> const one{layers[t], chunk, chunks};
    std::memcpy(image.data() + t * sizeof(one), &one, sizeof(one));
    auto const tensor = static_cast<std::uint32_t>(t);
    for (std::uint32_t const end = chunk + chunks; chunk < end; ++chunk)
      std::memcpy(image.data() + at.table + chunk * sizeof(tensor), &tensor, sizeof(tensor));
  }
  return image;
}

/// A list of layers, of which the memory of the host is the only one that it may lie in.
template <class Layers>
auto list_of_layers(Layers const& layers) {
  return list_view(layers, "layers");
}

inline void require_room(device_span<std::byte> const& memory, std::size_t bytes,
                         char const* name) {
  require_data(memory, name);
  if (reinterpret_cast<std::uintptr_t>(memory.data()) % plan_alignment != 0) {
    fail(name, "is not aligned to 16 bytes");
  }
  if (memory.size() < bytes) {
    fail(name, "has " + text(memory.size()) + " bytes; " + text(bytes) + " are needed");
  }
}

}  // namespace detail

/// The bytes of device memory that a plan of these layers needs; 16 bytes aligned. A function of
/// sizes alone, which calls nothing of CUDA.
template <detail::accessible Layers>
std::size_t plan_bytes(Layers const& layers) {
  return detail::layout_of(detail::list_of_layers(layers)).end;
}

/// Tensors that a device verb goes through in one launch.
///
///     std::vector layers{cuda::regularized_layer{reg, w0, g0, 0.1}, …};
///     thrust::device_vector<std::byte> memory(cuda::plan_bytes(layers));
///     cuda::plan plan{stream, layers, memory};
///     cuda::accumulate(stream, plan, results);               // as often as wanted
///
/// Description, table of chunks, partial sums and tickets lie in the caller's memory, which must
/// outlive every verb that was enqueued with the plan, and which two streams may not use at the
/// same time: make a plan for each. The plan itself is a value of a few words, to be copied freely.
/// A `thrust::device_vector` is zeroed on the default stream: with a stream that does not wait for
/// that one (`cudaStreamNonBlocking`), synchronize before the plan is made.
template <class Layer>
class plan {
 public:
  /// Copies the description to device memory, in the stream's order. This is the slow part, which
  /// may wait for the stream: make plans before a graph is captured.
  /// Errors: invalid_argument for null layers, for a layer that its operations would reject, which the
  /// message names, for memory that one layer writes and another one uses, and for memory of the
  /// plan that is null, not aligned or smaller than `plan_bytes(layers)`; cuda_error if CUDA
  /// refuses to copy.
  template <detail::accessible Layers>
  plan(stream s, Layers const& layers, device_span<std::byte> memory)
      : plan(s, std::span<Layer const>(detail::list_of_layers(layers)), memory, tag{}) {}

  /// How many tensors.
  std::size_t size() const noexcept { return size_; }

  // For the verbs.
  detail::planned_segments<Layer> const& segments() const noexcept { return segments_; }
  detail::meeting_place const& meeting() const noexcept { return meeting_; }
  unsigned chunks() const noexcept { return chunks_; }

 private:
  struct tag {};
  plan(stream s, std::span<Layer const> layers, device_span<std::byte> memory, tag)
      : size_(layers.size()) {
    for (std::size_t t = 0; t < layers.size(); ++t)
      layers[t].require(t);
    detail::overlap_check used(3 * layers.size());
    for (std::size_t t = 0; t < layers.size(); ++t)
      layers[t].tell_memory(used, t);
    used.require_disjoint();
    auto const at = detail::layout_of(layers);
    detail::require_room(memory, at.end, "memory of a plan");
    auto const image = detail::image_of(layers, at);
    if (!image.empty()) {
      detail::require_success(cudaMemcpyAsync(memory.data(), image.data(), image.size(),
                                              cudaMemcpyHostToDevice, s.get()),
                              "copy of a plan");
    }
    chunks_ = static_cast<unsigned>(at.chunks);
    std::byte* const base = memory.data();
    segments_ = {reinterpret_cast<detail::segment<Layer> const*>(base),
                 reinterpret_cast<std::uint32_t const*>(base + at.table)};
    meeting_ = {reinterpret_cast<double*>(base + at.partials),
                reinterpret_cast<unsigned*>(base + at.tickets)};
  }

  std::size_t size_;
  unsigned chunks_ = 0;
  detail::planned_segments<Layer> segments_{};
  detail::meeting_place meeting_{};
};
template <detail::accessible Layers>
plan(stream, Layers const&, device_span<std::byte>) -> plan<detail::element_of<Layers const>>;

/// Device memory in which the blocks of a verb on one tensor meet, where there is no plan.
///
///     thrust::device_vector<std::byte> memory(cuda::workspace_bytes(largest, reg.parameters));
///     cuda::workspace workspace{stream, memory};
///
/// As with plans: it must outlive the verbs, and no two streams may use it at the same time.
class workspace {
 public:
  /// Clears the ticket, in the stream's order.
  /// Errors: invalid_argument for memory that is null, not aligned or too small for anything.
  workspace(stream s, device_span<std::byte> memory) : bytes_(memory.size()) {
    detail::require_room(memory, ticket_bytes, "memory of a workspace");
    detail::require_success(cudaMemsetAsync(memory.data(), 0, ticket_bytes, s.get()),
                            "clearing of a workspace");
    meeting_ = {reinterpret_cast<double*>(memory.data() + ticket_bytes),
                reinterpret_cast<unsigned*>(memory.data())};
  }

  // For the verbs.
  detail::meeting_place const& meeting() const noexcept { return meeting_; }
  std::size_t bytes() const noexcept { return bytes_; }

  static constexpr std::size_t ticket_bytes = detail::plan_alignment;

 private:
  detail::meeting_place meeting_{};
  std::size_t bytes_;
};

namespace detail {

constexpr std::size_t workspace_bytes_of(std::size_t chunks, std::size_t sums) noexcept {
  return workspace::ticket_bytes + aligned(chunks * sums * sizeof(double));
}

inline void require_room(workspace const& meeting, std::size_t bytes) {
  if (meeting.bytes() < bytes) {
    fail("workspace", "has " + text(meeting.bytes()) + " bytes; " + text(bytes) + " are needed");
  }
}

/// Enqueues a pass over the tensors of a plan.
template <class Pass, class Layer>
void launch(stream s, plan<Layer> const& p, destination const& to) {
  launch<Pass>(s, p.chunks(), p.segments(), p.meeting(), to);
}

/// Enqueues a pass over one tensor.
template <class Pass, class Layer>
void launch(stream s, Layer const& layer, meeting_place const& meeting, destination const& to) {
  auto const chunks = static_cast<unsigned>(chunks_of(layer));
  launch<Pass>(s, chunks, single_segment<Layer>{{layer, 0, chunks}}, meeting, to);
}

/// The numbers of results in device memory, checked.
template <int P>
destination destination_in(device_span<result<P>> const& results, std::size_t tensors, into how) {
  static_assert(sizeof(result<P>) % sizeof(double) == 0 && sizeof(result<P>) / sizeof(double) > P);
  require_data(results, "results");
  require_same_size(results.size(), "results", tensors, "layers");
  return {reinterpret_cast<double*>(results.data()),
          static_cast<unsigned>(sizeof(result<P>) / sizeof(double)), how};
}

/// Enqueues a pass over one tensor, whose layer has been checked.
template <class Pass, class Layer, int P>
void launch_alone(stream s, Layer const& layer, workspace const& meeting,
                  device_span<result<P>> const& to, into how) {
  auto const sums = static_cast<std::size_t>(Layer::sums);
  require_room(meeting, workspace_bytes_of(chunks_of(layer), sums));
  launch<Pass>(s, layer, meeting.meeting(), destination_in(to, 1, how));
}

template <class F>
using result_of = result<functor_of<F>::parameters>;

}  // namespace detail

/// The bytes of device memory that a verb on one tensor needs to meet in; 16 bytes aligned.
/// @param  weights     of the largest tensor
/// @param  parameters  of the regularizer or quantizer
constexpr std::size_t workspace_bytes(std::size_t weights, int parameters = 0) noexcept {
  std::size_t const chunks =
      std::max<std::size_t>((weights + tree_chunk<double> - 1) / tree_chunk<double>, 1);
  return detail::workspace_bytes_of(chunks, static_cast<std::size_t>(parameters) + 1);
}

}  // namespace detent::inline DETENT_ABI::cuda
