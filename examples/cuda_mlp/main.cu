// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// cuda_mlp: a network trained wholly on the GPU, in one captured graph a step, for rounded weights.
//
//   cmake --preset cuda && cmake --build --preset cuda && build/cuda/bin/example_cuda_mlp
//
// What the library does is in quantization.cuh: plans made once, verbs in the captured step, and a
// strength that is one double in device memory. The rest of the step is network.cuh and
// kernels.cuh, its replays training.cuh, and device.cuh what of CUDA and cuBLAS they run on.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <trainer/data/load.hpp>
#include <trainer/error.hpp>
#include <vector>

#include "device.cuh"
#include "options.hpp"
#include "training.cuh"

namespace {

using namespace cuda_mlp;

bool has_device() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
}

int status_without_device() {
  std::fputs("cuda_mlp: no CUDA device\n", stderr);
  char const* const required = std::getenv("DETENT_REQUIRE_GPU");
  return required != nullptr && std::string_view(required) == "1" ? 1 : 77;
}

examples examples_of(detent_trainer::image_set const& images) {
  return {images.pixels, {images.labels.begin(), images.labels.end()}};
}

void print_head(options const& o, detent_trainer::dataset const& data) {
  cudaDeviceProp device;
  require(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
  std::printf("%s, products in %s; %s, %zu + %zu images\n", device.name, o.tf32 ? "TF32" : "float",
              data.name.c_str(), data.train.size(), data.test.size());
}

void print_table(double full_precision, std::vector<outcome> const& all) {
  std::printf("\ntest accuracy, %%   full precision %.2f\n\n", full_precision);
  std::puts("       rounded       with the regularizer        and levels in");
  std::puts("bits   plainly     unrounded     rounded      the forward pass");
  for (outcome const& at : all) {
    std::printf("%4d %9.2f %13.2f %11.2f %21.2f\n", at.bits, at.plain, at.unrounded, at.rounded,
                at.levels);
  }
}

/// Of full precision, and of 4 and 3 bits with the regularizer.
double least_accuracy(double full_precision, std::vector<outcome> const& all) {
  double least = full_precision;
  for (outcome const& at : all)
    if (at.bits >= 3) least = std::min({least, at.rounded, at.levels});
  return least;
}

int run(options const& o) {
  auto const data = detent_trainer::load(o.mnist.empty() ? "glyphs" : o.mnist, {}, o.training.seed);
  if (data.train.size() < o.training.batch) {
    throw detent_trainer::error(data.name + ": has fewer training images than a batch");
  }
  print_head(o, data);
  device gpu(o.tf32 ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH);
  experiment trained(gpu, examples_of(data.train), examples_of(data.test), o.training);
  double const full_precision = trained.pretrain();
  std::vector<outcome> all;
  for (int const bits : {4, 3, 2})
    all.push_back(trained.compare(bits));
  print_table(full_precision, all);
  std::printf("\n%.3g images per second in training\n", trained.images_per_second());
  if (least_accuracy(full_precision, all) >= o.least) return 0;
  std::fprintf(stderr, "cuda_mlp: less accurate than --least %g\n", o.least);
  return 1;
}

}  // namespace

int main(int argc, char** argv) try {
  int status = 0;
  auto const options = read_options(argc, argv, status);
  if (!options) return status;
  if (!has_device()) return status_without_device();
  return run(*options);
} catch (std::exception const& e) {
  std::fprintf(stderr, "cuda_mlp: %s\n", e.what());
  return 1;
}
