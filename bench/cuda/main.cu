// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// bench_cuda: what docs/performance_cuda.md shows, as JSON on standard output.
// usage: bench_cuda [--largest POWER] [--rounds N] [--seconds N] [--group NAME]
// Exit status: 0; 1 where host and device differ or CUDA fails; 2 for the usage; 77 without a GPU,
// or 1 where DETENT_REQUIRE_GPU is 1.

#include <bench/cuda/contest.cuh>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

namespace {

using bench::cuda::options;
using bench::cuda::require;
using bench::cuda::session;

struct group {
  char const* name;
  void (*run)(session&);
};
/// What has a target first, in case that time runs out.
constexpr group groups[] = {{"float", bench::cuda::compare_floats},
                            {"bfloat16", bench::cuda::compare_bfloat16s},
                            {"layers", bench::cuda::compare_layers},
                            {"verbs", bench::cuda::compare_verbs},
                            {"others", bench::cuda::compare_other_types}};

int status_without_device() {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) == cudaSuccess && devices > 0) return 0;
  std::fputs("bench_cuda: no GPU here, nothing was measured\n", stderr);
  char const* const must = std::getenv("DETENT_REQUIRE_GPU");
  return must != nullptr && std::strcmp(must, "1") == 0 ? 1 : 77;
}

void print_device(options const& o) {
  cudaDeviceProp device;
  int driver = 0, runtime = 0;
  require(cudaGetDeviceProperties(&device, 0), "properties of the device");
  require(cudaDriverGetVersion(&driver), "version of the driver");
  require(cudaRuntimeGetVersion(&runtime), "version of the runtime");
  std::printf(
      "{\"compiler\": \"nvcc %d.%d\", \"rounds\": %d, \"device\": {\"name\": \"%s\", "
      "\"capability\": \"%d.%d\", \"multiprocessors\": %d, \"cache_bytes\": %d, "
      "\"memory_bytes\": %zu, \"driver\": %d, \"runtime\": %d}",
      __CUDACC_VER_MAJOR__, __CUDACC_VER_MINOR__, o.rounds, device.name, device.major, device.minor,
      device.multiProcessorCount, device.l2CacheSize, device.totalGlobalMem, driver, runtime);
}

int measure(options const& o) {
  print_device(o);
  session s(o);
  std::printf(",\n\"bits\": [");
  bool const is_equal = !o.wants("bits") || bench::cuda::check_bits(s);
  std::printf("],\n\"rows\": [");
  for (group const& g : groups)
    if (is_equal && o.wants(g.name)) g.run(s);
  std::printf("],\n\"skipped\": [%s]}\n", s.skipped().c_str());
  if (!is_equal) std::fputs("bench_cuda: host and device differ, nothing was measured\n", stderr);
  return is_equal ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  if (!parse(argc, argv, o)) {
    std::fprintf(stderr, "%s\n", bench::cuda::usage);
    return 2;
  }
  if (int const status = status_without_device(); status != 0) return status;
  try {
    return measure(o);
  } catch (std::exception const& error) {
    std::fprintf(stderr, "bench_cuda: %s\n", error.what());
    return 1;
  }
}
