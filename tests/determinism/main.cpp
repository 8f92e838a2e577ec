// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
//
// Calls every public function and prints a hash of what comes out, a line each.
// usage: determinism [seq|openmp|pool [THREADS]]

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <determinism/hashes.hpp>
#include <string_view>
#include <thread>

namespace determinism {

void hashes::print() const {
  for (auto const& [name, hash] : all_)
    std::printf("%s %016llx\n", name.c_str(), static_cast<unsigned long long>(hash));
}

std::uint64_t& hashes::of(char const* name) {
  for (auto& [known, hash] : all_) {
    if (known == name) return hash;
  }
  all_.emplace_back(name, 0xcbf29ce484222325u);
  return all_.back().second;
}

namespace {

any_executor executor_of(std::string_view kind, int threads) {
  if (kind == "pool") {
    return {[threads](std::size_t count, any_executor::chunk const& f) {
      std::atomic<std::size_t> next{0};
      std::vector<std::thread> pool;
      for (int t = 0; t < threads; ++t) {
        pool.emplace_back([&] {
          for (std::size_t i; (i = next++) < count;)
            f(i);
        });
      }
      for (auto& thread : pool)
        thread.join();
    }};
  }
#if defined(_OPENMP)
  if (kind == "openmp") {
    return {[threads](std::size_t count, any_executor::chunk const& f) {
      detent::openmp_policy(threads).bulk(count, f);
    }};
  }
#endif
  return {[](std::size_t count, any_executor::chunk const& f) { detent::seq.bulk(count, f); }};
}

}  // namespace
}  // namespace determinism

int main(int argc, char** argv) {
#if defined(__AVX512F__)
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl")) return 77;
#elif defined(__AVX2__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 77;
#endif
  using namespace determinism;
  std::string_view const kind = argc > 1 ? argv[1] : "seq";
  int const threads = argc > 2 ? std::atoi(argv[2]) : 1;
  any_executor executor = executor_of(kind, threads);
  hashes h;
  scalars(h);
  functors(h);
  operations(h, executor, threads);
  drawing_operations(h, executor);
  statistics(h, executor);
  training(h, executor);
  h.print();
  return 0;
}
