// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// block_tree: the lane tree as a block of threads climbs it, sum by sum in the host's order.

#include <detent/config.hpp>
#include <detent/execution/lane_tree.hpp>

namespace detent::inline DETENT_ABI::cuda::detail {

using namespace detent::detail;

/// a + b that no compiler fuses with the multiplication that made an operand: the host's
/// fma(a, one, b).
__device__ inline float add_exactly(float a, float b) {
  return __fadd_rn(a, b);
}
__device__ inline double add_exactly(double a, double b) {
  return __dadd_rn(a, b);
}

/// Adds the 32 groups of a warp of the tree, of which a thread holds `Groups` successive ones.
/// The first of the threads that share a warp of the tree has the sum.
template <std::size_t Groups>
__device__ double warp_sum(double (&group)[Groups]) {
  DETENT_UNROLL
  for (std::size_t half = 16; half >= Groups; half /= 2) {
    DETENT_UNROLL
    for (std::size_t g = 0; g < Groups; ++g)
      group[g] += __shfl_down_sync(0xffffffffu, group[g], static_cast<unsigned>(half / Groups));
  }
  DETENT_UNROLL
  for (std::size_t half = Groups / 2; half > 0; half /= 2) {
    DETENT_UNROLL
    for (std::size_t g = 0; g < half; ++g)
      group[g] += group[g + half];
  }
  return group[0];
}

/// Adds the `tree_groups` groups of each sum; thread 0 has the results in `total`.
template <std::size_t Sums, std::size_t Groups>
__device__ void block_sums(double (&group)[Sums][Groups], double (&total)[Sums]) {
  constexpr std::size_t warps = tree_groups / 32;
  constexpr unsigned sharing = 32 / Groups;  // threads of a warp of the tree
  __shared__ double of_warp[Sums][warps];
  unsigned const thread = threadIdx.x;
  DETENT_UNROLL
  for (std::size_t k = 0; k < Sums; ++k) {
    double const sum = warp_sum(group[k]);
    if (thread % sharing == 0) of_warp[k][thread / sharing] = sum;
  }
  __syncthreads();
  if (thread != 0) return;
  DETENT_UNROLL
  for (std::size_t k = 0; k < Sums; ++k) {
    total[k] = of_warp[k][0];
    DETENT_UNROLL
    for (std::size_t warp = 1; warp < warps; ++warp)
      total[k] += of_warp[k][warp];
  }
}

/// The partial sums of a tensor's chunks, as `partials_sum` adds them: chunk c to group c % 256.
template <std::size_t Sums, std::size_t Groups>
__device__ void add_partials(double const* partial, unsigned chunks,
                             double (&group)[Sums][Groups]) {
  DETENT_UNROLL
  for (std::size_t k = 0; k < Sums; ++k) {
    DETENT_UNROLL
    for (std::size_t g = 0; g < Groups; ++g)
      group[k][g] = 0;
  }
  constexpr auto groups = static_cast<unsigned>(Groups);
  for (unsigned c = threadIdx.x * groups; c < chunks; c += static_cast<unsigned>(tree_groups)) {
    DETENT_UNROLL
    for (unsigned g = 0; g < groups; ++g) {
      if (c + g >= chunks) continue;
      double const* const of_chunk = partial + (c + g) * Sums;
      DETENT_UNROLL
      for (std::size_t k = 0; k < Sums; ++k)
        group[k][g] += __ldcg(of_chunk + k);
    }
  }
}

}  // namespace detent::inline DETENT_ABI::cuda::detail
