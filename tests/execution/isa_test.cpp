// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Instruction sets: the same bits on each of them, the limit, the environment variable.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <detent/detent.hpp>
#include <filesystem>
#include <string>
#include <support/tensors.hpp>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#endif

using detent::bits;
using detent::isa;

namespace {

/// Restores what was in use.
class with_isa {
 public:
  explicit with_isa(isa level) : before_(detent::active_isa()) { detent::limit_isa(level); }
  ~with_isa() { detent::limit_isa(before_); }
  with_isa(with_isa const&) = delete;
  with_isa& operator=(with_isa const&) = delete;

 private:
  isa before_;
};

struct everything {
  std::vector<double> numbers;
  std::vector<std::uint64_t> checksums;
};

template <class T>
void add(everything& all, std::size_t size) {
  auto const w = tensors::random<T>(size, size + 5, 1.7);
  auto const upstream = tensors::random<T>(size, size + 6);
  auto const m = detent::reduce(detent::magnitude{}, w);
  auto const moments = detent::reduce(detent::moments{}, w);
  for (double const x : {m.maximum(), m.mean(), moments.mean(), moments.fourth()})
    all.numbers.push_back(x);
  for (int const b : {1, 3}) {
    detent::dorefa_weights const q{bits{b}, m, 0.6};
    std::vector<T> g(size), out(size), back(size), periodic(size);
    all.numbers.push_back(detent::accumulate(detent::matched(q), w, g, 0.3).value);
    all.numbers.push_back(
        detent::accumulate(detent::sinusoidal<detent::extent::periodic>{q.grid()}, w, periodic, 0.3)
            .value);
    detent::quantize(q, w, out);
    detent::backward(q, w, upstream, back);
    auto const error = detent::reduce(detent::quantization_error{q}, w);
    all.numbers.push_back(error.mean_squared_error());
    all.numbers.push_back(error.on_grid_fraction());
    detent::snap(q.grid(), g);
    for (auto const& x : {g, out, back, periodic})
      all.checksums.push_back(tensors::checksum(x));
  }
}

[[maybe_unused]] everything results() {
  everything all;
  for (std::size_t const size : {1u, 63u, 64u, 65u, 1023u, 1088u, 8193u, 20011u}) {
    add<float>(all, size);
    add<double>(all, size);
    add<detent::half>(all, size);
    add<detent::bfloat16>(all, size);
  }
  return all;
}

}  // namespace

TEST_CASE("isa: the same bits on every instruction set that this machine has") {
#if defined(DETENT_TEST_FAST_MATH)
  MESSAGE("skipped: -ffast-math gives every instruction set its own rounding");
#else
  everything const best = results();
  for (isa const level : {isa::baseline, isa::avx2, isa::avx512}) {
    with_isa const scope(level);
    if (detent::active_isa() != level) {
      MESSAGE("skipped: this machine lacks instruction set ", static_cast<int>(level));
      continue;
    }
    everything const here = results();
    CHECK(here.checksums == best.checksums);
    CHECK(tensors::same_bits(here.numbers, best.numbers));
  }
#endif
}

TEST_CASE("isa: a limit never gives more than the machine has") {
  for (isa const level : {isa::baseline, isa::avx2, isa::avx512}) {
    with_isa const scope(level);
    CHECK(detent::active_isa() == std::min(level, detent::supported_isa()));
  }
}

TEST_CASE("isa: the child of the test below reports what is in use" * doctest::skip()) {
  char const* const expected = std::getenv("DETENT_TEST_EXPECTED_ISA");
  REQUIRE(expected != nullptr);
  CHECK(std::to_string(static_cast<int>(detent::active_isa())) == expected);
}

TEST_CASE("isa: the environment variable DETENT_ISA limits a process") {
#if !defined(__linux__) || !DETENT_ISA_DISPATCH
  MESSAGE("skipped: needs /proc/self/exe, and instruction sets to choose from");
#else
  auto const program = std::filesystem::read_symlink("/proc/self/exe").string();
  auto const child_sees = [&](std::string const& value, isa expected) {
    std::string const command = "DETENT_ISA='" + value + "' DETENT_TEST_EXPECTED_ISA=" +
                                std::to_string(static_cast<int>(expected)) + " '" + program +
                                "' --no-skip --test-case='isa: the child of*' > /dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  };
  isa const best = detent::supported_isa();
  CHECK(child_sees("baseline", isa::baseline));
  CHECK(child_sees("avx2", std::min(isa::avx2, best)));
  CHECK(child_sees("avx512", best));
  CHECK(child_sees("", best));
  CHECK(child_sees("something else", best));
  if (best != isa::baseline) CHECK_FALSE(child_sees("baseline", best));
#endif
}

#if DETENT_ISA_DISPATCH
namespace {

/// The instruction sets by the processor's own words, without the compiler's library: a bit for
/// each instruction set, and one of the operating system for the registers.
isa isa_by_cpuid() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return isa::baseline;
  bool const has_fma = (ecx >> 12 & 1) != 0, has_xgetbv = (ecx >> 27 & 1) != 0;
  if (!has_fma || !has_xgetbv) return isa::baseline;
  unsigned registers = 0, upper = 0;
  asm volatile("xgetbv" : "=a"(registers), "=d"(upper) : "c"(0));
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return isa::baseline;
  auto const has = [&](int bit) { return (ebx >> bit & 1) != 0; };
  bool const has_avx2 = has(5) && (registers & 0x06) == 0x06;
  bool const has_avx512 =
      has(16) && has(17) && has(30) && has(31) && (registers & 0xe6) == 0xe6;  // F, DQ, BW, VL
  if (!has_avx2) return isa::baseline;
  return has_avx512 ? isa::avx512 : isa::avx2;
}

}  // namespace
#endif

TEST_CASE("isa: what the processor says it has is found") {
#if !DETENT_ISA_DISPATCH
  CHECK(detent::supported_isa() == isa::baseline);
#else
  CHECK(detent::supported_isa() == isa_by_cpuid());
#endif
}
