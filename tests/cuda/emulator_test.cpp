// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The emulator that the other tests of this folder trust.

#if !defined(__CUDACC__)

#include <support/cuda_emulator.hpp>
// Before the rest, which may declare what it does.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

namespace {

template <class... Parameters, class... Arguments>
cudaError_t launch_on(cudaStream_t stream, unsigned blocks, unsigned threads,
                      void (*kernel)(Parameters...), Arguments... arguments) {
  cudaLaunchConfig_t config;
  config.gridDim = dim3(blocks);
  config.blockDim = dim3(threads);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, kernel, arguments...);
}
template <class... Parameters, class... Arguments>
cudaError_t launch(unsigned blocks, unsigned threads, void (*kernel)(Parameters...),
                   Arguments... arguments) {
  return launch_on(nullptr, blocks, threads, kernel, arguments...);
}

void mark(int* seen) {
  ++seen[blockIdx.x * blockDim.x + threadIdx.x];
}

void note_order(std::vector<unsigned>* order) {
  order->push_back(threadIdx.x);
}

/// Right with its barrier, wrong without.
void reverse(int* data, bool with_barrier) {
  __shared__ int copy[64];
  copy[threadIdx.x] = data[threadIdx.x];
  if (with_barrier) __syncthreads();
  data[threadIdx.x] = copy[blockDim.x - 1 - threadIdx.x];
}

void sum_of_warp(int* sum) {
  int mine = static_cast<int>(threadIdx.x);
  for (unsigned half = 16; half > 0; half /= 2)
    mine += __shfl_down_sync(0xffffffffu, mine, half);
  if (threadIdx.x % 32 == 0) sum[threadIdx.x / 32] = mine;
}

void count_up(unsigned* counter) {
  atomicInc(counter, 4);
}

void read_misaligned(unsigned char const* bytes) {
  static_cast<void>(__ldcs(reinterpret_cast<uint4 const*>(bytes + 8)));
}

void wait_apart() {
  if (threadIdx.x < 10) {
    __syncthreads();
  } else {
    __shfl_down_sync(0xffffffffu, 0, 1u);
  }
}

/// What the exit status is of a process that runs f.
template <class F>
int status_of(F f) {
  pid_t const child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // doctest has its own
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(3);
    f();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("emulator: runs every thread of every block once") {
  std::vector<int> seen(5 * 70);
  CHECK(launch(5, 70, mark, seen.data()) == cudaSuccess);
  CHECK(seen == std::vector<int>(5 * 70, 1));
}

TEST_CASE("emulator: shuffles the threads, differently every time") {
  std::vector<unsigned> first, second, sorted(64);
  std::iota(sorted.begin(), sorted.end(), 0u);
  launch(1, 64, note_order, &first);
  launch(1, 64, note_order, &second);
  CHECK(first != sorted);
  CHECK(first != second);
}

TEST_CASE("emulator: a barrier holds, and its lack shows") {
  std::vector<int> data(64), reversed(64);
  std::iota(data.begin(), data.end(), 0);
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  std::vector<int> wrong(64), wrong_reversed(64);
  std::iota(wrong.begin(), wrong.end(), 100);  // what the first launch has left looks different
  std::iota(wrong_reversed.rbegin(), wrong_reversed.rend(), 100);
  launch(1, 64, reverse, data.data(), true);
  CHECK(data == reversed);
  launch(1, 64, reverse, wrong.data(), false);
  CHECK(wrong != wrong_reversed);
}

TEST_CASE("emulator: shuffles exchange numbers within a warp") {
  std::vector<int> sums(2);
  launch(1, 64, sum_of_warp, sums.data());
  CHECK(sums == std::vector<int>{31 * 16, 31 * 16 + 32 * 32});
}

TEST_CASE("emulator: atomicInc wraps") {
  unsigned counter = 0;
  launch(2, 6, count_up, &counter);
  CHECK(counter == 12 % 5);
}

TEST_CASE("emulator: threads that wait at different barriers end the program") {
  CHECK(WIFSIGNALED(status_of([] { launch(1, 32, wait_apart); })));
  CHECK(status_of([] { launch(1, 32, mark, std::vector<int>(32).data()); }) == 0);
}

TEST_CASE("emulator: an access that is not aligned ends the program, as it does on a device") {
  alignas(16) static unsigned char const bytes[32] = {};
  CHECK(WIFSIGNALED(status_of([] { launch(1, 1, read_misaligned, &bytes[0]); })));
  CHECK(status_of([] { launch(1, 1, read_misaligned, &bytes[8]); }) == 0);
}

TEST_CASE("emulator: refuses blocks that CUDA refuses, and any call on request") {
  int seen = 0;
  CHECK(launch(1, 1025, mark, &seen) == cudaErrorInvalidConfiguration);
  CHECK(launch(0, 32, mark, &seen) == cudaErrorInvalidConfiguration);
  cuda_emulator::the_machine().next_error = cudaErrorInvalidValue;
  CHECK(launch(1, 1, mark, &seen) == cudaErrorInvalidValue);
  CHECK(seen == 0);
  CHECK(launch(1, 1, mark, &seen) == cudaSuccess);
  CHECK(seen == 1);
}

TEST_CASE("emulator: a graph does what was captured, in order, whenever it is launched") {
  cudaStream_t stream = nullptr;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  std::vector<int> seen(4), copied(4), elsewhere(4);
  cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
  int* argument = seen.data();
  CHECK(launch_on(stream, 1, 4, mark, argument) == cudaSuccess);
  argument = nullptr;  // the graph has the one of then
  cudaMemcpyAsync(copied.data(), seen.data(), 4 * sizeof(int), cudaMemcpyHostToDevice, stream);
  cudaMemsetAsync(seen.data(), 0, sizeof(int), stream);
  CHECK(launch(1, 4, mark, elsewhere.data()) == cudaSuccess);
  CHECK(elsewhere == std::vector<int>(4, 1));
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  CHECK(cudaStreamEndCapture(stream, &graph) == cudaSuccess);
  cudaGraphInstantiate(&executable, graph);
  cudaGraphDestroy(graph);
  CHECK(seen == std::vector<int>(4));
  cudaGraphLaunch(executable, stream);
  cudaGraphLaunch(executable, stream);
  CHECK(seen == std::vector<int>{0, 2, 2, 2});
  CHECK(copied == std::vector<int>{1, 2, 2, 2});
  cudaGraphExecDestroy(executable);
  cudaStreamDestroy(stream);
}

TEST_CASE("emulator: the default stream spoils the capture of one that waits for it") {
  cudaStream_t stream = nullptr;
  cudaStreamCreateWithFlags(&stream, cudaStreamDefault);
  cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
  int seen = 0;
  CHECK(launch(1, 1, mark, &seen) == cudaErrorStreamCaptureImplicit);
  cudaGraph_t graph = nullptr;
  CHECK(cudaStreamEndCapture(stream, &graph) == cudaErrorStreamCaptureInvalidated);
  CHECK(graph == nullptr);
  CHECK(seen == 0);
  CHECK(launch(1, 1, mark, &seen) == cudaSuccess);
  cudaStreamDestroy(stream);
}

#endif
