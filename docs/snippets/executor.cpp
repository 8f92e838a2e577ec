// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Your own threads: anything with `bulk(count, f)` runs the chunks, and the bits stay the same.

#include <atomic>
#include <cstdio>
#include <detent/detent.hpp>
#include <thread>
#include <vector>

/// Calls f(0) … f(count - 1) on four threads. An application hands them to its pool instead.
struct four_threads {
  template <class F>
  void bulk(std::size_t count, F f) {
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> team;
    for (int t = 0; t < 4; ++t)
      team.emplace_back([&] {
        for (std::size_t i; (i = next++) < count;)
          f(i);
      });
    for (std::thread& member : team)
      member.join();
  }
};

int main() {
  std::vector<float> w(1000000), g(w.size()), same(w.size());
  for (std::size_t i = 0; i < w.size(); ++i)
    w[i] = static_cast<float>(i % 2001) / 1000.0f - 1.0f;
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{4})};

  four_threads threads;
  double const parallel = detent::accumulate(detent::on(threads), reg, w, g, 1.0).value;
  double const alone = detent::accumulate(reg, w, same, 1.0).value;

  std::printf("penalty %.1f\n", parallel);
  std::printf("same bits: %s\n", parallel == alone && g == same ? "yes" : "no");
}
