// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// regularized: weights and gradients of as many tensors as there are sets, and accumulate on them.

#include <bench/cuda/contest.cuh>
#include <bench/cuda/memory.cuh>
#include <bench/support/functors.hpp>
#include <cstddef>
#include <detent/cuda/accumulate.cuh>
#include <detent/cuda/plan.cuh>

namespace bench::cuda {

template <class W, class G>
class regularized {
 public:
  static constexpr double bytes = sizeof(W) + 2 * sizeof(G);

  regularized(session& s, std::size_t weights, std::size_t sets)
      : weights_(weights),
        w_(weights * sets, 1.1f),
        g_(weights * sets, 0.01f),
        memory_(detent::cuda::workspace_bytes(weights)),
        workspace_(s.stream(), memory_.span()),
        result_(1) {}

  W* w() const { return w_.data(); }
  G* g() const { return g_.data(); }

  void accumulate(cudaStream_t s, std::size_t set) const {
    using detent::cuda::device_span;
    detent::cuda::accumulate(s, bounded(), device_span(w() + set * weights_, weights_),
                             device_span(g() + set * weights_, weights_), scale, workspace_,
                             result_.span());
  }
  cuda::candidate candidate(char const* name = "detent") const {
    return {name, bytes, [this](cudaStream_t s, std::size_t set) { accumulate(s, set); }};
  }
  double value() const {
    detent::result<> r;
    require(cudaMemcpy(&r, result_.data(), sizeof(r), cudaMemcpyDeviceToHost), "copy of a result");
    return r.value;
  }

  cuda::candidate multiply_add() const {
    return {"axpy", bytes, [this](cudaStream_t s, std::size_t set) {
              cuda::multiply_add<<<blocks_of(weights_), threads_of_block, 0, s>>>(
                  w() + set * weights_, g() + set * weights_, weights_, static_cast<float>(scale));
              require(cudaGetLastError(), "launch of the axpy");
            }};
  }

 private:
  std::size_t weights_;
  device_array<W> w_;
  device_array<G> g_;
  device_array<std::byte> memory_;
  detent::cuda::workspace workspace_;
  device_array<detent::result<>> result_;
};

}  // namespace bench::cuda
