// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
//
// Runs the plain object's operations, beside which another object with other flags is linked, and
// prints a hash of all their bits:
//
//     linked           the plain object's, which must not depend on the other object
//     linked other     the other object's
//     linked shared    whether a limit set by either object holds for both
//     linked caught    whether this object catches the errors of both

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <detent/error.hpp>
#include <flags/operations.hpp>
#include <vector>

namespace {

constexpr std::size_t size = 4096 + 68;  // more than a row of lanes, with a rest

/// Numbers within ±1.2.
std::vector<float> weights(std::uint32_t seed) {
  std::vector<float> w(size);
  for (float& x : w) {
    seed = seed * 1664525u + 1013904223u;
    x = static_cast<float>(seed >> 8) * (2.4f / 16777216.0f) - 1.2f;
  }
  return w;
}

std::uint64_t hash_of(void const* data, std::size_t bytes, std::uint64_t hash) {
  auto const* const byte = static_cast<unsigned char const*>(data);
  for (std::size_t i = 0; i < bytes; ++i)
    hash = (hash ^ byte[i]) * 1099511628211u;
  return hash;
}

void print_bits_of(void (*operations)(operations_memory&)) {
  auto const w = weights(1), upstream = weights(2);
  std::vector<float> out(operations_memory::tensors * size);
  std::vector<std::uint8_t> bytes(4 * size);
  std::vector<double> numbers(operations_memory::most_numbers);
  operations_memory memory{w.data(),     upstream.data(), size, out.data(),
                           bytes.data(), numbers.data(),  0,    0};
  operations(memory);
  std::uint64_t hash = 14695981039346656037u;
  hash = hash_of(numbers.data(), memory.count * sizeof(double), hash);
  hash = hash_of(out.data(), memory.used * size * sizeof(float), hash);
  hash = hash_of(bytes.data(), bytes.size(), hash);
  std::printf("%zu numbers, %zu tensors, %016llx\n", memory.count, memory.used,
              static_cast<unsigned long long>(hash));
}

/// Every limit is seen by the other object; 2 exceeds no machine's best.
int check_shared() {
  int const best = active_plain();
  limit_other(0);
  if (active_plain() != 0 || active_other() != 0) return 1;
  limit_plain(2);
  if (active_plain() != best || active_other() != best) return 2;
  std::puts("shared");
  return 0;
}

bool is_caught(void (*refuse)()) {
  try {
    refuse();
  } catch (detent::invalid_argument const&) {
    return true;
  } catch (...) {
  }
  return false;
}

int check_caught() {
  if (!is_caught(refuse_plain) || !is_caught(refuse_other)) return 1;
  std::puts("caught");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "shared") == 0) return check_shared();
  if (argc > 1 && std::strcmp(argv[1], "caught") == 0) return check_caught();
  print_bits_of(argc > 1 && std::strcmp(argv[1], "other") == 0 ? operations_other
                                                               : operations_plain);
}
