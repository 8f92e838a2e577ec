// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What a training step needs beyond matrix products and the library: small kernels, each enqueued
// by the function of its name.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <detent/config.hpp>
#include <detent/cuda/stream.cuh>
#include <string>
#include <type_traits>

namespace cuda_mlp {

inline constexpr unsigned most_threads = 256;  ///< of a block
inline constexpr unsigned most_blocks = 1024;
inline constexpr unsigned tally_threads = 128;

/// The label of a row of a batch that has no image.
inline constexpr int no_label = -1;

/// Images in device memory, and the order in which batches take them.
template <class T>
struct image_source {
  T const* pixels;
  int const* labels;
  unsigned const* order;
  unsigned count;     ///< images in an epoch
  unsigned features;  ///< pixels of an image
  unsigned* next;     ///< place in `order` of the next batch's first image
};

/// What images say of a network, summed.
struct tally {
  double loss;
  double right;
  double images;
};

/// Enqueues a kernel. Errors: detent::cuda_error naming the kernel.
template <class... Parameters>
void launch(cudaStream_t stream, char const* name, unsigned blocks, unsigned threads,
            void (*kernel)(Parameters...), std::type_identity_t<Parameters> const&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(blocks);
  config.blockDim = dim3(threads);
  config.stream = stream;
  cudaError_t const status = cudaLaunchKernelEx(&config, kernel, arguments...);
  if (status != cudaSuccess) throw detent::cuda_error(status, "launch of " + std::string(name));
}

/// Threads of a block that shares `count` elements: whole warps.
inline unsigned threads_for(unsigned count) {
  return std::clamp((count + 31) / 32 * 32, 32u, most_threads);
}

/// Enqueues a kernel that loops over `count` elements, from first_element() on by stride().
template <class... Parameters>
void launch_over(cudaStream_t stream, char const* name, unsigned count,
                 void (*kernel)(Parameters...),
                 std::type_identity_t<Parameters> const&... arguments) {
  unsigned const threads = threads_for(count);
  unsigned const blocks = std::clamp((count + threads - 1) / threads, 1u, most_blocks);
  launch(stream, name, blocks, threads, kernel, arguments...);
}
__device__ inline unsigned first_element() {
  return blockIdx.x * blockDim.x + threadIdx.x;
}
__device__ inline unsigned stride() {
  return gridDim.x * blockDim.x;
}

/// A row of the batch: one block. Rows beyond the last image are 0, without a label.
template <class T>
__global__ void gather_kernel(image_source<T> const from, T* pixels, int* labels) {
  unsigned const place = *from.next + blockIdx.x;
  bool const exists = place < from.count;
  unsigned const image = exists ? from.order[place] : 0;
  T const* const source = from.pixels + std::size_t{image} * from.features;
  T* const target = pixels + std::size_t{blockIdx.x} * from.features;
  for (unsigned i = threadIdx.x; i < from.features; i += blockDim.x)
    target[i] = exists ? source[i] : T(0);
  if (threadIdx.x == 0) labels[blockIdx.x] = exists ? from.labels[image] : no_label;
}
/// The next batch: its pixels, an image a row, and its labels.
inline void gather(cudaStream_t stream, image_source<float> const& from, unsigned batch,
                   float* pixels, int* labels) {
  launch(stream, "gather", batch, threads_for(from.features), gather_kernel<float>, from, pixels,
         labels);
}

template <class T>
__global__ void add_bias_kernel(T* outputs, T const* bias, unsigned width, unsigned count,
                                bool rectify) {
  for (unsigned i = first_element(); i < count; i += stride()) {
    T const sum = outputs[i] + bias[i % width];
    outputs[i] = rectify && sum < 0 ? T(0) : sum;  // a NaN stays one
  }
}
/// outputs += bias in every row, then max(outputs, 0) if asked for.
inline void add_bias(cudaStream_t stream, float* outputs, float const* bias, unsigned rows,
                     unsigned width, bool rectify) {
  unsigned const count = rows * width;
  launch_over(stream, "add_bias", count, add_bias_kernel<float>, outputs, bias, width, count,
              rectify);
}

template <class T>
__global__ void softmax_cross_entropy_kernel(T const* outputs, int const* labels, unsigned batch,
                                             unsigned classes, T* gradient, tally* of_image) {
  unsigned const image = first_element();
  if (image >= batch) return;
  T const* const z = outputs + std::size_t{image} * classes;
  T* const by_output = gradient + std::size_t{image} * classes;
  unsigned largest = 0;
  for (unsigned k = 1; k < classes; ++k)
    largest = z[k] > z[largest] ? k : largest;
  T sum = 0;
  for (unsigned k = 0; k < classes; ++k)
    sum += std::exp(z[k] - z[largest]);
  int const label = labels[image];
  bool const counts = label != no_label;
  T const share = counts ? 1 / static_cast<T>(batch) : T(0);
  for (unsigned k = 0; k < classes; ++k) {
    T const target = static_cast<int>(k) == label ? T(1) : T(0);
    by_output[k] = share * (std::exp(z[k] - z[largest]) / sum - target);
  }
  of_image[image] = {0, 0, 0};
  if (!counts) return;
  T const loss = std::log(sum) + z[largest] - z[label];
  of_image[image] = {loss, static_cast<int>(largest) == label ? 1.0 : 0.0, 1.0};
}
/// Of each image the loss -log softmax(outputs)[label] and whether its largest output is that of
/// its label; and the gradient of the batch's mean loss by the outputs.
inline void softmax_cross_entropy(cudaStream_t stream, float const* outputs, int const* labels,
                                  unsigned batch, unsigned classes, float* gradient,
                                  tally* of_image) {
  launch(stream, "softmax_cross_entropy", (batch + 31) / 32, 32,
         softmax_cross_entropy_kernel<float>, outputs, labels, batch, classes, gradient, of_image);
}

template <class T>
__global__ void sum_rows_kernel(T const* matrix, unsigned rows, unsigned width, T* sums) {
  for (unsigned column = first_element(); column < width; column += stride()) {
    T sum = 0;
    for (unsigned row = 0; row < rows; ++row)
      sum += matrix[std::size_t{row} * width + column];
    sums[column] = sum;
  }
}
/// The sum of every column, from the first row to the last: the gradient by a bias.
inline void sum_rows(cudaStream_t stream, float const* matrix, unsigned rows, unsigned width,
                     float* sums) {
  launch_over(stream, "sum_rows", width, sum_rows_kernel<float>, matrix, rows, width, sums);
}

template <class T>
__global__ void rectify_backward_kernel(T* gradient, T const* outputs, unsigned count) {
  for (unsigned i = first_element(); i < count; i += stride())
    gradient[i] = outputs[i] > 0 ? gradient[i] : T(0);
}
/// The gradient by what max(·, 0) was applied to, from that by its outputs.
inline void rectify_backward(cudaStream_t stream, float* gradient, float const* outputs,
                             unsigned count) {
  launch_over(stream, "rectify_backward", count, rectify_backward_kernel<float>, gradient, outputs,
              count);
}

template <class T>
__global__ void descend_kernel(T* values, T* velocity, T const* gradient, double const* rate,
                               T momentum, unsigned count) {
  T const by = static_cast<T>(*rate);
  for (unsigned i = first_element(); i < count; i += stride()) {
    T const v = momentum * velocity[i] + gradient[i];
    velocity[i] = v;
    values[i] -= by * v;
  }
}
/// velocity = momentum · velocity + gradient;  values -= rate · velocity. The rate is read from
/// device memory when the kernel runs.
inline void descend(cudaStream_t stream, float* values, float* velocity, float const* gradient,
                    double const* rate, float momentum, unsigned count) {
  launch_over(stream, "descend", count, descend_kernel<float>, values, velocity, gradient, rate,
              momentum, count);
}

DETENT_HD inline tally sum_of(tally const& a, tally const& b) {
  return {a.loss + b.loss, a.right + b.right, a.images + b.images};
}
/// One block. The order of additions is fixed: the same bits in every run.
template <unsigned Threads>
__global__ void finish_batch_kernel(tally const* of_image, unsigned batch, tally* total,
                                    unsigned* next) {
  __shared__ tally part[Threads];
  tally mine{0, 0, 0};
  for (unsigned i = threadIdx.x; i < batch; i += Threads)
    mine = sum_of(mine, of_image[i]);
  part[threadIdx.x] = mine;
  for (unsigned half = Threads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) part[threadIdx.x] = sum_of(part[threadIdx.x], part[threadIdx.x + half]);
  }
  if (threadIdx.x > 0) return;
  *total = sum_of(*total, part[0]);
  *next += batch;
}
/// Adds what the images of a batch say to the total, and goes on to the next batch.
inline void finish_batch(cudaStream_t stream, tally const* of_image, unsigned batch, tally* total,
                         unsigned* next) {
  launch(stream, "finish_batch", 1, tally_threads, finish_batch_kernel<tally_threads>, of_image,
         batch, total, next);
}

/// Bytes from the host, or zeros, in the stream's order. Errors: detent::cuda_error.
inline void copy_to_device(cudaStream_t stream, void* to, void const* from, std::size_t bytes) {
  cudaError_t const status = cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream);
  if (status != cudaSuccess) throw detent::cuda_error(status, "copy to the device");
}
inline void clear(cudaStream_t stream, void* to, std::size_t bytes) {
  cudaError_t const status = cudaMemsetAsync(to, 0, bytes, stream);
  if (status != cudaSuccess) throw detent::cuda_error(status, "clearing of device memory");
}

}  // namespace cuda_mlp
