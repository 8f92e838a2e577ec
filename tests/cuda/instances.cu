// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Every verb on a stream with the types and functors of the library: what check_kernels.py compiles
// for every architecture and looks at. Nothing here is called.

#include <cstdint>
#include <detent/cuda.cuh>
#include <detent/detent.hpp>

using namespace detent;
using cuda::device_span;

/// A regularizer of a user, differentiated by the library.
struct well {
  template <class T>
  DETENT_HD T operator()(T w) const noexcept {
    return w * w * (w - 1) * (w + 2);
  }
};

template <class W, class G, class R>
void regularize(cudaStream_t s, R const& reg, cuda::workspace const& meeting) {
  device_span<W> const w(nullptr, 0);
  device_span<G> const g(nullptr, 0);
  device_span<result<R::parameters>> const results(nullptr, 0);
  std::vector const layers{cuda::regularized_layer{reg, w, g, 1.0}};
  cuda::plan const plan{s, layers, device_span<std::byte>(nullptr, 0)};
  cuda::accumulate(s, plan, results);
  if constexpr (std::is_same_v<W, G>) cuda::penalty(s, plan, results);
  static_cast<void>(meeting);
}

void regularizers(cudaStream_t s, cuda::workspace const& meeting, uniform<double> const& grid) {
  sinusoidal<> const bounded{grid};
  regularize<float, float>(s, bounded, meeting);
  regularize<double, double>(s, bounded, meeting);
  regularize<half, half>(s, bounded, meeting);
  regularize<bfloat16, bfloat16>(s, bounded, meeting);
  regularize<bfloat16, float>(s, bounded, meeting);
  regularize<double, float>(s, bounded, meeting);
  regularize<float, float>(s, sinusoidal<extent::periodic>{grid}, meeting);
  regularize<float, float>(s, waveq<>{period<>{3.0}}, meeting);
  regularize<float, float>(s, through(tanh_domain{}, bounded), meeting);
  regularize<bfloat16, bfloat16>(s, through(tanh_domain{}, bounded), meeting);
  regularize<float, float>(s, kurtosis{moments{}}, meeting);
  cuda::accumulate(s, cuda::in_memory<bin<>>{nullptr}, device_span<float>(nullptr, 0),
                   device_span<float>(nullptr, 0), 0.1, meeting, device_span<result<>>(nullptr, 0));
  regularize<float, float>(s, differentiate(well{}), meeting);
  device_span<float> const w(nullptr, 0);
  device_span<result<>> const to(nullptr, 0);
  cuda::accumulate(s, bounded, w, w, 0.1, meeting, to);
  cuda::accumulate(s, cuda::in_memory<sinusoidal<>>{nullptr}, w, w, 0.1, meeting, to);
}

void quantizers(cudaStream_t s, cuda::workspace const& meeting, uniform<double> const& grid) {
  device_span<float> const w(nullptr, 0), g(nullptr, 0);
  device_span<bfloat16> const b(nullptr, 0);
  device_span<std::int8_t> const codes(nullptr, 0);
  rounding const plain{grid};
  cuda::quantize(s, plain, w, g);
  cuda::quantize(s, plain, b, b);
  cuda::quantize(s, dorefa_weights{bits{3}, magnitude{}}, w, g);
  cuda::quantize(s, wrpn_weights{bits{3}}, b, g);
  cuda::backward(s, plain, w, w, g);
  cuda::backward(s, dorefa_weights{bits{3}, magnitude{}}, b, b, g);
  lsq const learned = lsq::weights(bits{3}, step_size{0.1});
  cuda::backward(s, learned, w, w, g, meeting, device_span<result<1>>(nullptr, 0));
  cuda::snap(s, grid, w);
  cuda::snap(s, grid, w, codes);
  cuda::snap(s, grid, b, codes);
  device_span<std::uint8_t> const bytes(nullptr, 0);
  cuda::packed_codes const packed{bytes, bits{3}};
  cuda::snap(s, grid, w, packed);
  cuda::unpack(s, grid, packed, w);
}

template <class Q>
void round_and_pull(cudaStream_t s, Q const& q, cuda::workspace const& meeting) {
  device_span<float> const w(nullptr, 0), g(nullptr, 0);
  cuda::quantize(s, q, w, g);
  cuda::backward(s, q, w, w, g, meeting, device_span<result<Q::parameters>>(nullptr, 0));
}

/// What looks at many levels, and what is learned.
void learned_quantizers(cudaStream_t s, cuda::workspace const& meeting,
                        uniform<double> const& grid) {
  using enum relaxed_classes;
  relaxed<> const drawing{grid, 0.1, philox_draws{}};
  round_and_pull(s, drawing, meeting);
  round_and_pull(s, semi_relaxed<>{grid, 0.1}, meeting);
  round_and_pull(s, semi_relaxed<all>{grid, 0.1}, meeting);
  round_and_pull(s, drop_bits<2>{bits{4}, step_size{0.1}, 0.1, {1, 1}}, meeting);
  device_span<float> const w(nullptr, 0);
  device_span<result<1>> const one(nullptr, 0);
  cuda::quantize(s, relaxed<relaxed_output::straight_through>{grid, 0.1, philox_draws{}}, w, w);
  cuda::backward(s, pact{bits{3}, 1.0}, w, w, w, meeting, one);
  cuda::quantize(s, dorefa_activations{bits{3}}, w, w);
  cuda::backward(s, dorefa_activations{bits{3}}, w, w, w);
  drop_bits<6, mask_sharing::endpoints, all> const by_ends{bits{4}, step_size{0.1}, 0.1, {}};
  cuda::backward(s, by_ends, w, w, w, meeting, device_span<result<8>>(nullptr, 0));
}

void rebuilds(cudaStream_t s) {
  device_span<float> const learned(nullptr, 0);
  cuda::rebuild(s, device_span<waveq<>>(nullptr, 0), learned);
  cuda::rebuild(s, device_span<lsq>(nullptr, 0), learned);
}

void statistics(cudaStream_t s, cuda::workspace const& meeting) {
  device_span<float> const w(nullptr, 0);
  device_span<half> const h(nullptr, 0);
  cuda::reduce(s, magnitude{}, w, meeting, device_span<magnitude>(nullptr, 0));
  cuda::reduce(s, moments{}, h, meeting, device_span<moments>(nullptr, 0));
  cuda::reduce(s, quantization_error{wrpn_weights{bits{3}}}, w, meeting,
               device_span<quantization_error<wrpn_weights>>(nullptr, 0));
}
