// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Two threads of OpenMP with a race between them where there is an argument, without one otherwise.

#include <cstddef>
#include <vector>

int main(int count, char**) {
  const bool with_race = count > 1;
  std::vector<double> values(1000, 1.0);
  double unguarded = 0;
#pragma omp parallel for num_threads(2) schedule(static)
  for (int i = 0; i < 1000; ++i) {
    if (with_race) {
      unguarded += values[static_cast<std::size_t>(i)];
    } else {
      values[static_cast<std::size_t>(i)] *= 2;
    }
  }
  // Backwards, so that each thread reads what the other wrote: no race, because of the barrier.
  double sum = 0;
#pragma omp parallel for num_threads(2) schedule(static) reduction(+ : sum)
  for (int i = 999; i >= 0; --i)
    sum += values[static_cast<std::size_t>(i)];
  return sum + unguarded > 0 ? 0 : 1;
}
