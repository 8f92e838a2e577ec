// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// cuda_emulator: as much of CUDA as the library's kernels use, on the host, for tests alone.
//
// A thread of a block is a fibre. Fibres run in a shuffled order from one synchronization to the
// next, blocks one after another in a shuffled order; so a missing barrier shows, and every access
// to memory is seen by the address sanitizer. A barrier that not all threads reach and an address
// that is not aligned end the program. A stream does at once what it is given; a graph keeps what
// was captured, and does it when it is launched.

#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

#define __global__
#define __device__
#define __host__
#define __shared__ static  // blocks run one at a time
#define __launch_bounds__(...)

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorLaunchOutOfResources = 701,
  cudaErrorStreamCaptureInvalidated = 901,
  cudaErrorStreamCaptureImplicit = 906,
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeGlobal = 0 };
inline constexpr unsigned cudaStreamDefault = 0, cudaStreamNonBlocking = 1;

struct emulated_stream {
  unsigned flags;
};
struct emulated_graph {
  std::vector<std::function<void()>> work;
};
struct emulated_executable_graph : emulated_graph {};
using cudaStream_t = emulated_stream*;
using cudaGraph_t = emulated_graph*;
using cudaGraphExec_t = emulated_executable_graph*;

struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  std::size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
};

inline uint3 threadIdx, blockIdx;
inline dim3 blockDim, gridDim;

namespace cuda_emulator {

enum class state { ready, at_barrier, at_warp_barrier, done };

struct fibre {
  ucontext_t context;
  std::unique_ptr<char[]> stack;
  state now = state::ready;
  char exchanged[8];
  void* sanitizer_stack = nullptr;
};

/// Everything the emulator keeps between calls.
struct machine {
  static constexpr std::size_t stack_bytes = 128 * 1024;
  std::vector<fibre> threads;
  std::function<void()> body;
  std::size_t running = 0;
  ucontext_t scheduler;
  void* scheduler_sanitizer_stack = nullptr;
  void const* scheduler_bottom = nullptr;
  std::size_t scheduler_size = 0;
  std::uint64_t seed = 1;                ///< of the next shuffle
  std::size_t launches = 0;              ///< kernels so far
  cudaStream_t last_stream = nullptr;    ///< where the last one went
  cudaError_t next_error = cudaSuccess;  ///< what the next call of the runtime answers
  cudaStream_t captured = nullptr;       ///< the stream that is captured
  cudaGraph_t capture = nullptr;         ///< what it has been given since
  bool capture_is_valid = true;
};
inline machine& the_machine() {
  static machine one;
  return one;
}

/// Back to the scheduler; returns when the thread is to go on.
inline void suspend(state why) {
  machine& m = the_machine();
  fibre& me = m.threads[m.running];
  me.now = why;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(why == state::done ? nullptr : &me.sanitizer_stack,
                                 m.scheduler_bottom, m.scheduler_size);
#endif
  swapcontext(&me.context, &m.scheduler);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(me.sanitizer_stack, &m.scheduler_bottom, &m.scheduler_size);
#endif
}

inline void run_body() {
  machine& m = the_machine();
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &m.scheduler_bottom, &m.scheduler_size);
#endif
  m.body();
  suspend(state::done);
}

inline void resume(std::size_t thread) {
  machine& m = the_machine();
  fibre& it = m.threads[thread];
  m.running = thread;
  threadIdx = {static_cast<unsigned>(thread), 0, 0};
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&m.scheduler_sanitizer_stack, it.stack.get(),
                                 machine::stack_bytes);
#endif
  swapcontext(&m.scheduler, &it.context);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(m.scheduler_sanitizer_stack, nullptr, nullptr);
#endif
}

inline void start(std::size_t threads) {
  machine& m = the_machine();
  if (m.threads.size() < threads) m.threads.resize(threads);
  for (std::size_t t = 0; t < threads; ++t) {
    fibre& it = m.threads[t];
    if (!it.stack) it.stack.reset(new char[machine::stack_bytes]);
    getcontext(&it.context);
    it.context.uc_stack.ss_sp = it.stack.get();
    it.context.uc_stack.ss_size = machine::stack_bytes;
    it.context.uc_link = nullptr;
    it.sanitizer_stack = nullptr;
    it.now = state::ready;
    makecontext(&it.context, run_body, 0);
  }
}

/// Lets the threads [first, last) go on if all that still run wait in `where`. Returns whether they
/// do.
inline bool release(std::size_t first, std::size_t last, state where) {
  auto& threads = the_machine().threads;
  bool waits = false;
  for (std::size_t t = first; t < last; ++t) {
    if (threads[t].now == state::done) continue;
    if (threads[t].now != where) return false;
    waits = true;
  }
  for (std::size_t t = first; waits && t < last; ++t) {
    if (threads[t].now == where) threads[t].now = state::ready;
  }
  return waits;
}

inline void run_block(std::size_t count) {
  machine& m = the_machine();
  start(count);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937_64 random(m.seed++);
  for (;;) {
    std::shuffle(order.begin(), order.end(), random);
    for (std::size_t const t : order) {
      if (m.threads[t].now == state::ready) resume(t);
    }
    bool const all_done =
        std::all_of(m.threads.begin(), m.threads.begin() + static_cast<std::ptrdiff_t>(count),
                    [](fibre const& f) { return f.now == state::done; });
    if (all_done) return;
    bool released = false;
    for (std::size_t warp = 0; warp < count; warp += 32)
      released |= release(warp, std::min(count, warp + 32), state::at_warp_barrier);
    if (!released && !release(0, count, state::at_barrier)) {
      std::fputs("cuda_emulator: threads wait at different barriers\n", stderr);
      std::abort();
    }
  }
}

template <class T>
T* require_aligned(T* address) {
  if (reinterpret_cast<std::uintptr_t>(address) % alignof(T) == 0) return address;
  std::fputs("cuda_emulator: misaligned address\n", stderr);
  std::abort();
}

inline cudaError_t take_error() {
  return std::exchange(the_machine().next_error, cudaSuccess);
}

/// Does the work, or keeps it for a graph where the stream is captured. As with CUDA, the default
/// stream may not be used meanwhile, unless the captured one does not wait for it.
template <class Work>
cudaError_t enqueue(cudaStream_t stream, Work const& work) {
  machine& m = the_machine();
  if (auto const error = take_error(); error != cudaSuccess) return error;
  if (m.captured != nullptr && stream == m.captured) {
    m.capture->work.push_back(work);
    return cudaSuccess;
  }
  if (m.captured != nullptr && stream == nullptr && m.captured->flags == cudaStreamDefault) {
    m.capture_is_valid = false;
    return cudaErrorStreamCaptureImplicit;
  }
  work();
  return cudaSuccess;
}

template <class T>
T shuffled_down(T value, unsigned distance) {
  static_assert(sizeof(T) <= sizeof(fibre::exchanged));
  machine& m = the_machine();
  std::size_t const me = m.running, from = me % 32 + distance < 32 ? me + distance : me;
  std::memcpy(m.threads[me].exchanged, &value, sizeof(value));
  suspend(state::at_warp_barrier);
  std::memcpy(&value, m.threads[from].exchanged, sizeof(value));
  suspend(state::at_warp_barrier);
  return value;
}

}  // namespace cuda_emulator

inline void __syncthreads() {
  cuda_emulator::suspend(cuda_emulator::state::at_barrier);
}
inline void __threadfence() {}
template <class T>
T __shfl_down_sync(unsigned, T value, unsigned distance) {
  return cuda_emulator::shuffled_down(value, distance);
}
inline unsigned atomicInc(unsigned* counter, unsigned last) {
  return std::exchange(*counter, *counter >= last ? 0 : *counter + 1);
}
template <class T>
T __ldcs(T const* from) {
  return *cuda_emulator::require_aligned(from);
}
template <class T>
T __ldcg(T const* from) {
  return *cuda_emulator::require_aligned(from);
}
template <class T>
void __stcs(T* to, T value) {
  *cuda_emulator::require_aligned(to) = value;
}
inline float __fadd_rn(float a, float b) {
  return a + b;
}
inline double __dadd_rn(double a, double b) {
  return a + b;
}

inline char const* cudaGetErrorString(cudaError_t) {
  return "an emulated error";
}
inline cudaError_t cudaGetLastError() {
  return cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void* to, void const* from, std::size_t bytes, cudaMemcpyKind,
                                   cudaStream_t stream) {
  return cuda_emulator::enqueue(stream, [=] {
    if (bytes > 0) std::memcpy(to, from, bytes);
  });
}
inline cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return cuda_emulator::enqueue(stream, [=] { std::memset(to, value, bytes); });
}
template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(cudaLaunchConfig_t const* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  dim3 const blocks = config->gridDim, threads = config->blockDim;
  if (blocks.x == 0 || threads.x == 0 || threads.x > 1024) return cudaErrorInvalidConfiguration;
  cudaStream_t const stream = config->stream;
  auto const run = [=, kept = std::tuple<Parameters...>(arguments...)] {
    auto& m = cuda_emulator::the_machine();
    ++m.launches;
    m.last_stream = stream;
    blockDim = threads;
    gridDim = blocks;
    m.body = [&] { std::apply(kernel, kept); };
    std::vector<unsigned> order(blocks.x);
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(m.seed++));
    for (unsigned const block : order) {
      blockIdx = {block, 0, 0};
      cuda_emulator::run_block(threads.x);
    }
  };
  return cuda_emulator::enqueue(stream, run);
}

inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  *stream = new emulated_stream{flags};
  return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
inline cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  auto& m = cuda_emulator::the_machine();
  m.captured = stream;
  m.capture = new emulated_graph;
  m.capture_is_valid = true;
  return cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  auto& m = cuda_emulator::the_machine();
  m.captured = nullptr;
  *graph = std::exchange(m.capture, nullptr);
  if (m.capture_is_valid) return cudaSuccess;
  delete std::exchange(*graph, nullptr);
  return cudaErrorStreamCaptureInvalidated;
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t* to, cudaGraph_t graph) {
  *to = new emulated_executable_graph{*graph};
  return cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t) {
  for (auto const& work : graph->work)
    work();
  return cudaSuccess;
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  delete graph;
  return cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
