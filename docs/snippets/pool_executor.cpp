// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Your own thread pool runs the chunks of every verb, and the bits stay the same.

#include <cstdio>
#include <detent/detent.hpp>
#include <snippets/pool_executor.hpp>
#include <snippets/thread_pool.hpp>
#include <vector>

int main() {
  std::vector<float> w(1000000), g(w.size()), same(w.size());
  for (std::size_t i = 0; i < w.size(); ++i)
    w[i] = static_cast<float>(i % 2001) / 1000.0f - 1.0f;
  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{4})};

  thread_pool pool{7};
  pool_executor<thread_pool> threads{pool, 7};
  double const parallel = detent::accumulate(detent::on(threads), reg, w, g, 1.0).value;
  double const alone = detent::accumulate(reg, w, same, 1.0).value;

  std::printf("penalty %.1f\n", parallel);
  std::printf("same bits: %s\n", parallel == alone && g == same ? "yes" : "no");
}
