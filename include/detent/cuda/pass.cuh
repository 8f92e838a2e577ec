// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The kernel of every pass over tensors: chunks to blocks, lanes to threads, and the launch.

#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/cuda/block_tree.cuh>
#include <detent/cuda/rolled.cuh>
#include <detent/cuda/row.cuh>
#include <detent/cuda/stream.cuh>
#include <detent/execution/arrays.hpp>
#include <detent/execution/lane_tree.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI::cuda {

/// What becomes of the results that are there already.
enum class into {
  overwrite,
  add,
};

namespace detail {

using namespace detent::detail;

/// How a block goes through a chunk: thread t has the `width` lanes from t·width on of every row.
template <class Kernel>
struct shape {
  using compute = typename Kernel::compute;
  using list = decltype(std::declval<Kernel const&>().arrays());
  static constexpr int sums = Kernel::sums;
  static constexpr int lanes = static_cast<int>(tree_lanes<compute>);
  static constexpr int group = lanes / static_cast<int>(tree_groups);
  /// Groups of a thread: two where an element is smaller than what it is computed in, so that an
  /// access still moves 16 bytes.
  static constexpr int groups =
      smallest_element<list> < sizeof(compute) && !is_long<Kernel> ? 2 : 1;
  static constexpr int width = groups * group;
  static constexpr int threads = lanes / width;
  /// Rows whose loads are under way at a time.
  static constexpr int unroll = width >= 8 ? 2 : 4;
  static_assert(tree_rows % unroll == 0);
  /// Threads that must fit a multiprocessor, as many as go without a spill: 64 registers each (80
  /// on sm_80 and from sm_100 on), 96 for 16-bit types, 80 for several sums, 128 for doubles, and
  /// as many as there are for long elements.
  static constexpr bool tight = DETENT_DEVICE_CODE == 800 || DETENT_DEVICE_CODE >= 1000;
  static constexpr int of_floats = sums > 1 || tight ? 768 : 1024;
  static constexpr int of_short = sizeof(compute) == 8 ? 512 : (groups > 1 ? 640 : of_floats);
  static constexpr int resident = is_long<Kernel> ? 256 : of_short;
  static constexpr int blocks = resident / threads;
};

/// The lanes of a thread.
template <class Kernel>
struct thread_lanes {
  using of = shape<Kernel>;
  typename Kernel::compute sum[Kernel::sums > 0 ? Kernel::sums : 1][of::width];

  __device__ thread_lanes() {
    DETENT_UNROLL
    for (auto& lane : sum) {
      DETENT_UNROLL
      for (int j = 0; j < of::width; ++j)
        lane[j] = 0;
    }
  }

  /// Lane 1 to place 0, and so on.
  __device__ void turn() {
    if constexpr (Kernel::sums > 0) {
      DETENT_UNROLL
      for (auto& lane : sum)
        detail::turn(lane);
    }
  }

  template <class Terms>
  __device__ void add(Terms const& terms, int j) {
    if constexpr (Kernel::sums > 0) {
      DETENT_UNROLL
      for (int k = 0; k < Kernel::sums; ++k)
        sum[k][j] = add_exactly(terms.value[k], sum[k][j]);
    }
  }

  __device__ void add_groups(
      double (&group)[Kernel::sums > 0 ? Kernel::sums : 1][of::groups]) const {
    DETENT_UNROLL
    for (int k = 0; k < Kernel::sums; ++k) {
      DETENT_UNROLL
      for (int g = 0; g < of::groups; ++g) {
        group[k][g] = static_cast<double>(sum[k][g * of::group]);
        DETENT_UNROLL
        for (int j = 1; j < of::group; ++j)
          group[k][g] += static_cast<double>(sum[k][g * of::group + j]);
      }
    }
  }
};

/// `unroll` whole rows: all loads, then the elements, then the stores of each row.
template <class Kernel>
__device__ void add_rows(Kernel const& kernel, std::size_t first, thread_lanes<Kernel>& lanes) {
  using of = shape<Kernel>;
  auto const arrays = kernel.arrays();
  row<of::width, typename of::list> rows[of::unroll];
  DETENT_UNROLL
  for (int r = 0; r < of::unroll; ++r)
    rows[r].load(arrays, first + static_cast<std::size_t>(r * of::lanes));
  DETENT_UNROLL
  for (int r = 0; r < of::unroll; ++r) {
    std::size_t const at = first + static_cast<std::size_t>(r * of::lanes);
    DETENT_UNROLL
    for (int j = 0; j < of::width; ++j)
      lanes.add(rows[r].call(kernel, at + static_cast<std::size_t>(j), j), j);
    rows[r].store(arrays, at);
  }
}

/// The first `used` lanes of one row, element by element.
template <class Kernel>
__device__ void add_part_of_row(Kernel const& kernel, std::size_t first, int used,
                                thread_lanes<Kernel>& lanes) {
  using of = shape<Kernel>;
  auto const arrays = kernel.arrays();
  DETENT_UNROLL
  for (int j = 0; j < of::width; ++j) {
    if (static_cast<int>(threadIdx.x) * of::width + j >= used) continue;
    std::size_t const at = first + static_cast<std::size_t>(j);
    row<1, typename of::list> one;
    one.load(arrays, at);
    lanes.add(one.call(kernel, at, 0), j);
    one.store(arrays, at);
  }
}

/// At most one chunk, from element `first` on.
template <class Kernel>
__device__ void add_chunk(Kernel const& kernel, std::size_t first, int count,
                          thread_lanes<Kernel>& lanes) {
  using of = shape<Kernel>;
  std::size_t at = first + std::size_t{threadIdx.x} * of::width;
  int done = 0;
  if (are_aligned<of::width>(kernel.arrays())) {
    for (; done + of::unroll * of::lanes <= count; done += of::unroll * of::lanes)
      add_rows(kernel, at + static_cast<std::size_t>(done), lanes);
  }
  DETENT_ROLL
  for (; done < count; done += of::lanes)
    add_part_of_row(kernel, at + static_cast<std::size_t>(done), count - done, lanes);
}
template <class Kernel>
requires is_long<Kernel> __device__ void add_chunk(Kernel const& kernel, std::size_t first,
                                                   int count, thread_lanes<Kernel>& lanes) {
  add_rolled_chunk<shape<Kernel>>(kernel, first, count, lanes);
}

/// A tensor of a pass: what the caller said of it, and which chunks are its own.
template <class Layer>
struct segment {
  Layer layer;
  std::uint32_t first_chunk;
  std::uint32_t chunks;
};

/// Where the blocks of a pass meet.
struct meeting_place {
  double* partial;   ///< `sums` numbers a chunk
  unsigned* ticket;  ///< one a tensor, 0 between passes
};

/// Where the results of a pass go: tensor t's from number t·stride on.
struct destination {
  double* result = nullptr;
  unsigned stride = 0;
  into how = into::overwrite;
};

/// Whether this block is the last of its tensor to get here, once it has left its sums.
template <std::size_t Sums>
__device__ bool is_last_with(double const (&total)[Sums], meeting_place const& meeting,
                             unsigned chunk, unsigned tensor, unsigned chunks) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    DETENT_UNROLL
    for (std::size_t k = 0; k < Sums; ++k)
      meeting.partial[chunk * Sums + k] = total[k];
    __threadfence();
    // Wraps to 0 with the last block, and so is ready for the next pass.
    last = atomicInc(meeting.ticket + tensor, chunks - 1) == chunks - 1;
  }
  __syncthreads();
  if (last) __threadfence();
  return last;
}

/// The results of one tensor, by thread 0.
template <class Kernel, std::size_t Sums>
__device__ void write_results(Kernel const& kernel, double const (&total)[Sums],
                              destination const& to, unsigned tensor) {
  double* const result = to.result + std::size_t{tensor} * to.stride;
  DETENT_UNROLL
  for (int k = 0; k < Kernel::numbers; ++k) {
    double const number = kernel.number(k, total);
    result[k] = to.how == into::add ? add_exactly(result[k], number) : number;
  }
}

/// The tensors of a pass in device memory.
template <class Layer>
struct planned_segments {
  segment<Layer> const* segments;
  std::uint32_t const* tensor_of_chunk;

  __device__ unsigned tensor(unsigned chunk) const { return __ldcg(tensor_of_chunk + chunk); }
  __device__ segment<Layer> of(unsigned tensor) const { return fetch(segments + tensor); }
};

/// The one tensor of a pass, an argument of the kernel.
template <class Layer>
struct single_segment {
  segment<Layer> only;

  __device__ unsigned tensor(unsigned) const { return 0; }
  __device__ segment<Layer> of(unsigned) const { return only; }
};

/// One chunk a block. The block that finishes a tensor adds up its chunks and writes its results.
///
/// A pass has a `kernel`, the one that the host runs, and `of(layer)`, which makes it.
template <class Pass, class Segments>
__global__ void __launch_bounds__(shape<typename Pass::kernel>::threads,
                                  shape<typename Pass::kernel>::blocks)
    run_pass(Segments const tensors, meeting_place const meeting, destination const to) {
  using kernel_type = typename Pass::kernel;
  constexpr auto chunk = tree_chunk<typename kernel_type::compute>;
  unsigned const tensor = tensors.tensor(blockIdx.x);
  auto const mine = tensors.of(tensor);
  kernel_type const kernel = Pass::of(mine.layer);
  std::size_t const first = (blockIdx.x - mine.first_chunk) * chunk;
  std::size_t const left = kernel.size > first ? kernel.size - first : 0;
  thread_lanes<kernel_type> lanes;
  add_chunk(kernel, first, static_cast<int>(left < chunk ? left : chunk), lanes);
  if constexpr (kernel_type::sums > 0) {
    double group[kernel_type::sums][shape<kernel_type>::groups], total[kernel_type::sums];
    lanes.add_groups(group);
    block_sums(group, total);
    if (mine.chunks > 1) {
      if (!is_last_with(total, meeting, blockIdx.x, tensor, mine.chunks)) return;
      add_partials(meeting.partial + std::size_t{mine.first_chunk} * kernel_type::sums, mine.chunks,
                   group);
      block_sums(group, total);
    }
    // Made anew, so that what only the results need takes no registers from the loop.
    if (threadIdx.x == 0) write_results(Pass::of(tensors.of(tensor).layer), total, to, tensor);
  }
}

/// Enqueues a kernel of so many blocks, if there are any.
template <class... Parameters>
void launch_kernel(stream s, unsigned blocks, unsigned threads, void (*kernel)(Parameters...),
                   std::type_identity_t<Parameters> const&... arguments) {
  if (blocks == 0) return;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(blocks);
  config.blockDim = dim3(threads);
  config.stream = s.get();
  require_success(cudaLaunchKernelEx(&config, kernel, arguments...), "launch of a pass");
}

/// Enqueues one block of `Pass` a chunk.
template <class Pass, class Segments>
void launch(stream s, unsigned chunks, Segments const& tensors, meeting_place const& meeting,
            destination const& to) {
  constexpr auto threads = static_cast<unsigned>(shape<typename Pass::kernel>::threads);
  launch_kernel(s, chunks, threads, run_pass<Pass, Segments>, tensors, meeting, to);
}

}  // namespace detail
}  // namespace detent::inline DETENT_ABI::cuda
