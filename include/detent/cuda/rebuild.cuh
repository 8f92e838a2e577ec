// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// rebuild: functors in device memory, made anew there of what an optimizer has learned there.

#include <concepts>
#include <cstddef>
#include <detent/config.hpp>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/pass.cuh>
#include <detent/cuda/stream.cuh>
#include <detent/error.hpp>
#include <type_traits>

namespace detent::inline DETENT_ABI::cuda {

namespace detail {

inline constexpr unsigned rebuilding_threads = 128;

/// Functor t, by thread t of all, of one number or two.
template <class F, class A, class B>
__global__ void __launch_bounds__(rebuilding_threads)
    run_rebuild(F* const functors, std::size_t const count, A const* const first,
                B const* const second) {
  std::size_t const t = std::size_t{blockIdx.x} * rebuilding_threads + threadIdx.x;
  if (t >= count) return;
  if constexpr (std::is_void_v<B>) {
    functors[t] = functors[t].rebuilt(static_cast<double>(first[t]));
  } else {
    functors[t] =
        functors[t].rebuilt(static_cast<double>(first[t]), static_cast<double>(second[t]));
  }
}

template <class F, class A, class B>
void launch_rebuild(stream s, device_span<F> const& functors, A const* first, B const* second) {
  auto const blocks = (functors.size() + rebuilding_threads - 1) / rebuilding_threads;
  launch_kernel(s, static_cast<unsigned>(blocks), rebuilding_threads, run_rebuild<F, A, B>,
                functors.data(), functors.size(), first, second);
}

/// Numbers for each functor, checked.
template <class F, device_container T>
auto learned_of(T const& learned, device_span<F> const& functors) {
  using number = device_element_of<T const>;
  static_assert(std::is_floating_point_v<number>, "what is learned is float or double");
  device_span<number const> const numbers = learned;
  require_data(functors, "functors");
  require_data(numbers, "learned");
  require_same_size(numbers.size(), "learned", functors.size(), "functors");
  return numbers.data();
}

}  // namespace detail

/// A regularizer or quantizer that can be made anew of P learned numbers, on a device as well:
/// `waveq` (bit-width, or bit-width and range), `lsq` (step), `pact` (clipping point).
template <class F, int P>
concept rebuildable = std::is_trivially_copyable_v<F> &&((P == 1 &&
                                                          requires(F const f) {
                                                            { f.rebuilt(1.0) } -> std::same_as<F>;
                                                          }) ||
                                                         (P == 2 && requires(F const f) {
                                                           {
                                                             f.rebuilt(1.0, 1.0)
                                                             } -> std::same_as<F>;
                                                         }));

/// functors[t] = functors[t].rebuilt(learned[t]), or of two numbers: what `in_memory` reads is made
/// of parameters that were learned on the device, without a way to the host and back.
///
///     thrust::device_vector<waveq<>> regs(1, waveq<>{period<>{beta}});  // checked by the host,
///     once regularized_layer layer{cuda::in_memory{regs.data().get()}, w, g, strength};
///     // In every step, or in a graph:
///     cuda::accumulate(stream, plan, results);
///     descend<<<…, stream>>>(beta_on_device, results);                  // the optimizer's
///     cuda::rebuild(stream, regs, beta_on_device);
///
/// A device cannot throw: what a functor makes of a number that its constructor rejects is told at
/// its `rebuilt`. In short, a bit-width counts as the nearest of its limits; anything else makes
/// values, levels and gradients NaN, which results show.
/// @param  functors  device container of functors that the host has made
/// @param  learned   device containers of float or double, of the same size
/// Errors: invalid_argument for differing sizes or null data, before anything is enqueued;
/// cuda_error if CUDA refuses the launch. Allocates nothing, waits for nothing: may be captured in
/// a graph. Determinism: the bits of the constructor on the host.
template <device_container F, device_container T>
requires rebuildable < detail::device_element_of<std::remove_reference_t<F>>,
1 > void rebuild(stream s, F&& functors, T const& learned) {
  device_span const all{functors};
  void const* const none = nullptr;
  detail::launch_rebuild(s, all, detail::learned_of(learned, all), none);
}
template <device_container F, device_container T, device_container U>
requires rebuildable < detail::device_element_of<std::remove_reference_t<F>>,
2 > void rebuild(stream s, F&& functors, T const& first_learned, U const& second_learned) {
  device_span const all{functors};
  detail::launch_rebuild(s, all, detail::learned_of(first_learned, all),
                         detail::learned_of(second_learned, all));
}

}  // namespace detent::inline DETENT_ABI::cuda
