// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The same work by Thrust and by CUB, with the library's functor: only the loops differ.

#include <thrust/execution_policy.h>
#include <thrust/functional.h>
#include <thrust/transform.h>
#include <thrust/transform_reduce.h>

#include <bench/cuda/contest.cuh>
#include <bench/cuda/memory.cuh>
#include <bench/support/functors.hpp>
#include <cstdint>
#include <cub/device/device_reduce.cuh>
#include <cub/device/device_transform.cuh>
#include <cuda/std/functional>
#include <cuda/std/tuple>
#include <memory>
#include <stdexcept>

namespace bench::cuda {

namespace {

using functor = decltype(bounded());

// As in the library's loops, the constant factors are multiplied once, not at every weight.
struct value_of {
  functor reg;
  __device__ float operator()(float w) const { return reg.unscaled(w).value; }
};
struct added_slope {
  functor reg;
  float factor;
  __device__ float operator()(float w, float g) const {
    return fmaf(factor, reg.unscaled(w).slope, g);
  }
};
added_slope slope() {
  return {bounded(), static_cast<float>(scale * bounded().factors().slope)};
}

/// What Thrust allocates at every call otherwise.
struct kept_memory {
  using value_type = char;
  device_array<unsigned char> memory{std::size_t{1} << 22};

  char* allocate(std::ptrdiff_t bytes) {
    if (static_cast<std::size_t>(bytes) > memory.size()) {
      throw std::length_error("Thrust asks for more memory than was kept");
    }
    return reinterpret_cast<char*>(memory.data());
  }
  void deallocate(char*, std::size_t) {}
};

candidate by_thrust(float const* w, float* g, std::size_t weights) {
  auto const kept = std::make_shared<kept_memory>();
  // Its sum is a number of the host, which must wait for it.
  return {"Thrust", 12,
          [=](cudaStream_t s, std::size_t set) {
            float const* const first = w + set * weights;
            float* const to = g + set * weights;
            auto const policy = thrust::cuda::par_nosync(*kept).on(s);
            static float volatile sum;
            sum = thrust::transform_reduce(policy, first, first + weights, value_of{bounded()},
                                           0.0f, thrust::plus<float>());
            thrust::transform(policy, first, first + weights, to, to, slope());
          },
          false};
}

/// CUB's sum of the penalty, with the memory that it wants.
class reduction {
 public:
  explicit reduction(std::size_t weights) : weights_(static_cast<std::int64_t>(weights)) {
    std::size_t bytes = 0;
    reduce(nullptr, bytes, nullptr, nullptr);
    memory_ = std::make_shared<device_array<unsigned char>>(bytes);
    sum_ = std::make_shared<device_array<float>>(1);
  }
  void operator()(cudaStream_t s, float const* w) const {
    std::size_t bytes = memory_->size();
    reduce(memory_->data(), bytes, w, s);
  }

 private:
  void reduce(void* memory, std::size_t& bytes, float const* w, cudaStream_t s) const {
    require(cub::DeviceReduce::TransformReduce(memory, bytes, w, sum_ ? sum_->data() : nullptr,
                                               weights_, ::cuda::std::plus<float>(),
                                               value_of{bounded()}, 0.0f, s),
            "CUB's TransformReduce");
  }

  std::int64_t weights_;
  std::shared_ptr<device_array<unsigned char>> memory_;
  std::shared_ptr<device_array<float>> sum_;
};

candidate by_cub(float const* w, float* g, std::size_t weights) {
  reduction const sum(weights);
  return {"CUB", 12, [=](cudaStream_t s, std::size_t set) {
            float const* const first = w + set * weights;
            float* const to = g + set * weights;
            sum(s, first);
            require(cub::DeviceTransform::Transform(::cuda::std::make_tuple(first, to), to,
                                                    static_cast<std::int64_t>(weights), slope(), s),
                    "CUB's Transform");
          }};
}

}  // namespace

std::vector<candidate> library_candidates(float const* w, float* g, std::size_t weights) {
  return {by_thrust(w, g, weights), by_cub(w, g, weights)};
}

candidate library_penalty(float const* w, std::size_t weights) {
  reduction const sum(weights);
  return {"CUB", 4, [=](cudaStream_t s, std::size_t) { sum(s, w); }};
}

}  // namespace bench::cuda
