// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// packed_codes on a device: snap with codes of 1 to 8 bits without gaps, and unpack, its reverse.

#include <cstddef>
#include <cstdint>
#include <detent/algorithm/packed_codes.hpp>
#include <detent/config.hpp>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/parameter.cuh>
#include <detent/cuda/pass.cuh>
#include <detent/cuda/plan.cuh>
#include <detent/cuda/row.cuh>
#include <detent/cuda/stream.cuh>
#include <detent/error.hpp>
#include <detent/execution/lane_tree.hpp>
#include <detent/grid/bits.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/storage.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI::cuda {

/// Where `snap` on a stream writes packed codes, and where `unpack` reads them: the layout is that
/// of `detent::packed_codes`, and so are the bytes.
///
///     thrust::device_vector<std::uint8_t> bytes(packed_size(w.size(), bits{3}));
///     cuda::snap(stream, grid, w, cuda::packed_codes{bytes, bits{3}});
template <class Byte>
struct packed_codes {
  static_assert(std::is_same_v<Byte const, std::uint8_t const>, "packed codes are std::uint8_t");

  device_span<Byte> bytes;  ///< at least `packed_size` of them; what is beyond is left as it is
  bits each;                ///< of one code, 1 to `max_packed_bits`; 2^bits hold all of the grid's
};
template <device_container Bytes>
packed_codes(Bytes&&, bits) -> packed_codes<
    std::remove_pointer_t<detail::device_pointer_of<std::remove_reference_t<Bytes>>>>;

/// One tensor of many whose codes are packed, for `snap` and `unpack` on a stream.
///
/// @tparam  Grid  `uniform<double>`, or `in_memory` of it      @tparam  Byte  const for `unpack`
/// alone
template <class Grid, class W, class Byte>
struct packed_layer {
  using compute = compute_type<W>;
  static constexpr int sums = 0;
  static constexpr std::size_t chunk = tree_chunk<compute>;
  static_assert(chunk % 8 == 0, "no two chunks share a byte");

  Grid grid;
  device_span<W> w;
  packed_codes<Byte> codes;

  DETENT_HD constexpr std::size_t size() const noexcept { return w.size(); }

  /// Errors: invalid_argument for null data, more than 8 bits, fewer bytes than the codes take,
  /// bytes that overlap w, or a grid of more than 2^bits codes. One in memory is not looked at: too
  /// many codes make a group of 8 weights wrong. The message names the layer, where it is one of a
  /// list.
  void require(std::size_t layer = detail::argument::no_layer) const {
    detail::argument const bytes{"bytes of codes", layer};
    detail::require_data(w, detail::argument{"w", layer});
    detail::require_data(codes.bytes, bytes);
    detail::require_bytes(codes.bytes.size(), codes.each, w.size(), bytes);
    if constexpr (std::is_same_v<Grid, uniform<double>>) {
      detail::require_bits(codes.each, grid, {"bits of codes", layer});
    }
    if (detail::memory_range(codes.bytes.data(), packed_size(w.size(), codes.each))
            .overlaps({w.data(), w.size()})) {
      detail::fail(bytes, "overlaps the weights");
    }
  }

  /// Tells the memory that the layer reads and writes.
  void tell_memory(detail::overlap_check& used, std::size_t layer) const {
    std::size_t const bytes = packed_size(w.size(), codes.each);
    used.writes(w.data(), w.size(), {"w", layer});
    if constexpr (std::is_const_v<Byte>) {
      used.reads(codes.bytes.data(), bytes, {"bytes of codes", layer});
    } else {
      used.writes(codes.bytes.data(), bytes, {"bytes of codes", layer});
    }
  }
};
template <class Grid, device_container W, class Byte>
packed_layer(Grid, W&&, packed_codes<Byte>)
    -> packed_layer<Grid, detail::device_element_of<std::remove_reference_t<W>>, Byte>;

namespace detail {

enum class packing { snaps, unpacks };

inline constexpr unsigned packing_threads = 256;
inline constexpr int packed_weights = 8;  // of a thread at a time: they take whole bytes

/// `used` weights of a group of 8.
template <class W>
__device__ void load_group(W const* from, int used, elements<W, packed_weights>& to) {
  using group = elements<W, packed_weights>;
  if (used == packed_weights && reinterpret_cast<std::uintptr_t>(from) % alignof(group) == 0) {
    return to.load(from);
  }
  DETENT_UNROLL
  for (int j = 0; j < packed_weights; ++j) {
    if (j >= used) continue;
    elements<W, 1> one;
    one.load(from + j);
    to.value[j] = one.value[0];
  }
}
template <class W>
__device__ void store_group(elements<W, packed_weights> const& from, int used, W* to) {
  using group = elements<W, packed_weights>;
  if (used == packed_weights && reinterpret_cast<std::uintptr_t>(to) % alignof(group) == 0) {
    return from.store(to);
  }
  DETENT_UNROLL
  for (int j = 0; j < packed_weights; ++j) {
    if (j >= used) continue;
    elements<W, 1> one;
    one.value[0] = from.value[j];
    one.store(to + j);
  }
}

/// Rounds a group in place and packs its codes, counted from the lowest; those of no weight are 0.
template <class C, class W>
__device__ void pack_group(uniform<C> const& grid, int each, int used, W* w, std::uint8_t* bytes) {
  elements<W, packed_weights> group{};
  load_group(w, used, group);
  int const low = grid.lowest_code();
  std::uint64_t codes = 0;
  DETENT_UNROLL
  for (int j = 0; j < packed_weights; ++j) {
    if (j >= used) continue;
    C const x = to_compute(group.value[j]);
    codes |= static_cast<std::uint64_t>(grid.code(x) - low) << (8 * j);
    group.value[j] = from_compute<W>(grid.nearest(x));
  }
  std::uint64_t const packed = packed_group(codes, each);
  DETENT_UNROLL
  for (int k = 0; k < packed_weights; ++k) {
    if (8 * k < each * used) __stcs(bytes + k, static_cast<std::uint8_t>(packed >> (8 * k)));
  }
  store_group(group, used, w);
}

/// The levels of a group's codes.
template <class C, class W>
__device__ void unpack_group(uniform<C> const& grid, int each, int used, W* w,
                             std::uint8_t const* bytes) {
  std::uint64_t packed = 0;
  DETENT_UNROLL
  for (int k = 0; k < packed_weights; ++k) {
    if (8 * k < each * used) packed |= std::uint64_t{__ldcs(bytes + k)} << (8 * k);
  }
  std::uint64_t const codes = unpacked_group(packed, each);
  int const low = grid.lowest_code(), highest = grid.highest_code();
  elements<W, packed_weights> group;
  DETENT_UNROLL
  for (int j = 0; j < packed_weights; ++j) {
    int const code = low + static_cast<int>(codes >> (8 * j) & 0xff);
    group.value[j] = from_compute<W>(grid.level(code < highest ? code : highest));
  }
  store_group(group, used, w);
}

/// One chunk a block, groups of 8 weights to threads.
template <packing Way, class Layer, class Segments>
__global__ void __launch_bounds__(packing_threads) run_packing(Segments const tensors) {
  auto const mine = tensors.of(tensors.tensor(blockIdx.x));
  auto const grid = fetched(mine.layer.grid).template as<typename Layer::compute>();
  int const each = mine.layer.codes.each.count();
  std::size_t const first = (blockIdx.x - mine.first_chunk) * Layer::chunk;
  std::size_t const left = mine.layer.size() - first;
  int const count = static_cast<int>(left < Layer::chunk ? left : Layer::chunk);
  auto* const w = mine.layer.w.data() + first;
  auto* const bytes =
      mine.layer.codes.bytes.data() + first / packed_weights * static_cast<std::size_t>(each);
  DETENT_ROLL
  for (int i = static_cast<int>(threadIdx.x) * packed_weights; i < count;
       i += static_cast<int>(packing_threads) * packed_weights) {
    int const used = count - i < packed_weights ? count - i : packed_weights;
    auto* const to = bytes + i / packed_weights * each;
    if constexpr (Way == packing::snaps) {
      pack_group(grid, each, used, w + i, to);
    } else {
      unpack_group(grid, each, used, w + i, to);
    }
  }
}

template <packing Way, class Layer>
void launch_packing(stream s, plan<Layer> const& p) {
  launch_kernel(s, p.chunks(), packing_threads, run_packing<Way, Layer, planned_segments<Layer>>,
                p.segments());
}
template <packing Way, class Layer>
void launch_packing(stream s, Layer const& layer) {
  layer.require();
  auto const chunks = static_cast<unsigned>(chunks_of(layer));
  launch_kernel(s, chunks, packing_threads, run_packing<Way, Layer, single_segment<Layer>>,
                single_segment<Layer>{{layer, 0, chunks}});
}

}  // namespace detail

/// `snap` with packed codes for the tensors of a plan, in one launch.
///
/// Errors: cuda_error if CUDA refuses the launch. Allocates nothing, waits for nothing.
/// Cost: one read and write of w, one write of the bytes. Determinism: the bits of the verb on the
/// host; a thread has whole bytes, nothing is atomic.
template <class Grid, class W>
void snap(stream s, plan<packed_layer<Grid, W, std::uint8_t>> const& p) {
  detail::launch_packing<detail::packing::snaps>(s, p);
}

/// The same for one tensor. Errors: also invalid_argument for more than 8 bits, a grid of more than
/// 2^bits codes, fewer bytes than the codes take, and null data, before anything is enqueued.
template <device_container W>
void snap(stream s, uniform<double> const& grid, W&& w, packed_codes<std::uint8_t> const& codes) {
  detail::launch_packing<detail::packing::snaps>(s, packed_layer{grid, w, codes});
}

/// `unpack` for the tensors of a plan, in one launch: w[i] = the level of code i.
///
/// Errors: cuda_error if CUDA refuses the launch. Allocates nothing, waits for nothing.
/// Cost: one read of the bytes, one write of w. Determinism: the bits of the verb on the host.
template <class Grid, class W, class Byte>
void unpack(stream s, plan<packed_layer<Grid, W, Byte>> const& p) {
  detail::launch_packing<detail::packing::unpacks>(s, p);
}

/// The same for one tensor. Errors: as those of `snap`.
template <class Byte, device_container W>
void unpack(stream s, uniform<double> const& grid, packed_codes<Byte> const& codes, W&& w) {
  detail::launch_packing<detail::packing::unpacks>(s, packed_layer{grid, w, codes});
}

}  // namespace detent::inline DETENT_ABI::cuda
