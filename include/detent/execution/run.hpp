// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The loops over one tensor or many: chunks to the policy, partial sums to the tree.

#include <algorithm>
#include <cstddef>
#include <detent/config.hpp>
#include <detent/execution/isa.hpp>
#include <detent/execution/lane_tree.hpp>
#include <detent/execution/policy.hpp>
#include <detent/math/floating_mode.hpp>
#include <detent/numbers.hpp>
#include <span>
#include <utility>

namespace detent::inline DETENT_ABI::detail {

/// What a thread keeps memory for: one call uses all three at once.
enum class use { chunk_offsets, partial_sums, tensor_sums };

/// A thread's memory for partial results, kept between calls so that only the first allocates.
/// It is taken out while in use: an executor may run another call of the library on this thread.
template <class T, use Use>
class scratch {
 public:
  explicit scratch(std::size_t size) : buffer_(std::exchange(kept(), {})) {
    if (buffer_.size() < size) buffer_.resize(size);
  }
  ~scratch() { kept() = std::move(buffer_); }
  scratch(scratch const&) = delete;
  scratch& operator=(scratch const&) = delete;

  T* data() noexcept { return buffer_.data(); }

 private:
  static numbers<T>& kept() noexcept {
    thread_local numbers<T> buffer;
    return buffer;
  }
  numbers<T> buffer_;
};

constexpr std::size_t chunks_of(std::size_t size, std::size_t chunk) noexcept {
  return (size + chunk - 1) / chunk;
}

/// Calls f(tensor, first element, count, number of the chunk among all) for every chunk of every
/// tensor; `offset[t]` is the number of chunks before tensor t. Load is shared by chunks. A thread
/// of the policy may have any floating-point mode: a chunk runs in the standard one.
template <class Policy, class Sizes, class F>
void for_each_chunk(Policy const& policy, std::span<std::size_t const> offset, std::size_t chunk,
                    Sizes size_of, F f) {
  std::size_t const total = offset.back();
  auto const one = [=](std::size_t c) noexcept {
    auto const after = std::upper_bound(offset.begin(), offset.end(), c);
    auto const t = static_cast<std::size_t>(after - offset.begin()) - 1;
    std::size_t const first = (c - offset[t]) * chunk;
    standard_floating_mode const mode;
    f(t, first, (std::min)(chunk, size_of(t) - first), c);
  };
  if (total == 1) return one(0);
  policy.bulk(total, one);
}

/// Fills offset[0 … count] with the number of chunks before each tensor.
template <class Sizes>
void count_chunks(std::size_t count, std::size_t chunk, Sizes size_of,
                  std::size_t* offset) noexcept {
  offset[0] = 0;
  for (std::size_t t = 0; t < count; ++t) {
    offset[t + 1] = offset[t] + chunks_of(size_of(t), chunk);
  }
}

/// One chunk of a tensor. A type of its own, and no lambda: so it is compiled once for every
/// instruction set, however many policies run it.
template <class Kernel>
struct chunk_run {
  Kernel const& kernel;
  std::size_t first, count;
  double* result;

  DETENT_HOST_LOOP void operator()() const noexcept { run_chunk(kernel, first, count, result); }
};

/// Runs every kernel over its tensor. `result` receives kernels × sums numbers, tensor by tensor.
/// Errors: invalid_argument where the calling thread does not round to nearest: what callers
/// compute of the sums would depend on it.
template <class Policy, class Kernel>
void run(Policy const& policy, std::span<Kernel const> kernels, double* result) {
  constexpr auto sums = static_cast<std::size_t>(Kernel::sums);
  constexpr std::size_t chunk = tree_chunk<typename Kernel::compute>;
  require_rounding_to_nearest();
  auto const size_of = [=](std::size_t t) noexcept { return kernels[t].size; };
  scratch<std::size_t, use::chunk_offsets> offsets(kernels.size() + 1);
  count_chunks(kernels.size(), chunk, size_of, offsets.data());
  std::span<std::size_t const> const offset(offsets.data(), kernels.size() + 1);
  scratch<double, use::partial_sums> partials(std::max<std::size_t>(offset.back() * sums, 1));
  double* const partial = partials.data();
  isa const level = active_isa();
  if (offset.back() > 0) {
    for_each_chunk(
        policy, offset, chunk, size_of,
        [=](std::size_t t, std::size_t first, std::size_t count, std::size_t c) {
          call_with(level, chunk_run<Kernel>{kernels[t], first, count, partial + c * sums});
        });
  }
  standard_floating_mode const mode;
  for (std::size_t t = 0; t < kernels.size(); ++t) {
    std::size_t const chunks = offset[t + 1] - offset[t];
    for (std::size_t k = 0; k != sums; ++k) {
      result[t * sums + k] =
          chunks == 0 ? 0.0 : partials_sum(partial + offset[t] * sums + k, chunks, sums);
    }
  }
}

}  // namespace detent::inline DETENT_ABI::detail
